"""The latest date of every stage, walked through the engine's own clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tongdian.case.models import Case
from tongdian.case.queries.clock import Standard, due_of, standard
from tongdian.case.rules import Due
from tongdian.engine.clock import ClockEvent, DayLine, Reading, StageInstance, StageRule, explain, replay
from tongdian.kernel.calendar import WorkingCalendar

NOON = time(12)
MOMENT = timedelta(seconds=1)


class Untimed(ValueError):
    """The book times a class in a way that gives no date: a stage without a limit, or a clock that cannot pause."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has no limit or rule in the clock of this class; enter it in the policy book")
        self.what = what


@dataclass(frozen=True)
class Pause:
    """The clock stands from one day to another, for a reason that is not the utility's."""

    from_date: date
    until_date: date


@dataclass(frozen=True)
class StageDate:
    """A stage begun on a day ends, at the latest, on `due_date`; `lines` are the days in between, one by one."""

    stage: str
    start_date: date
    due_date: date
    limit_days: int
    is_provisional: bool
    lines: tuple[DayLine, ...]


def standard_of(customer_class: str, *, on: date, county_code: str, zone: str = "") -> Standard:
    """Look up clock and limits of a class as a case of it would be judged on a day.

    Raises NoRuling when the class has no clock then.
    """
    # The frame looks standards up by case; this one is never saved.
    unsaved = Case(kind="connection", customer_class=customer_class, county_code=county_code, zone=zone)
    return standard(unsaved, on=on)


def latest_dates(
    by: Standard, calendar: WorkingCalendar, *, start: date, first_stage: str = "", pauses: Sequence[Pause] = ()
) -> tuple[StageDate, ...]:
    """Walk the stages one after the other, each taking its whole limit and the customer no day in between.

    start: day 0 of the first stage walked, the class's first unless `first_stage` names a later one. pauses: in order,
    not overlapping; one that ends before the walk begins changes nothing.

    Raises KeyError when the class has no such stage; Untimed when a stage has no limit, or the clock no pause;
    CalendarEnds when a day lies outside the calendar.
    """
    first = first_stage or by.definition.stages[0].id
    by.definition.stage(first)
    walk = _Walk(by, calendar, start, list(pauses))
    ids = [rule.id for rule in by.definition.stages]
    return tuple(walk.through(rule) for rule in by.definition.stages[ids.index(first) :])


@dataclass
class _Walk:
    """The events of a case that uses every day it has."""

    by: Standard
    calendar: WorkingCalendar
    day: date
    pauses: list[Pause]
    events: list[ClockEvent] = field(default_factory=list)

    def through(self, rule: StageRule) -> StageDate:
        started = self.day
        for kind in sorted(rule.start_all or {min(rule.start_any)}):
            if all(event.kind != kind for event in self.events):
                self._happens(kind, started)
        due = self._due(rule, started)
        while self.pauses and self.pauses[0].from_date <= due.due_date:
            pause = self.pauses.pop(0)
            if pause.until_date > started:
                self._hold(max(pause.from_date, started), pause.until_date)
                due = self._due(rule, pause.until_date)
        lines = explain(self._reading(due.due_date), self._instance(rule, due.due_date), self.calendar)
        self._happens(min(rule.passed_by), due.due_date)
        self.day = due.due_date
        return StageDate(rule.id, started, due.due_date, due.limit_days, due.is_provisional, lines)

    def _hold(self, begin: date, end: date) -> None:
        pause = self.by.definition.pause
        if pause is None:
            raise Untimed("pause")
        self._happens(min(pause.start), begin, owner="customer")
        self._happens(min(pause.stop), end)

    def _happens(self, kind: str, on: date, *, owner: str | None = None) -> None:
        reason = "customer_request" if owner else None
        self.events.append(ClockEvent(len(self.events) + 1, kind, self._noon(on), owner=owner, reason=reason))

    def _noon(self, on: date) -> datetime:
        return datetime.combine(on, NOON, ZoneInfo(self.by.definition.counting.zone))

    def _reading(self, on: date) -> Reading:
        return replay(self.events, self.by.definition, self.calendar, self.by.limits, self._noon(on) + MOMENT)

    def _instance(self, rule: StageRule, on: date) -> StageInstance:
        found = self._reading(on).current(rule.id)
        if found is None:
            raise Untimed(rule.id)
        return found

    def _due(self, rule: StageRule, on: date) -> Due:
        due = due_of(self._instance(rule, on))
        if due is None:
            raise Untimed(rule.id)
        return due
