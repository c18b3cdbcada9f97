"""Day arithmetic of one clock: which day an instant falls on, used days, held days, the deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tongdian.engine.clock.definition import Counting
from tongdian.kernel.calendar import WorkingCalendar

DAY = timedelta(days=1)
Date = date  # a field called `date` hides the type inside its class


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a limit, with what it was computed from.

    `beside_date` is the same number of days counted in the other unit (calendar days beside working days), always
    without holds: it is shown, never judged.
    """

    date: Date
    is_provisional: bool
    unit: str
    beside_date: Date
    calendar_version: str


@dataclass(frozen=True, slots=True)
class HeldDays:
    """Days (start, stop] that a hold takes out of the count; `days` in the clock's unit."""

    start_date: date
    stop_date: date
    days: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Days of one instance: used, held piece by piece, and the deadline (None without a limit)."""

    used_days: int
    is_provisional: bool
    held: tuple[HeldDays, ...]
    due: Deadline | None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class DayRule:
    """A calendar together with the counting switches of a definition."""

    calendar: WorkingCalendar
    counting: Counting

    def day(self, at: datetime) -> date:
        """Return the local day an instant falls on."""
        return at.astimezone(_zone(self.counting.zone)).date()

    def count(self, after: date, until: date) -> tuple[int, bool]:
        """Count the days d with after < d ≤ until in the clock's unit; 0 when until ≤ after."""
        if until <= after:
            return 0, False
        if self.counting.unit == "calendar_day":
            return (until - after).days, False
        counted = self.calendar.count(after, until)
        return counted.days, counted.is_provisional

    def origin(self, start: date) -> date:
        """Return day 0: the day of the start event, moved as the switches say."""
        if self.counting.receipt_on_rest_day == "next_working_day":
            start = self._working_from(start)
        return start if self.counting.trigger_day_is_zero else start - DAY

    def tally(
        self, start: date, until: date, *, holds: Sequence[tuple[date, date]], limit: int | None, carried: int = 0
    ) -> Tally:
        """Count an instance that started on `start` and is read on `until`.

        holds: local days (from, to), in order, an open one ending on `until`. A hold that begins by the deadline moves
        it: what was left of the limit is counted on from the day the hold ends. With nothing left and the hold ending
        on a rest day the deadline is the next working day (Civil Code 203), which then counts as held.
        limit: days; None = nothing to be late for. carried: days used before the start, which are part of the used
        days and of the limit; where they leave nothing, the deadline is the day of the start, or the next working day.
        """
        origin = self.origin(start)
        limit = limit if limit is None or not carried else max(limit - carried, 0)
        due = self._first(origin, start, limit, carried)
        held: list[HeldDays] = []
        for begin, end in holds:
            begins = max(begin, held[-1].stop_date) if held else begin
            ends = max(end, begins)
            if due is not None and limit is not None and begins <= due[0]:
                left = limit - self.count(origin, begins)[0] + sum(each.days for each in held)
                due = self._add(max(ends, origin), left) if left > 0 else self._last_chance(ends)
                ends = ends if left > 0 else due[0]
            held.append(HeldDays(begins, ends, self._held(origin, begins, ends)))
        gross, provisional = self.count(origin, until)
        used = gross - sum(self._held(origin, each.start_date, min(each.stop_date, until)) for each in held)
        return Tally(used + carried, provisional, tuple(held), self._deadline(origin, limit, due))

    def _first(self, origin: date, start: date, limit: int | None, carried: int) -> tuple[date, bool] | None:
        if limit is None:
            return None
        return self._last_chance(max(origin, start)) if carried and not limit else self._add(origin, limit)

    def _held(self, origin: date, begins: date, ends: date) -> int:
        return self.count(max(begins, origin), ends)[0]

    def _last_chance(self, end: date) -> tuple[date, bool]:
        if self.counting.unit == "calendar_day":
            return end, False
        day = self._working_from(end)
        return day, self.calendar.is_provisional(day)

    def _working_from(self, day: date) -> date:
        return day if self.calendar.is_working(day) else self.calendar.add(day, 1).date

    def _add(self, after: date, days: int) -> tuple[date, bool]:
        if self.counting.unit == "calendar_day":
            return after + days * DAY, False
        moved = self.calendar.add(after, days)
        return moved.date, moved.is_provisional

    def _deadline(self, origin: date, limit: int | None, due: tuple[date, bool] | None) -> Deadline | None:
        if limit is None or due is None:
            return None
        by_calendar_day = self.counting.unit == "calendar_day"
        workdays = self.calendar.add(origin, limit).date if by_calendar_day and limit else self._working_from(origin)
        beside = workdays if by_calendar_day else origin + limit * DAY
        return Deadline(due[0], due[1], self.counting.unit, beside, self.calendar.version)
