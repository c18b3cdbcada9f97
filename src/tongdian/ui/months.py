"""Lays days out as month grids, Monday first."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongdian.ui.components import CalendarDay


@dataclass(frozen=True)
class Cell:
    """One square of a month grid: `day` is None where the deadline's working says nothing."""

    date: date
    is_in_month: bool
    day: CalendarDay | None
    is_start: bool
    is_due: bool


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]


def months_of(days: Sequence[CalendarDay], *, start: date | None = None) -> list[Month]:
    """Lay the days out, one grid per month touched; the last counted day is marked as due."""
    if not days:
        return []
    known = {day.date: day for day in days}
    first, last = min(known), max(known)
    due = max((day.date for day in days if day.ordinal), default=None)
    origin = min(first, start) if start else first
    firsts = [
        date(year, month, 1)
        for year in range(origin.year, last.year + 1)
        for month in range(1, 13)
        if (origin.year, origin.month) <= (year, month) <= (last.year, last.month)
    ]
    return [_month(month_first, known, start, due) for month_first in firsts]


def _month(first: date, known: dict[date, CalendarDay], start: date | None, due: date | None) -> Month:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Month(
        first,
        tuple(
            tuple(Cell(on, on.month == first.month, known.get(on), on == start, on == due) for on in week)
            for week in weeks
        ),
    )
