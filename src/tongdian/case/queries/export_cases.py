"""Load cases for an export: each with its timeline, its clock as of one moment, its deadlines and its documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef

from tongdian.case.models import Case, Deadline, Document, Event, Party
from tongdian.case.queries import clock
from tongdian.case.queries.calendar import calendar, calendar_of
from tongdian.engine.clock import Reading
from tongdian.engine.clock.event import Counted, counted_events
from tongdian.policy import NoRuling

CHUNK = 200


@dataclass(frozen=True)
class ExportedCase:
    """A case at its version, with everything an export tells of it.

    `reading` is None where the book has no clock for the class. `counted` gives, by seq, the kind and the time of an
    event that count, corrections applied. `deadlines` holds every revision, oldest first. `names_firm` says that a
    firm is known to apply: only then may the title leave.
    """

    case: Case
    events: tuple[Event, ...]
    reading: Reading | None
    counted: Mapping[int, Counted]
    deadlines: tuple[Deadline, ...]
    documents: tuple[Document, ...]
    names_firm: bool

    @property
    def name(self) -> str:
        """What the case is called in a log: its number, before it has one its id."""
        return str(self.case)


def exported(case_ids: Iterable[UUID], *, as_of: datetime) -> Iterator[ExportedCase]:
    """Yield the cases of these ids in their order; those that do not exist are left out.

    Causes four queries for every 200 cases. Events recorded after the case was read are left out, so that each case
    is whole at one version.
    """
    ids = iter(case_ids)
    while chunk := list(islice(ids, CHUNK)):
        yield from _chunk(chunk, as_of)


def _chunk(ids: Sequence[UUID], as_of: datetime) -> Iterator[ExportedCase]:
    firms = Party.objects.filter(case=OuterRef("pk"), role=Party.Role.APPLICANT, kind=Party.Kind.ORGANISATION)
    rows = Case.objects.filter(pk__in=ids).select_related("utility").annotate(by_firm=Exists(firms))
    cases = {row.pk: row for row in rows.order_by("pk")}
    events = _by_case(Event.objects.filter(case__in=ids).select_related("organisation").order_by("case_id", "seq"))
    deadlines = _by_case(Deadline.objects.filter(case__in=ids).order_by("stage", "instance", "revision"))
    documents = _by_case(
        Document.objects.filter(case__in=ids).defer("name").select_related("file").order_by("uploaded_at", "id")
    )
    for case_id in ids:
        if case := cases.get(case_id):
            known = tuple(event for event in events[case_id] if event.seq <= case.version)
            yield _exported(case, known, tuple(deadlines[case_id]), tuple(documents[case_id]), as_of)


def _by_case(rows: Iterable[Event | Deadline | Document]) -> dict[UUID, list]:  # type: ignore[type-arg]
    found: dict[UUID, list] = defaultdict(list)  # type: ignore[type-arg]
    for row in rows:
        assert row.case_id is not None  # noqa: S101 - filtered by case
        found[row.case_id].append(row)
    return found


def _exported(
    case: Case,
    events: tuple[Event, ...],
    deadlines: tuple[Deadline, ...],
    documents: tuple[Document, ...],
    as_of: datetime,
) -> ExportedCase:
    reading, counted = _clock(case, events, deadlines, as_of)
    return ExportedCase(
        case=case,
        events=events,
        reading=reading,
        counted=counted,
        deadlines=deadlines,
        documents=documents,
        names_firm=bool(getattr(case, "by_firm", False)),
    )


def _clock(
    case: Case, events: Sequence[Event], deadlines: Sequence[Deadline], as_of: datetime
) -> tuple[Reading | None, dict[int, Counted]]:
    try:
        by = clock.standard(case, on=case.judged_date or clock.local_date(case.opened_at))
    except NoRuling:
        return None, {}
    limits = {**by.limits, **clock.kept_limits(case, [each for each in deadlines if each.superseded_at is None])}
    known = calendar_of(case.calendar_version) if case.calendar_version else calendar()
    moment = max([as_of, *(event.recorded_at for event in events[-1:])])
    reading = clock.read(case, events, by, known=known, limits=limits, as_of=moment)
    facts, _ = counted_events(clock.clock_events(events, by), as_of=moment)
    return reading, {each.event.seq: each for each in facts}
