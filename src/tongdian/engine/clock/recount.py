"""The working behind a deadline, day by day, and what another calendar would make of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from tongdian.engine.clock.days import Date, DayRule, Deadline, HeldDays, Tally
from tongdian.engine.clock.reading import Reading, StageInstance
from tongdian.kernel.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day on the way to a deadline.

    `ordinal` is 0 (or the days carried over) for day 0, n for the n-th day counted, None for a day that does not
    count: a rest day, or a day held by `held_by`. `holiday` and `notice` are empty unless a notice or the holiday law
    names the day.
    """

    date: Date
    is_working: bool
    ordinal: int | None
    held_by: str | None
    holiday: str
    holiday_en: str
    notice: str
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A deadline that another calendar puts elsewhere, or makes certain or provisional."""

    stage: str
    number: int
    before: Deadline
    after: Deadline


def explain(reading: Reading, instance: StageInstance, calendar: WorkingCalendar) -> tuple[DayLine, ...]:
    """Show every day from day 0 of an instance to its deadline; nothing for a stage without a limit.

    Raises: CalendarEnds when a day lies outside the calendar.
    """
    tally = _tally(reading, instance, calendar)
    if tally.due is None:
        return ()
    rule = DayRule(calendar, reading.definition.counting)
    origin = rule.origin(rule.day(instance.started_at))
    lines: list[DayLine] = []
    ordinal = instance.carried_days
    for step in calendar.steps(origin, tally.due.date):
        held_by = _held_by(step.date, tally.held, instance)
        counts = held_by is None and step.date > origin and rule.count(step.date - timedelta(days=1), step.date)[0] > 0
        ordinal += counts
        number = ordinal if counts or step.date == origin else None  # day 0 shows what was carried over
        named = (step.holiday, step.holiday_en, step.notice)
        lines.append(DayLine(step.date, step.is_working, number, held_by, *named, step.is_provisional))
    return tuple(lines)


def recomputed(reading: Reading, calendar: WorkingCalendar) -> tuple[MovedDeadline, ...]:
    """List the deadlines of a reading that another calendar moves, or whose provisional mark it changes.

    The reading keeps its own; the caller records the move as an event.
    Raises: CalendarEnds when a day lies outside the calendar.
    """
    moved: list[MovedDeadline] = []
    for instance in reading.stages:
        before, after = instance.due, _tally(reading, instance, calendar).due
        if before is None or after is None:
            continue
        if (before.date, before.is_provisional) != (after.date, after.is_provisional):
            moved.append(MovedDeadline(instance.stage, instance.number, before, after))
    return tuple(moved)


def _tally(reading: Reading, instance: StageInstance, calendar: WorkingCalendar) -> Tally:
    rule = DayRule(calendar, reading.definition.counting)
    holds = [(rule.day(hold.started_at), rule.day(hold.stopped_at or reading.as_of)) for hold in instance.holds]
    until = rule.day(instance.stopped_at or reading.as_of)
    start, carried = rule.day(instance.started_at), instance.carried_days
    return rule.tally(start, until, holds=holds, limit=instance.limit_days, carried=carried)


def _held_by(day: date, held: tuple[HeldDays, ...], instance: StageInstance) -> str | None:
    for days, hold in zip(held, instance.holds, strict=True):
        if days.start_date < day <= days.stop_date:
            return hold.owner
    return None
