"""Prefix sums over the days of a calendar: counting and adding working days, one by one or by the million."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Rows per pass: the scratch arrays of one pass stay in the processor's cache (three times the speed of one big pass).
PASS_ROWS = 16_384


class OutsideTable(Exception):
    """A day number lies outside the table."""

    def __init__(self, day: int) -> None:
        super().__init__(f"day {day} lies outside the table")
        self.day = day


def day_number(day: date) -> int:
    """Return the days since 1970-01-01, the unit of all columns of days."""
    return day.toordinal() - EPOCH_ORDINAL


def date_of(number: int) -> date:
    """Return the date of a day number (days since 1970-01-01)."""
    return date.fromordinal(int(number) + EPOCH_ORDINAL)


class DayTable:
    """For the consecutive days from `first` [day number] on: is it worked, and the n-th how many is it.

    `worked[i]` says whether day first + i is worked. Counting is a difference of two prefix sums, adding is a look-up
    in the list of working days; both cost the same however long the period is.
    """

    def __init__(self, first: int, worked: Flags) -> None:
        self.first = first
        self.last = first + len(worked) - 1
        self.worked = worked
        # count_to[i] = working days from the first day to day i, both included.
        self.count_to: Days = np.cumsum(worked, dtype=np.int32)
        self.working_days: Days = (np.flatnonzero(worked) + first).astype(np.int32)

    def is_working(self, day: int) -> bool:
        """Say whether a day [day number] is worked. Raises OutsideTable when it is not in the table."""
        return bool(self.worked[self._index(day)])

    def count(self, after: int, until: int) -> int:
        """Count the working days d with after < d ≤ until. Raises OutsideTable when either is not in the table."""
        difference = self.count_to[self._index(until)] - self.count_to[self._index(after)]
        return max(int(difference), 0)

    def add(self, start: int, n: int) -> int:
        """Return the n-th working day after `start`, or `start` for n = 0.

        Raises OutsideTable when `start` or the answer is not in the table.
        """
        ordinal = int(self.count_to[self._index(start)]) + n
        if n == 0:
            return start
        if ordinal > len(self.working_days):
            raise OutsideTable(self.last + 1)
        return int(self.working_days[ordinal - 1])

    def count_many(self, after: npt.ArrayLike, until: npt.ArrayLike) -> Days:
        """Count for whole columns [int32 day numbers] as `count` does for one row; linear in the rows."""
        befores, ends = _columns(after, until)
        counts = np.empty(ends.shape, dtype=np.int32)
        for rows in _passes(len(ends)):
            np.subtract(self._counts(ends[rows]), self._counts(befores[rows]), out=counts[rows])
            np.maximum(counts[rows], 0, out=counts[rows])
        return counts

    def add_many(self, starts: npt.ArrayLike, n: npt.ArrayLike) -> Days:
        """Add for whole columns [int32 day numbers, working days] as `add` does for one row; linear in the rows."""
        days, steps = _columns(starts, n)
        answers = np.empty(days.shape, dtype=np.int32)
        for rows in _passes(len(days)):
            self._add_pass(days[rows], steps[rows], answers[rows])
        return answers

    def _add_pass(self, days: Days, steps: Days, answers: Days) -> None:
        ordinals = self._counts(days)
        np.add(ordinals, steps, out=ordinals)
        if ordinals.max() > len(self.working_days):
            raise OutsideTable(self.last + 1)
        np.subtract(ordinals, 1, out=ordinals)
        # Only n = 0 before the first working day gives -1; clip, then put the start itself in its place.
        np.take(self.working_days, ordinals, out=answers, mode="clip")
        if steps.min() == 0:
            np.copyto(answers, days, where=steps == 0)

    def _counts(self, days: Days) -> Days:
        lowest, highest = int(days.min()), int(days.max())
        if lowest < self.first or highest > self.last:
            raise OutsideTable(lowest if lowest < self.first else highest)
        # Subtracting into the index type saves the copy that indexing by int32 would make.
        index = np.subtract(days, self.first, dtype=np.intp)
        return np.take(self.count_to, index, mode="clip")

    def _index(self, day: int) -> int:
        if not self.first <= day <= self.last:
            raise OutsideTable(day)
        return day - self.first


def _columns(left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Days, Days]:
    columns = np.broadcast_arrays(_whole_numbers(left), _whole_numbers(right))
    return columns[0], columns[1]


def _whole_numbers(values: npt.ArrayLike) -> npt.NDArray[Any]:
    column = np.atleast_1d(np.asarray(values))
    # A float column may hide NaN and fractions, a datetime64 one NaT: both would turn into wrong days.
    if column.dtype.kind not in "iu" or column.ndim != 1:
        raise TypeError(f"a column of whole numbers is needed, not {column.dtype} in {column.ndim} dimensions")
    return column


def _passes(rows: int) -> list[slice]:
    return [slice(start, min(start + PASS_ROWS, rows)) for start in range(0, rows, PASS_ROWS)]
