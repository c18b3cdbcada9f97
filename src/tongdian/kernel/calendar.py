"""The working calendar: which days are worked, how many lie between two dates, when the n-th one is.

Days set by a State Council notice are certain. Later days are *provisional* (暂定): weekdays without the holidays whose
date the law fixes. Every answer that such a day may change says so. The table ends with the second year after the last
notice; beyond it CalendarEnds is raised, so an answer is never a guess without a mark and never a silent number.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from tongdian.kernel.day_table import Days, DayTable, Flags, OutsideTable, date_of, day_number
from tongdian.kernel.notices import (
    Notice,
    StatutoryDay,
    effective_days,
    holiday_name_en,
    packaged_notices,
    statutory_days,
)

PROVISIONAL_YEARS = 2
MONDAY_TO_FRIDAY = (True,) * 5 + (False,) * 2
EVERY_DAY = (True,) * 7


class CalendarEnds(Exception):
    """A day lies outside the calendar: before its first notice or beyond its provisional years."""

    def __init__(self, day: date, first: date, last: date) -> None:
        super().__init__(
            f"the working calendar covers {first} to {last} and cannot answer for {day}: load the notice for that year"
        )
        self.day, self.first, self.last = day, first, last


@dataclass(frozen=True)
class WorkingDate:
    """A date found by counting working days; provisional when a notice still to come may move it."""

    date: date
    is_provisional: bool


@dataclass(frozen=True)
class WorkingCount:
    """A number of working days; provisional when a notice still to come may change it."""

    days: int
    is_provisional: bool


@dataclass(frozen=True)
class DayStep:
    """One day of a count. `ordinal` is 0 for the starting day, n for the n-th working day, None for a day off.

    `holiday` and `notice` are empty unless a notice or the holiday law names the day; `notice` is the notice's id.
    """

    date: date
    is_working: bool
    ordinal: int | None
    holiday: str
    holiday_en: str
    notice: str
    is_provisional: bool


@dataclass(frozen=True)
class NamedDay:
    """A day that does not simply follow its weekday; `notice` and `announced_on` are empty for a statutory day."""

    day: date
    is_working: bool
    name: str
    notice: str = ""
    announced_on: date | None = None


@dataclass(frozen=True)
class WorkingCalendar:
    """A working calendar; two calendars with the same `version` give the same answers.

    `version` is the SHA-256 of the rows in hexadecimal, `first` and `last` bound the table, `horizon` is the last day
    up to which every day is settled by a notice.
    """

    version: str
    first: date = field(compare=False)
    horizon: date = field(compare=False)
    last: date = field(compare=False)
    named_days: Mapping[date, NamedDay] = field(compare=False, repr=False)
    _table: DayTable = field(compare=False, repr=False)

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked. Raises CalendarEnds when it lies outside the table."""
        return self._table.is_working(self._number(day))

    def is_provisional(self, day: date) -> bool:
        """Say whether a notice still to come may change a day. Raises CalendarEnds when it lies outside the table."""
        self._number(day)
        return day > self.horizon

    def add(self, start: date, n: int) -> WorkingDate:
        """Return the n-th working day after `start`, which is day 0 whether worked or not; n = 0 gives `start`.

        Raises CalendarEnds when `start` or the answer lies outside the table, ValueError when n is negative.

        >>> packaged_calendar().add(date(2026, 9, 30), 3).date
        datetime.date(2026, 10, 10)
        """
        if n < 0:
            raise ValueError(f"cannot add {n} working days: the number is negative")
        number = self._number(start)
        try:
            found = date_of(self._table.add(number, n))
        except OutsideTable as error:
            raise self._ends(error.day) from error
        return WorkingDate(found, found > self.horizon)

    def count(self, after: date, until: date) -> WorkingCount:
        """Count the working days d with after < d ≤ until: none on the same day or when `until` comes first.

        Raises CalendarEnds when either date lies outside the table.

        >>> packaged_calendar().count(date(2026, 9, 30), date(2026, 10, 10)).days
        3
        """
        days = self._table.count(self._number(after), self._number(until))
        return WorkingCount(days, after < until and until > self.horizon)

    def on_or_after(self, day: date) -> WorkingDate:
        """Return `day` if it is worked, else the next working day: where a period ends whose last day is a day off.

        Civil Code art. 203. Raises CalendarEnds when `day` or the answer lies outside the table.
        """
        return WorkingDate(day, self.is_provisional(day)) if self.is_working(day) else self.add(day, 1)

    def add_many(self, starts: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Days, Flags]:
        """Add working days to a column of days: what `add` does, row by row.

        `starts`: whole numbers, days since 1970-01-01 (`day_number`, or datetime64[D] cast to int32); `n`: whole
        numbers ≥ 0, a column or one number for all. Returns int32 day numbers and the provisional flags. Raises
        CalendarEnds and ValueError as `add` when any row does, TypeError for columns that are not whole numbers.
        """
        steps = np.asarray(n)
        if steps.size and steps.min() < 0:
            raise ValueError("cannot add a negative number of working days")
        try:
            days = self._table.add_many(starts, steps)
        except OutsideTable as error:
            raise self._ends(error.day) from error
        return days, days > day_number(self.horizon)

    def count_many(self, after: npt.ArrayLike, until: npt.ArrayLike) -> tuple[Days, Flags]:
        """Count working days between two columns of days: what `count` does, row by row.

        `after`, `until`: whole numbers, days since 1970-01-01. Returns int32 counts and the provisional flags. Raises
        CalendarEnds when any row lies outside the table, TypeError for columns that are not whole numbers.
        """
        try:
            counts = self._table.count_many(after, until)
        except OutsideTable as error:
            raise self._ends(error.day) from error
        befores, ends = np.atleast_1d(np.asarray(after), np.asarray(until))
        return counts, (ends > day_number(self.horizon)) & (befores < ends)

    def explain(self, start: date, n: int) -> tuple[DayStep, ...]:
        """Show the way to the n-th working day after `start`: every day from `start` (ordinal 0) to the answer.

        Raises as `add`.
        """
        return self.steps(start, self.add(start, n).date)

    def steps(self, after: date, until: date) -> tuple[DayStep, ...]:
        """Show every day of a count, from `after` (ordinal 0) to `until`; only `after` when `until` is not later.

        Raises CalendarEnds when either date lies outside the table.
        """
        self._number(until)
        steps = [self._step(after, 0)]
        counted = 0
        for offset in range(1, (until - after).days + 1):
            day = after + timedelta(days=offset)
            counted += self.is_working(day)
            steps.append(self._step(day, counted if self.is_working(day) else None))
        return tuple(steps)

    def _step(self, day: date, ordinal: int | None) -> DayStep:
        named = self.named_days.get(day)
        name = named.name if named else ""
        return DayStep(
            date=day,
            is_working=self.is_working(day),
            ordinal=ordinal,
            holiday=name,
            holiday_en=holiday_name_en(name),
            notice=named.notice if named else "",
            is_provisional=self.is_provisional(day),
        )

    def _number(self, day: date) -> int:
        if not self.first <= day <= self.last:
            raise CalendarEnds(day, self.first, self.last)
        return day_number(day)

    def _ends(self, day: int) -> CalendarEnds:
        return CalendarEnds(date_of(day), self.first, self.last)


@cache
def packaged_calendar(known_on: date | None = None) -> WorkingCalendar:
    """Return the calendar of the packaged notices announced on or before `known_on`; None takes all.

    Raises ValueError when no notice had been announced by then.
    """
    return calendar_from(packaged_notices(known_on), statutory=statutory_days(known_on))


def calendar_from(notices: Iterable[Notice], *, statutory: Iterable[StatutoryDay] | None = None) -> WorkingCalendar:
    """Build a calendar from notices in any order; a later announcement wins over an earlier one, day by day.

    `statutory` are the fixed-date holidays for the provisional years; None takes all packaged ones. To add notices to
    the packaged ones: `calendar_from([*packaged_notices(), *entered])`. Raises ValueError when no notice settles any
    day, NoticeContradiction when two notices of the same day disagree.
    """
    known = list(notices)
    first, horizon = _settled(known)
    last = date(horizon.year + PROVISIONAL_YEARS, 12, 31)
    days = {one.day: one for one in _provisional_days(statutory_days() if statutory is None else statutory, horizon)}
    for day, notice in effective_days(known).values():
        days[day.date] = NamedDay(day.date, day.is_working, day.name, notice.id, notice.announced_on)
    return _assemble(first, horizon, last, days=days)


def _settled(notices: Iterable[Notice]) -> tuple[date, date]:
    """Find the stretch that is settled without a hole from its first day on."""
    stretches = sorted(notice.settles for notice in notices if notice.settles)
    if not stretches:
        raise ValueError("a working calendar needs at least one notice that settles a year")
    first, horizon = stretches[0]
    for start, end in stretches[1:]:
        # A missing year leaves everything after it provisional: its make-up days are unknown.
        if start > horizon + timedelta(days=1):
            break
        horizon = max(horizon, end)
    return first, horizon


def _provisional_days(statutory: Iterable[StatutoryDay], horizon: date) -> Iterator[NamedDay]:
    for holiday in statutory:
        for year in range(horizon.year, horizon.year + PROVISIONAL_YEARS + 1):
            day = date(year, holiday.month, holiday.day)
            if day > horizon and day >= holiday.from_date:
                yield NamedDay(day, is_working=False, name=holiday.name)


def _assemble(
    first: date,
    horizon: date,
    last: date,
    *,
    days: Mapping[date, NamedDay],
    week: tuple[bool, ...] = MONDAY_TO_FRIDAY,
) -> WorkingCalendar:
    named = {day: days[day] for day in sorted(days) if first <= day <= last}
    worked = np.resize(np.roll(week, -first.weekday()), (last - first).days + 1)
    for day, one in named.items():
        worked[(day - first).days] = one.is_working
    return WorkingCalendar(
        version=_version(first, horizon, last, days=named.values(), week=week),
        first=first,
        horizon=horizon,
        last=last,
        named_days=named,
        _table=DayTable(day_number(first), worked),
    )


def _version(first: date, horizon: date, last: date, *, days: Iterable[NamedDay], week: tuple[bool, ...]) -> str:
    """Hash the canonical rows: one header line, then one tab-separated line per named day, in order."""
    header: list[object] = ["working-calendar-1", first, horizon, last, "".join(str(int(flag)) for flag in week)]
    rows: list[list[object]] = [
        [one.day, int(one.is_working), one.name, one.notice, one.announced_on or ""] for one in days
    ]
    text = "".join("\t".join(str(cell) for cell in row) + "\n" for row in [header, *rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _everlasting(week: tuple[bool, ...]) -> WorkingCalendar:
    first, last = date(1970, 1, 1), date(2099, 12, 31)
    return _assemble(first, last, last, days={}, week=week)


# For logs of others, whose own rules know no holidays; nothing in them is provisional.
WEEKDAYS_ONLY = _everlasting(MONDAY_TO_FRIDAY)
CALENDAR_DAYS = _everlasting(EVERY_DAY)
