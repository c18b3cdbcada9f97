"""Write a case: open it, lock it, record what happened in it, number it, assign it.

`record` is the one way every kind of case changes. Within one transaction it locks the row, checks the version the
writer saw and that the event is legal, appends exactly one event, and brings deadlines and cached columns up to date.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection, transaction

from tongdian.case import kinds, rules
from tongdian.case.models import CalendarNotice, Case, Event, NumberCounter
from tongdian.case.operations import correcting, deadlines, search, timeline
from tongdian.case.queries.calendar import calendar
from tongdian.case.queries.cases import ChangeSince, changes_since
from tongdian.case.queries.clock import History, local_date
from tongdian.engine.clock import NotWithdrawn
from tongdian.kernel.identifiers import case_number
from tongdian.people.models import Organisation, User

# The columns an event may change; all others follow from the timeline.
CHANGEABLE = frozenset(
    {"address", "applicant", "assignee", "customer_class", "project_manager", "title", "utility", "zone"}
)

_NEXT_NUMBER = f"""
INSERT INTO {NumberCounter._meta.db_table} AS counter (county_code, year, last) VALUES (%s, %s, 1)
ON CONFLICT (county_code, year) DO UPDATE SET last = counter.last + 1
RETURNING last
"""  # noqa: S608 - the table name is ours
# Spelled out: with every event recorded, a queryset built anew would cost more than the row. The notices are counted
# beside it, so that the calendar costs no statement of its own where there are none.
_LOCK = f"""
SELECT *, (SELECT count(*) FROM {CalendarNotice._meta.db_table} WHERE confirmed_at IS NOT NULL) AS confirmed_notices
FROM {Case._meta.db_table} WHERE id = %s FOR NO KEY UPDATE
"""  # noqa: S608 - the table names are ours


class StaleCase(RuntimeError):
    """The case has changed since the writer looked at it; `changes` say who did what and when, oldest first."""

    def __init__(self, number: str, expected: int, version: int, changes: Sequence[ChangeSince]) -> None:
        told = "; ".join(f"{each.kind} by {each.actor or 'the system'} at {each.recorded_at}" for each in changes)
        super().__init__(f"case {number} is at version {version}, not {expected}: {told}; look again before writing")
        self.number, self.expected, self.version, self.changes = number, expected, version, tuple(changes)


class NotChangeable(ValueError):
    """An event was to change a column that follows from the timeline, or that does not exist."""

    def __init__(self, columns: Iterable[str]) -> None:
        names = ", ".join(sorted(columns))
        super().__init__(f"an event cannot change {names}; possible: {', '.join(sorted(CHANGEABLE))}")
        self.columns = tuple(sorted(columns))


class AlreadyNumbered(RuntimeError):
    def __init__(self, number: str) -> None:
        super().__init__(f"case {number} has its number; a number is given once")
        self.number = number


class AlreadyAssigned(ValueError):
    def __init__(self, number: str, assignee: User | None) -> None:
        super().__init__(f"case {number} is assigned to {assignee or 'nobody'} already; choose somebody else")
        self.number, self.assignee = number, assignee


def open_case(
    *,
    kind: str,
    customer_class: str,
    title: str,
    address: str,
    county_code: str,
    utility: Organisation,
    actor: User,
    now: datetime,
    applicant: User | None = None,
    zone: str = "",
    predecessor: Case | None = None,
    case_id: UUID | None = None,
) -> Case:
    """Create the row of a case in its kind's initial status, at version 0 and without a number.

    A case without an event is none: the caller goes on in the same transaction with parties and documents, `record`s
    the opening event and ends with `assign_number`. `title` and `address` are shown to staff and searched: no person's
    name belongs in the title. predecessor: the withdrawn case this one takes up again; the clock goes on from it.

    Raises NotInTransaction outside `transaction.atomic()`; UnknownKind when the kind is not registered; NotWithdrawn
    when the predecessor has not ended.
    """
    if not connection.in_atomic_block:
        raise timeline.NotInTransaction("open_case")
    if predecessor is not None and predecessor.is_open:
        raise NotWithdrawn("running")
    case = Case(
        kind=kind,
        status=kinds.get(kind).initial,
        customer_class=customer_class,
        title=title,
        address=address,
        county_code=county_code,
        zone=zone,
        utility=utility,
        applicant=applicant,
        opened_by=actor,
        opened_at=now,
        predecessor=predecessor,
    )
    if case_id is not None:
        case.id = case_id
    case.save(force_insert=True)
    return case


def record(
    case: Case,
    *,
    kind: str,
    actor: User | None,
    channel: str,
    body: Mapping[str, object],
    expected_version: int | None,
    now: datetime,
    role: str = "",
    organisation: Organisation | None = None,
    occurred_at: datetime | None = None,
    evidence: Sequence[str] = (),
    source: timeline.Source | None = None,
    changes: Mapping[str, object] | None = None,
) -> Event:
    """Record one event of a case and everything that follows from it, in one transaction; return the event.

    expected_version: the `version` the writer saw; None only for the system, which overwrites nobody's decision.
    changes: columns of the frame the event changes (see CHANGEABLE). now: when rows beside the event are dated; the
    event itself is dated by the database. The case passed in is brought up to date; its own rows of the kind are
    written by the caller in the same transaction.

    Raises StaleCase when the case has another version; IllegalTransition when the event may not happen in its status;
    UnknownStatus, NotChangeable; and what `timeline.append` and `queries.clock.standard` raise. Nothing is kept then.
    """
    with transaction.atomic():
        locked = lock(case.pk, expected_version=expected_version)
        before = dict(vars(locked))
        _advance(locked, kind)
        _change(locked, changes or {})
        event = timeline.append(
            locked,
            kind=kind,
            actor=actor,
            channel=channel,
            body=body,
            role=role,
            organisation=organisation,
            occurred_at=occurred_at,
            evidence=evidence,
            source=source,
        )
        # A new class or a recomputation drops the limits the case was given before.
        is_fresh = kind == "deadline.recomputed" or "customer_class" in (changes or {})
        _follow(locked, event, before=before, history=case.history, now=now, is_fresh=is_fresh)
        if {"title", "address"} & set(changes or {}):
            search.index(locked)
    _mirror(locked, onto=case)
    return event


def correct_event(
    case: Case,
    *,
    seq: int,
    reason: str,
    replacement: Mapping[str, object],
    actor: User,
    approver: User,
    channel: str,
    expected_version: int,
    now: datetime,
    role: str = "",
    evidence: Sequence[str] = (),
) -> Event:
    """Correct an event of the case and let the clock follow: `correcting.correct`, with everything `record` does.

    Raises CannotCorrect; and as `record`.
    """
    with transaction.atomic():
        locked = lock(case.pk, expected_version=expected_version)
        before = dict(vars(locked))
        _advance(locked, correcting.CORRECTION)
        event = correcting.correct(
            locked,
            seq=seq,
            reason=reason,
            replacement=replacement,
            actor=actor,
            approver=approver,
            channel=channel,
            role=role,
            evidence=evidence,
        )
        _follow(locked, event, before=before, history=case.history, now=now, is_fresh=False)
    _mirror(locked, onto=case)
    return event


def lock(case_id: UUID, *, expected_version: int | None = None) -> Case:
    """Lock the row of a case until the transaction ends and return it as it is now.

    Take it first when rows of the kind depend on the case; rows that merely refer to the case are not blocked.

    Raises Case.DoesNotExist; StaleCase when a version is expected and the case has another one.
    """
    case = next(iter(Case.objects.raw(_LOCK, [case_id])), None)
    if case is None:
        raise Case.DoesNotExist(f"no case {case_id}")
    if expected_version is not None and expected_version != case.version:
        raise StaleCase(str(case), expected_version, case.version, changes_since(case, expected_version))
    return case


def lock_many(case_ids: Iterable[UUID]) -> list[Case]:
    """Lock several cases in the order of their ids, so that two writers never wait for each other in a circle.

    Raises Case.DoesNotExist when one of them is missing.
    """
    wanted = set(case_ids)
    found = list(Case.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    if missing := wanted - {case.pk for case in found}:
        raise Case.DoesNotExist(f"no case {', '.join(sorted(map(str, missing)))}")
    return found


def assign_number(case: Case, *, now: datetime) -> str:
    """Give the case the next number of its county and year, let the search find it, and return the number.

    The last statement of a submission: the counter's row is locked from here to the commit, so that numbers have no
    gaps and the lock is short.

    Raises NotInTransaction outside `transaction.atomic()`, since a failure later must take the number back;
    AlreadyNumbered when the case has a number.
    """
    if not connection.in_atomic_block:
        raise timeline.NotInTransaction("assign_number")
    if case.number:
        raise AlreadyNumbered(case.number)
    year = local_date(now).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [case.county_code, year])
        serial = cursor.fetchone()[0]
    case.number = case_number(case.county_code, year, serial)
    case.save(update_fields=["number"])
    search.index(case)
    return case.number


def assign(
    case: Case,
    *,
    assignee: User | None,
    actor: User,
    channel: str,
    expected_version: int,
    now: datetime,
    role: str = "",
    column: Literal["assignee", "project_manager"] = "assignee",
    because: Mapping[str, object] | None = None,
) -> Event:
    """Hand the case to somebody, or to nobody, as account or as project manager; record who had it before and why.

    because: what the choice rests on, for the event's body.

    Raises AlreadyAssigned when nothing would change; and as `record`.
    """
    with transaction.atomic():
        before = getattr(lock(case.pk, expected_version=expected_version), column)
        if before == assignee:
            raise AlreadyAssigned(str(case), assignee)
        return record(
            case,
            kind="assignment.changed",
            actor=actor,
            role=role,
            channel=channel,
            body={
                "assigned_role": "account_manager" if column == "assignee" else column,
                "from_user_id": before and before.pk,
                "to_user_id": assignee and assignee.pk,
                **(because or {}),
            },
            expected_version=expected_version,
            now=now,
            changes={column: assignee},
        )


def _advance(case: Case, kind: str) -> None:
    """Set the status the event leads to."""
    of_kind = kinds.get(case.kind)
    case.status = rules.transition(of_kind, status=case.status, event_kind=kind, number=str(case))


def _follow(
    case: Case,
    event: Event,
    *,
    before: Mapping[str, object],
    history: History | None,
    now: datetime,
    is_fresh: bool,
) -> None:
    """Bring the version, the deadlines and the cached columns after an event, and save what has changed of the row.

    before: the columns as they were locked; history: what the writer knew of the case before the event.
    """
    if event.seq == 1:
        case.opened_at = event.source_recorded_at or event.recorded_at
    case.version = event.seq
    in_force = calendar(confirmed=vars(case)["confirmed_notices"])
    deadlines.refresh(case, event=event, now=now, in_force=in_force, history=history, keeps_limits=not is_fresh)
    columns = [each for each in Case._meta.concrete_fields if getattr(case, each.attname) != before[each.attname]]
    case.save(update_fields=[each.name for each in columns])


def _change(case: Case, changes: Mapping[str, object]) -> None:
    if refused := set(changes) - CHANGEABLE:
        raise NotChangeable(refused)
    for column, value in changes.items():
        setattr(case, column, value)


def _mirror(locked: Case, *, onto: Case) -> None:
    for column in Case._meta.concrete_fields:
        setattr(onto, column.attname, getattr(locked, column.attname))
    onto.history = locked.history
