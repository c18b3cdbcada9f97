"""Lays days out as month grids, Monday first."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tongdian.kernel.calendar import DayStep
from tongdian.ui.components import Words


@dataclass(frozen=True)
class Cell:
    """One square of a month grid; `step` is None where the deadline's working says nothing, `due` names what is due."""

    date: date
    is_in_month: bool
    step: DayStep | None
    is_due: bool
    due: Words = ""


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]


def months_of(steps: Sequence[DayStep], dues: Mapping[date, Words] | None = None) -> list[Month]:
    """Lay the steps out, one grid per month from the first to the last.

    dues: what is due on which day, where several deadlines follow each other; None marks the last counted day.
    """
    if not steps:
        return []
    known = {step.date: step for step in steps}
    last = max((step.date for step in steps if step.ordinal), default=None)
    marked = dues if dues is not None else {last: ""} if last else {}
    return [_month(first, known, marked) for first in _firsts(min(known), max(known))]


def _firsts(start: date, end: date) -> list[date]:
    months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _month(first: date, known: Mapping[date, DayStep], dues: Mapping[date, Words]) -> Month:
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Month(first, tuple(tuple(_cell(on, first, known, dues) for on in week) for week in weeks))


def _cell(on: date, first: date, known: Mapping[date, DayStep], dues: Mapping[date, Words]) -> Cell:
    return Cell(on, on.month == first.month, known.get(on), on in dues, dues.get(on, ""))
