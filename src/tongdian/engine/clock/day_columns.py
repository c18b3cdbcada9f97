"""Day arithmetic on columns: the same rules as `days`, row by row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.definition import Counting
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_LIMIT = -1
NO_DAY = np.iinfo(np.int32).min


@dataclass(frozen=True)
class HoldColumns:
    """Holds of many instances: `row` says whose, ascending; `begin` and `end` are day numbers."""

    row: Ints
    begin: Ints
    end: Ints


@dataclass(frozen=True)
class TallyColumns:
    """Per instance: days used, the due day (NO_DAY without a limit), and whether a notice to come may change them."""

    used_days: Ints
    due_day: Ints
    is_provisional: Flags


@dataclass(frozen=True)
class DayColumns:
    """A calendar together with the counting switches of a definition, for columns of day numbers."""

    calendar: WorkingCalendar
    counting: Counting

    def count(self, after: Ints, until: Ints) -> tuple[Ints, Flags]:
        """Count days d with after < d ≤ until in the clock's unit; 0 where until ≤ after."""
        if self.counting.unit == "calendar_day":
            return np.maximum(until - after, 0), np.zeros(len(after), bool)
        days, is_provisional = self.calendar.count_many(after, until)
        return days.astype(np.int64), is_provisional

    def tally(self, start: Ints, until: Ints, *, holds: HoldColumns, limit: Ints, carried: Ints) -> TallyColumns:
        """Count instances that started on `start` and are read on `until`; the rules are those of `DayRule.tally`.

        start, until, limit, carried: [n] day numbers and days, NO_LIMIT where there is none. Cost: a pass per hold of
        the instance that has most of them.
        """
        origin = self._origin(start)
        limit = np.where((limit == NO_LIMIT) | (carried == 0), limit, np.maximum(limit - carried, 0))
        due, due_flag = self._due(origin, limit)
        spent = np.flatnonzero((carried > 0) & (limit == 0))
        first = np.maximum(origin, start)[spent]
        due[spent], due_flag[spent], _ = self._moved(first, first, np.zeros(len(spent), np.int64))
        held_before = np.zeros(len(start), np.int64)
        held = np.zeros(len(start), np.int64)
        last_end = np.full(len(start), NO_DAY, np.int64)
        for row, begin, end in _by_turn(holds):
            begins = np.maximum(begin, last_end[row])
            ends = np.maximum(end, begins)
            moved = np.flatnonzero((limit[row] != NO_LIMIT) & (begins <= due[row]))
            at = row[moved]
            left = limit[at] - self.count(origin[at], begins[moved])[0] + held_before[at]
            due[at], due_flag[at], ends[moved] = self._moved(origin[at], ends[moved], left)
            first = np.maximum(begins, origin[row])
            held_before[row] += self.count(first, ends)[0]
            held[row] += self.count(first, np.minimum(ends, until[row]))[0]
            last_end[row] = ends
        gross, flag = self.count(origin, until)
        return TallyColumns(gross - held + carried, due, flag | due_flag)

    def _due(self, origin: Ints, limit: Ints) -> tuple[Ints, Flags]:
        due, flag = np.full(len(origin), NO_DAY, np.int64), np.zeros(len(origin), bool)
        limited = np.flatnonzero(limit != NO_LIMIT)
        due[limited], flag[limited] = self._add(origin[limited], limit[limited])
        return due, flag

    def _moved(self, origin: Ints, ends: Ints, left: Ints) -> tuple[Ints, Flags, Ints]:
        due, flag, ends = ends.copy(), np.zeros(len(ends), bool), ends.copy()
        some, none = np.flatnonzero(left > 0), np.flatnonzero(left <= 0)
        due[some], flag[some] = self._add(np.maximum(ends[some], origin[some]), left[some])
        if self.counting.unit != "calendar_day":
            due[none] = self._working_from(ends[none])
            flag[none] = self._is_provisional(due[none])
            ends[none] = due[none]
        return due, flag, ends

    def _origin(self, start: Ints) -> Ints:
        if self.counting.receipt_on_rest_day == "next_working_day":
            start = self._working_from(start)
        return start if self.counting.trigger_day_is_zero else start - 1

    def _working_from(self, day: Ints) -> Ints:
        # The first working day on or after a day is the next one after the day before it.
        return self.calendar.add_many(day - 1, 1)[0].astype(np.int64)

    def _is_provisional(self, day: Ints) -> Flags:
        return self.calendar.count_many(day - 1, day)[1]

    def _add(self, after: Ints, days: Ints) -> tuple[Ints, Flags]:
        if self.counting.unit == "calendar_day":
            return after + days, np.zeros(len(after), bool)
        moved, flag = self.calendar.add_many(after, days)
        return moved.astype(np.int64), flag


def _by_turn(holds: HoldColumns) -> list[tuple[Ints, Ints, Ints]]:
    """Split holds into every instance's first, every instance's second, and so on."""
    if not holds.row.size:
        return []
    is_first = np.concatenate([[True], holds.row[1:] != holds.row[:-1]])
    first = np.flatnonzero(is_first)
    turn = np.arange(len(holds.row)) - first[np.cumsum(is_first) - 1]
    picks = [np.flatnonzero(turn == number) for number in range(int(turn.max()) + 1)]
    return [(holds.row[pick], holds.begin[pick], holds.end[pick]) for pick in picks]
