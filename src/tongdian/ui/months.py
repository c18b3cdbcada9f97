"""Lays days out as month grids, Monday first."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tongdian.kernel.calendar import DayStep


@dataclass(frozen=True)
class Cell:
    """One square of a month grid; `step` is None where the deadline's working says nothing."""

    date: date
    is_in_month: bool
    step: DayStep | None
    is_due: bool


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]


def months_of(steps: Sequence[DayStep]) -> list[Month]:
    """Lay the steps out, one grid per month from the first to the last; the last counted day is marked as due."""
    if not steps:
        return []
    known = {step.date: step for step in steps}
    due = max((step.date for step in steps if step.ordinal), default=None)
    return [_month(first, known, due) for first in _firsts(min(known), max(known))]


def _firsts(start: date, end: date) -> list[date]:
    months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _month(first: date, known: dict[date, DayStep], due: date | None) -> Month:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Month(
        first,
        tuple(tuple(Cell(on, on.month == first.month, known.get(on), on == due) for on in week) for week in weeks),
    )
