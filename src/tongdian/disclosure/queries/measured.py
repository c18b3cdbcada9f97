"""Measure the cases of a month: what the clock says of each at the month's end, by what was known at a moment.

The same moment, rules and calendar give the same answer for ever: events recorded later are left out, deadlines are
taken as they were then, and corrections recorded by then count.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from tongdian.case.models import Case, ContactLink, Deadline, Event
from tongdian.case.queries import clock
from tongdian.case.queries.calendar import calendar, calendar_of
from tongdian.disclosure.rules.cells import Cell
from tongdian.disclosure.rules.months import Month
from tongdian.disclosure.rules.rows import MeasuredCase, StageSum, Why
from tongdian.engine.clock import ClockEvent, Reading, StageInstance, replay
from tongdian.engine.clock.event import Counted, counted_events
from tongdian.policy import NoRuling

CHUNK = 200
# The worst verdict of a stage's instances speaks for the stage.
WORST_FIRST = ("late", "unclear", "withdrawn", "running", "on_time", "no_limit")
Row = TypeVar("Row", Event, Deadline)


@dataclass(frozen=True)
class Known:
    """What is measured with: the month, and the moment up to which events and deadlines are known."""

    month: Month
    at: datetime

    @property
    def until(self) -> datetime:
        return self.month.next.begins(settings.TIME_ZONE)


def measured(month: Month, *, known_at: datetime, kind: str) -> Iterator[MeasuredCase]:
    """Yield the cases of a kind that closed in the month, finished a stage in it, or were open and late at its end.

    A class the book has no clock for on its day is left out. Causes four queries for every 200 cases looked at.
    """
    known = Known(month, known_at)
    ids = _candidates(known, kind).values_list("pk", flat=True).order_by("pk").iterator(chunk_size=2000)
    while chunk := list(islice(ids, CHUNK)):
        yield from _chunk(chunk, known)


def _candidates(known: Known, kind: str) -> QuerySet[Case]:
    """Narrow down by the cached columns; generously, because a correction may have moved an end since."""
    begins = known.month.previous.begins(settings.TIME_ZONE)
    return Case.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=begins), kind=kind, version__gt=0, opened_at__lt=known.until
    ).exclude(customer_class="")


def _chunk(ids: Sequence[UUID], known: Known) -> Iterator[MeasuredCase]:
    cases = Case.objects.filter(pk__in=ids).select_related("utility").order_by("pk")
    events = _by_case(Event.objects.filter(case__in=ids, recorded_at__lte=known.at).order_by("case_id", "seq"))
    in_force = Q(superseded_at=None) | Q(superseded_at__gt=known.at)
    deadlines = _by_case(
        Deadline.objects.filter(in_force, case__in=ids, computed_at__lte=known.at).order_by("started_at", "pk")
    )
    contacted = dict(
        ContactLink.objects.filter(case__in=ids, linked_at__lte=known.at)
        .values_list("case_id")
        .annotate(first_at=Min("contact__at"))
        .order_by("case_id")
    )
    for case in cases:
        found = _measured(case, events[case.pk], deadlines[case.pk], known) if events[case.pk] else None
        if found:
            first = _day(contacted.get(case.pk))
            yield replace(found, contact_days=_apart(first, found.accepted_date))


def _by_case(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _measured(case: Case, events: Sequence[Event], deadlines: Sequence[Deadline], known: Known) -> MeasuredCase | None:
    reading = _reading(case, events, deadlines, known)
    why = _why(reading, known) if reading else None
    if reading is None or why is None:
        return None
    accepted, ended = _day(reading.accepted_at), _day(reading.ended_at)
    return MeasuredCase(
        case_id=case.pk,
        cell=Cell(case.county_code, case.utility.code, case.customer_class),
        why=why,
        counting_unit=reading.definition.counting.unit,
        accepted_date=accepted,
        closed_date=ended,
        verdict=reading.verdict,
        total_limit_days=reading.total_limit_days,
        utility_days=reading.utility_days,
        customer_days=reading.customer_days,
        agency_days=reading.agency_days,
        force_majeure_days=reading.force_majeure_days,
        whole_days=reading.whole_days,
        whole_calendar_days=_apart(accepted, ended or clock.local_date(known.until)),
        contact_days=None,
        is_provisional=reading.is_provisional,
        is_corrected=any(event.kind == clock.CORRECTION for event in events),
        stages=_stages(reading, known),
        pauses=_pauses(reading),
    )


def _reading(case: Case, events: Sequence[Event], deadlines: Sequence[Deadline], known: Known) -> Reading | None:
    """Read the clock at the end of the month from the events as they are known, each at the time that counts.

    Corrections and accepted times are applied first, so that a correction recorded after the month's end counts while
    what happened after it does not.
    """
    try:
        by = clock.standard(case, on=case.judged_date or clock.local_date(case.opened_at))
    except NoRuling:
        return None
    facts, _ = counted_events(clock.clock_events(events, by), as_of=known.at)
    happened = [_as_counted(each) for each in facts if each.at < known.until]
    limits = {**by.limits, **clock.kept_limits(case, deadlines)}
    days = calendar_of(case.calendar_version) if case.calendar_version else calendar()
    before = clock.inherited(case, by.definition, days)
    return replay(happened, by.definition, days, limits, known.until, inherited=before)


def _as_counted(fact: Counted) -> ClockEvent:
    event = fact.event
    return ClockEvent(seq=event.seq, kind=event.kind, recorded_at=fact.at, owner=event.owner, reason=event.reason)


def _why(reading: Reading, known: Known) -> Why | None:
    if reading.ended_at is not None:
        if not known.month.holds(_day(reading.ended_at)):
            return None
        return "withdrawn" if reading.state == "withdrawn" else "closed"
    if reading.verdict == "late":
        return "open_late"
    finished = any(known.month.holds(_day(each.stopped_at)) for each in reading.stages)
    return "stage_finished" if finished else None


def _stages(reading: Reading, known: Known) -> dict[str, StageSum]:
    found: dict[str, list[StageInstance]] = defaultdict(list)
    for instance in reading.stages:
        found[instance.stage].append(instance)
    return {stage: _sum(instances, known) for stage, instances in found.items()}


def _sum(instances: Sequence[StageInstance], known: Known) -> StageSum:
    until = clock.local_date(known.until)
    apart = [_apart(_day(each.started_at), _day(each.stopped_at) or until) for each in instances]
    return StageSum(
        instances=len(instances),
        used_days=sum(each.used_days for each in instances),
        calendar_days=sum(days for days in apart if days is not None),
        limit_days=instances[-1].limit_days,
        verdict=min((each.verdict for each in instances), key=WORST_FIRST.index),
    )


def _pauses(reading: Reading) -> dict[str, int]:
    """Sum the days of the pauses by reason: holds and gaps between stages have labels of their own."""
    days: dict[str, int] = defaultdict(int)
    for span in reading.spans:
        days[span.label] += span.days
    return dict(days)


def _day(moment: datetime | None) -> date | None:
    return clock.local_date(moment) if moment else None


def _apart(since: date | None, until: date | None) -> int | None:
    return (until - since).days if since and until else None
