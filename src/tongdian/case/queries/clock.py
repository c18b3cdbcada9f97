"""Read the clock of a case: the rules it is judged by, its events as the clock sees them, the reading.

This is where policy and engine meet: rulings go in, numbers with units come out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from tongdian.case import kinds, rules
from tongdian.case.models import Case, Deadline, Event
from tongdian.case.queries.calendar import calendar, calendar_of
from tongdian.engine.clock import (
    ClockDefinition,
    ClockEvent,
    Inherited,
    Reading,
    StageInstance,
    definition_from,
    inherited_from,
    replay,
)
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.policy import Book, NoRuling, Ruling, current_book

TOTAL = "total"
CORRECTION = "event.corrected"
# Stands in for an event that should not have been recorded: no clock knows it.
VOID = "event.void"
# Only the mirror of another system writes through it.
IMPORT_CHANNEL = "import"

# Read with every event that is recorded; spelled out, they cost half of what a queryset builds anew each time.
_EVENTS = f"SELECT * FROM {Event._meta.db_table} WHERE case_id = %s ORDER BY seq"  # noqa: S608 - the name is ours
_IN_FORCE = f"""
SELECT * FROM {Deadline._meta.db_table} WHERE case_id = %s AND superseded_at IS NULL
ORDER BY started_at, stage, instance
"""  # noqa: S608


class UnitMismatch(ValueError):
    """A limit is written in another unit than the clock counts in."""

    def __init__(self, policy_id: str, unit: str, counted: str) -> None:
        super().__init__(f"{policy_id} is in {unit}, its clock counts in {counted}; correct one of them in the book")
        self.policy_id, self.unit, self.counted = policy_id, unit, counted


@dataclass(frozen=True)
class Standard:
    """What a case is judged by on a day at its place.

    `limits` are days by stage id, and "total"; `clauses` are the rulings behind them, for pages that cite.
    `evidence_kinds` and `tolerance` say which claimed times may count.
    """

    judged_date: date
    definition: ClockDefinition
    limits: Mapping[str, int]
    clauses: Mapping[str, Ruling]
    evidence_kinds: frozenset[str]
    tolerance: timedelta
    policy_digest: str


@dataclass(frozen=True)
class History:
    """What the clock of a case is read from: its events in order, and the deadlines in force after the last of them."""

    events: tuple[Event, ...] = ()
    in_force: tuple[Deadline, ...] = ()

    def leads_to(self, event: Event) -> bool:
        """Whether the event is the next one. The chain proves it: its predecessor is the last event known here."""
        if not self.events:
            return event.seq == 1
        return bytes(self.events[-1].hash) == bytes(event.prev_hash)


def local_date(moment: datetime) -> date:
    """Return the day an instant falls on at the place where cases are judged."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def standard(case: Case, *, on: date) -> Standard:
    """Look up the clock definition and the limits of a case's class in the rules in force on a day.

    A stage the book has no limit for has none. Raises NoRuling when the class has no clock definition then;
    UnitMismatch when a limit's unit is not the clock's.
    """
    prefix = kinds.get(case.kind).policy_prefix
    return _standard(prefix, case.customer_class, case.county_code, case.zone or None, on)


def clock_events(events: Iterable[Event], by: Standard) -> list[ClockEvent]:
    """Return timeline events as the clock reads them, with a claimed time only where it may count."""
    by_seq = {event.seq: event for event in events}
    return [
        _correction(event, by_seq.get(event.facts["corrects_seq"]), by)
        if event.kind == CORRECTION
        else _clock_event(event, by)
        for event in by_seq.values()
    ]


def timeline_of(case: Case) -> list[Event]:
    """Load the events of a case in order. Causes one query."""
    return list(Event.objects.raw(_EVENTS, [case.pk]))


def kept_limits(case: Case, in_force: Iterable[Deadline]) -> dict[str, int]:
    """Return the limits the case's stages have been given, which a new rule does not change by itself."""
    limits = {deadline.stage: deadline.limit_days for deadline in in_force}
    if case.total_limit_days is not None:
        limits[TOTAL] = case.total_limit_days
    return limits


def deadlines_in_force(case: Case) -> list[Deadline]:
    """Load the deadlines of a case that no later version has superseded. Causes one query."""
    return list(Deadline.objects.raw(_IN_FORCE, [case.pk]))


def history(case: Case) -> History:
    """Return the events and deadlines of a case, and keep them with the object so that the next event reads none anew.

    Causes two queries; none for a new case, nor when the object knows them at its version.
    """
    if isinstance(case.history, History) and len(case.history.events) == case.version:
        return case.history
    known = History(tuple(timeline_of(case)), tuple(deadlines_in_force(case))) if case.version else History()
    case.history = known
    return known


def reading(case: Case, *, as_of: datetime) -> Reading:
    """Read the clock of a case at a moment, with the rules, limits and calendar its deadlines were computed with.

    Causes up to four queries. Raises as `standard`.
    """
    by = standard(case, on=case.judged_date or local_date(case.opened_at))
    limits = {**by.limits, **kept_limits(case, deadlines_in_force(case))}
    known = calendar_of(case.calendar_version) if case.calendar_version else calendar()
    return read(case, timeline_of(case), by, known=known, limits=limits, as_of=as_of)


def read(
    case: Case,
    events: Iterable[Event],
    by: Standard,
    *,
    known: WorkingCalendar,
    limits: Mapping[str, int],
    as_of: datetime,
) -> Reading:
    """Replay loaded events of a case, with what it inherits. Causes a query only where it takes up another case."""
    before = inherited(case, by.definition, known)
    return replay(clock_events(events, by), by.definition, known, limits, as_of, inherited=before)


def inherited(case: Case, definition: ClockDefinition, known: WorkingCalendar) -> Inherited | None:
    """Return the days a case carries over from the withdrawn case it takes up again, None where there is none.

    Causes up to five queries for each case before it.
    """
    if case.predecessor_id is None:
        return None
    predecessor = Case.objects.get(pk=case.predecessor_id)
    if not predecessor.customer_class or predecessor.closed_at is None:
        return None
    before = reading(predecessor, as_of=predecessor.closed_at)
    # A corrected withdrawal leaves a case that goes on by itself, and nothing to inherit.
    return inherited_from(before, definition=definition, calendar=known) if before.state == "withdrawn" else None


def due_of(instance: StageInstance) -> rules.Due | None:
    """Return what is kept of an instance's deadline, None when it has no limit."""
    if instance.due is None or instance.limit_days is None:
        return None
    return rules.Due(instance.started_at, instance.limit_days, instance.due.date, instance.due.is_provisional)


def computed(reading: Reading, known: Mapping[rules.Instance, rules.Due]) -> dict[rules.Instance, rules.Due]:
    """Return the deadlines of a reading; that of a stage held now moves with every day and waits for its end."""
    found: dict[rules.Instance, rules.Due] = {}
    for each in reading.stages:
        due = due_of(each)
        if due is not None and not (each.is_held and (each.stage, each.number) in known):
            found[each.stage, each.number] = due
    return found


def due_of_row(row: Deadline) -> rules.Due:
    return rules.Due(row.started_at, row.limit_days, row.due_date, row.is_provisional)


@lru_cache(maxsize=512)
def _standard(prefix: str, customer_class: str, county_code: str, zone: str | None, on: date) -> Standard:
    book = current_book()
    clock = book.lookup(f"{prefix}.clock.{customer_class}", on=on, place=county_code, zone=zone)
    definition = definition_from(clock.value)
    ids = {rule.id: f"{prefix}.stage_limit.{customer_class}.{rule.id}" for rule in definition.stages}
    ids[TOTAL] = f"{prefix}.total_limit.{customer_class}"
    clauses = {stage: ruling for stage, id_ in ids.items() if (ruling := _limit(book, id_, on, county_code, zone))}
    for ruling in clauses.values():
        if ruling.unit != definition.counting.unit:
            raise UnitMismatch(ruling.id, ruling.unit, definition.counting.unit)
    kinds, tolerance = _evidence(book, prefix, on, county_code)
    return Standard(
        judged_date=on,
        definition=definition,
        limits={stage: int(ruling.value) for stage, ruling in clauses.items()},
        clauses=clauses,
        evidence_kinds=kinds,
        tolerance=tolerance,
        policy_digest=book.digest,
    )


def _limit(book: Book, policy_id: str, on: date, place: str, zone: str | None) -> Ruling | None:
    try:
        ruling = book.lookup(policy_id, on=on, place=place, zone=zone)
    except NoRuling:
        return None
    return ruling if ruling.is_known else None


def _evidence(book: Book, prefix: str, on: date, place: str) -> tuple[frozenset[str], timedelta]:
    # A kind whose rules name no evidence counts recorded times only.
    try:
        listed = book.lookup(f"{prefix}.evidence.kinds", on=on, place=place)
        minutes = book.lookup(f"{prefix}.evidence.tolerance", on=on, place=place)
    except NoRuling:
        return frozenset(), timedelta()
    return frozenset(str(each["id"]) for each in listed.value), timedelta(minutes=int(minutes.value))


def _clock_event(event: Event, by: Standard) -> ClockEvent:
    facts = event.facts
    return ClockEvent(
        seq=event.seq,
        kind=event.kind,
        recorded_at=event.recorded_at,
        occurred_at=event.occurred_at,
        counted_at=_counted(event, event.occurred_at, event.recorded_at, facts=facts, by=by),
        owner=facts.get("owner"),
        reason=facts.get("reason"),
    )


def _correction(event: Event, corrected: Event | None, by: Standard) -> ClockEvent:
    """Return a correction: of the kind, or of the claimed time where evidence of the white list supports it.

    An empty replacement says that the event should not have been recorded.
    """
    facts = event.facts
    replacement: Mapping[str, Any] = facts["replacement"]
    occurred_at = datetime.fromisoformat(replacement["occurred_at"]) if "occurred_at" in replacement else None
    recorded_at = corrected.recorded_at if corrected else event.recorded_at
    return ClockEvent(
        seq=event.seq,
        kind=event.kind,
        recorded_at=event.recorded_at,
        occurred_at=occurred_at,
        counted_at=_counted(event, occurred_at, recorded_at, facts=replacement.get("facts", {}), by=by),
        reason=facts["reason"],
        corrects_seq=facts["corrects_seq"],
        replacement_kind=replacement.get("kind") if replacement else VOID,
    )


def _counted(
    event: Event, claimed_at: datetime | None, recorded_at: datetime, *, facts: Mapping[str, Any], by: Standard
) -> datetime | None:
    """Return the claimed time where evidence of the white list supports it and it lies within the tolerance.

    What was read from another system counts when that system recorded it: it is that system's clock which is watched.
    """
    if event.channel == IMPORT_CHANNEL:
        return event.source_recorded_at
    if claimed_at is None or facts.get("evidence_kind") not in by.evidence_kinds or not event.evidence:
        return None
    return claimed_at if timedelta() <= recorded_at - claimed_at <= by.tolerance else None
