"""Write the timeline: append, correct, found the installation, move a demonstration's clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from tongdian.case.models import Case, ClockChange, Event, Installation
from tongdian.case.timeline.canonical import canonical
from tongdian.case.timeline.personal import refuse_personal
from tongdian.people.models import Organisation, User

# Both spelled out: a demonstration, an import, every step of every case goes through them.
_MOVE = f"""
INSERT INTO {ClockChange._meta.db_table} (installation_id, clock_offset_s, reason)
SELECT id, ceil(extract(epoch FROM %s::timestamptz - clock_timestamp()))::bigint, %s FROM {Installation._meta.db_table}
RETURNING *
"""  # noqa: S608 - the table names are ours
_WRITTEN_BY_DATABASE = ("id", "seq", "recorded_at", "clock_offset_s", "prev_hash", "hash")
_GIVEN = tuple(each for each in Event._meta.concrete_fields if each.name not in _WRITTEN_BY_DATABASE)
_APPEND = f"""
INSERT INTO {Event._meta.db_table} ({", ".join(str(each.column) for each in _GIVEN)})
VALUES ({", ".join(["%s"] * len(_GIVEN))}) RETURNING {", ".join(_WRITTEN_BY_DATABASE)}
"""  # noqa: S608 - the names are ours


class NotInTransaction(RuntimeError):
    """An event was to be appended outside the transaction of the change it records."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind}: append an event inside transaction.atomic(), together with the change it records")
        self.kind = kind


class SourceEventExists(ValueError):
    """This event of the source system has been imported before."""

    def __init__(self, system: str, event_id: str) -> None:
        super().__init__(f"event {event_id!r} of {system!r} is already in a timeline; leave it out of the import")
        self.system, self.event_id = system, event_id


class InvalidEvidence(ValueError):
    """A piece of evidence is not named by its SHA-256."""

    def __init__(self, value: str) -> None:
        super().__init__(f"evidence {value!r}: expected a SHA-256 as 64 lower-case hex digits")
        self.value = value


@dataclass(frozen=True)
class Source:
    """Where an event was first recorded, if not here."""

    system: str
    event_id: str
    recorded_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One event to be appended by `append_many`."""

    case: Case
    kind: str
    actor: User | None
    channel: str
    body: Mapping[str, object]
    role: str = ""
    organisation: Organisation | None = None
    occurred_at: datetime | None = None
    evidence: Sequence[str] = ()
    source: Source | None = None


def append(
    case: Case,
    *,
    kind: str,
    actor: User | None,
    channel: str,
    body: Mapping[str, object],
    role: str = "",
    organisation: Organisation | None = None,
    occurred_at: datetime | None = None,
    evidence: Sequence[str] = (),
    source: Source | None = None,
) -> Event:
    """Append one event to the case's timeline and return it with its seq, recorded_at and hash.

    Locks the case row until the caller's transaction ends. `actor` None is the system itself; `role` and
    `organisation` say in which capacity the actor acted (organisation: default the actor's own); `evidence`
    is the SHA-256 of each document, in hex; `occurred_at` is a claim and starts no clock by itself.

    Raises NotInTransaction outside `transaction.atomic()`; PersonalData when the body names or contains personal
    data; NotCanonical when the body has no exact form; InvalidEvidence when a hash is not 64 lower-case hex digits;
    SourceEventExists when the source's event has been imported before.
    """
    entry = Entry(case, kind, actor, channel, body, role, organisation, occurred_at, evidence, source)
    _require_transaction(kind)
    event = _row(entry)
    if source is None:
        return _inserted(event)
    try:
        # A savepoint, so that an importer may name the duplicate and go on.
        with transaction.atomic():
            return _inserted(event)
    except IntegrityError as error:
        _raise_if_imported_before(error, source)
        raise


def append_many(entries: Iterable[Entry]) -> list[Event]:
    """Append many events with one statement, in the order given, and return them as `append` does.

    For importers and demonstrations; locks every case named until the transaction ends. All events get the clock
    of the moment, so history with differing instants needs one call per instant.

    Raises as `append`; for a source event imported before, IntegrityError as the database words it.
    """
    entries = list(entries)
    _require_transaction(entries[0].kind if entries else "append_many")
    # Sorted locks: two importers that name the same cases cannot wait for each other.
    cases = sorted({entry.case.pk for entry in entries})
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=cases).order_by("pk").values_list("pk"))
    return Event.objects.bulk_create(map(_row, entries), batch_size=1000)


def found_installation(*, kind: str, clock_offset: timedelta = timedelta()) -> Installation:
    """Write the one row that says what this database is for; it can never be changed.

    Raises IntegrityError when the row exists already, the kind is none of production, demonstration, test, or
    the offset is not zero in production.
    """
    return Installation.objects.create(kind=kind, clock_offset_s=_whole_seconds(clock_offset))


def set_clock(offset: timedelta, *, reason: str) -> ClockChange:
    """Set the installation's clock to database clock + offset [whole seconds], from now on, and record the change.

    Raises IntegrityError in a production installation.
    """
    return ClockChange.objects.create(
        installation=Installation.objects.get(), clock_offset_s=_whole_seconds(offset), reason=reason
    )


def move_clock_to(moment: datetime, *, reason: str) -> ClockChange:
    """Set the installation's clock so that it shows `moment`, or up to one second later.

    Raises IntegrityError in a production installation.
    """
    moved = ClockChange.objects.raw(_MOVE, [moment, reason])
    return moved[0]


def _require_transaction(kind: str) -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction(kind)


def _row(entry: Entry) -> Event:
    refuse_personal(entry.body)
    organisation_id = entry.organisation.pk if entry.organisation else getattr(entry.actor, "organisation_id", None)
    return Event(
        case=entry.case,
        kind=entry.kind,
        actor=entry.actor,
        role=entry.role,
        organisation_id=organisation_id,
        channel=entry.channel,
        occurred_at=entry.occurred_at,
        source_system=entry.source.system if entry.source else None,
        source_event_id=entry.source.event_id if entry.source else None,
        source_recorded_at=entry.source.recorded_at if entry.source else None,
        evidence=b"".join(map(_digest, entry.evidence)),
        body=canonical(entry.body),
    )


def _inserted(event: Event) -> Event:
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [getattr(event, each.attname) for each in _GIVEN])
        for name, value in zip(_WRITTEN_BY_DATABASE, cursor.fetchone(), strict=True):
            setattr(event, name, value)
    event._state.adding, event._state.db = False, connection.alias
    return event


def _digest(value: str) -> bytes:
    if len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise InvalidEvidence(value)
    return bytes.fromhex(value)


def _raise_if_imported_before(error: IntegrityError, source: Source) -> None:
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name == "case_event_source":
        raise SourceEventExists(source.system, source.event_id) from error


def _whole_seconds(offset: timedelta) -> int:
    return offset // timedelta(seconds=1)
