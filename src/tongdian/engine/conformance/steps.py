"""Steps of a log in order of time: out of order, repeated, missing, recorded after the fact."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.zones import local_days
from tongdian.engine.formats import NO_TIME, EventLog
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Steps:
    """The events of a log sorted by case and time; equal times keep the order of the file.

    case, activity, at_us, recorded_us, row: [n]; bounds: [cases + 1] where each case begins.
    """

    activities: tuple[str, ...]
    case: Ints
    activity: Ints
    at_us: Ints
    recorded_us: Ints
    row: Ints
    bounds: Ints


def steps_of(log: EventLog, *, as_of_us: int) -> Steps:
    """Sort the events up to `as_of_us`."""
    order = np.lexsort((log.at_us, log.case))
    order = order[log.at_us[order] <= as_of_us]
    case = log.case[order].astype(np.int64)
    return Steps(
        activities=log.activities,
        case=case,
        activity=log.activity[order].astype(np.int64),
        at_us=log.at_us[order],
        recorded_us=log.recorded_us[order],
        row=log.row[order],
        bounds=np.searchsorted(case, np.arange(len(log.cases) + 1)).astype(np.int64),
    )


def repeated(steps: Steps) -> Ints:
    """Return the events whose activity the case has had before, by place."""
    return np.flatnonzero(~_is_first(steps))


def out_of_order(steps: Steps, chains: Sequence[Sequence[str]]) -> Ints:
    """Return the events that first occur after a later step of their chain, by place, each once.

    Only first occurrences are compared: a step that comes again is a repetition, not a step out of order.
    """
    first, found = _is_first(steps), np.zeros(len(steps.case), bool)
    for chain in chains:
        rank = np.full(len(steps.activities) + 1, -1, np.int64)
        for place, name in enumerate(chain):
            if name in steps.activities:
                rank[steps.activities.index(name)] = place
        ranked = np.flatnonzero(first & (rank[steps.activity] >= 0))
        # Ranks of a case lie above those of every case before it, so one running maximum serves all cases.
        height = steps.case[ranked] * len(chain) + rank[steps.activity[ranked]]
        found[ranked] |= height < np.maximum.accumulate(height) if len(height) else False
    return np.flatnonzero(found)


def recorded_after(steps: Steps, calendar: WorkingCalendar, *, zone: str, days: int) -> Ints:
    """Return the events recorded more than `days` counted days after the time they claim, by place.

    Raises: CalendarEnds when such a day lies outside the calendar.
    """
    known = np.flatnonzero(steps.recorded_us != NO_TIME)
    claimed, recorded = local_days(steps.at_us[known], zone), local_days(steps.recorded_us[known], zone)
    return known[calendar.count_many(claimed, recorded)[0] > days] if len(known) else known


def missing(steps: Steps, activity: str, cases: Ints) -> Ints:
    """Return those of `cases` that never have an activity."""
    if activity not in steps.activities:
        return cases
    have = steps.case[steps.activity == steps.activities.index(activity)]
    return cases[~np.isin(cases, have)]


def seconds_since_previous(steps: Steps) -> npt.NDArray[np.float64]:
    """Return the seconds between each event and the one before it in its case, NaN for the first: [n]."""
    gaps = np.full(len(steps.case), np.nan)
    same = np.flatnonzero(steps.case[1:] == steps.case[:-1]) + 1
    gaps[same] = (steps.at_us[same] - steps.at_us[same - 1]) / 1e6
    return gaps


def _is_first(steps: Steps) -> Flags:
    """Mark each event whose activity the case has not had before."""
    pair = steps.case * len(steps.activities) + steps.activity
    is_first = np.zeros(len(pair), bool)
    is_first[np.unique(pair, return_index=True)[1]] = True
    return is_first
