"""Durations of cases and stages: mean, median and 90th percentile, in counted and in elapsed days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock import VERDICTS, ClockDefinition, Counting, EventColumns, StageRule, replay_many
from tongdian.engine.clock.columns import NO_TIME, InstanceColumns
from tongdian.engine.clock.zones import MICROS_A_DAY
from tongdian.engine.conformance.mapping import LogMapping
from tongdian.engine.conformance.steps import Steps
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, median and 90th percentile (linear interpolation) of `n` values; None when there are none."""

    n: int
    mean: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True)
class StageDurations:
    """Instances of one stage. `counted` in days of the mapping's calendar, `elapsed` in days of 24 hours, both of
    finished instances; on_time, late and finished_cases are case numbers, one for each instance."""

    id: str
    title: Mapping[str, str]
    limit_days: int | None
    counted: Spread
    elapsed: Spread
    finished: Ints
    open: Ints
    again: Ints
    on_time: Ints
    late: Ints


def spread(values: npt.ArrayLike) -> Spread:
    """Summarise values; order does not matter. NaN is refused by the caller's filter, not here."""
    column = np.asarray(values, np.float64)
    if not column.size:
        return Spread(0, None, None, None)
    middle, high = np.percentile(column, [50, 90])
    return Spread(int(column.size), float(column.mean()), float(middle), float(high))


def stage_durations(
    steps: Steps, mapping: LogMapping, calendar: WorkingCalendar, *, as_of: datetime
) -> tuple[StageDurations, ...]:
    """Replay the stages of the mapping over the log with the clock of the product.

    Raises: CalendarEnds when a day lies outside the calendar.
    """
    if not mapping.stages:
        return ()
    # A log's stages end with their own activities; no event of it closes the case as a whole.
    definition = ClockDefinition(
        stages=tuple(
            StageRule(stage.id, "utility", stop_any=frozenset(stage.stop), start_any=frozenset(stage.start))
            for stage in mapping.stages
        ),
        whole_start=frozenset(),
        whole_stop=frozenset(),
        withdrawn_by=frozenset(),
        counting=Counting(zone=mapping.layout.zone),
    )
    events = EventColumns(steps.case, steps.activity, steps.at_us, steps.activities)
    limits = {stage.id: stage.limit_days for stage in mapping.stages if stage.limit_days is not None}
    readings = replay_many(events, definition=definition, calendar=calendar, limits=limits, as_of=as_of)
    numbers = readings.cases.astype(np.int64)
    return tuple(_durations(place, mapping, readings.instances, numbers) for place in range(len(mapping.stages)))


def _durations(place: int, mapping: LogMapping, found: InstanceColumns, numbers: Ints) -> StageDurations:
    stage = mapping.stages[place]
    mine = found.stage == place
    finished = mine & (found.stopped_us != NO_TIME)

    def cases(pick: npt.NDArray[np.bool_]) -> Ints:
        return numbers[found.row[pick]]

    return StageDurations(
        id=stage.id,
        title=stage.title,
        limit_days=stage.limit_days,
        counted=spread(found.used_days[finished]),
        elapsed=spread((found.stopped_us[finished] - found.started_us[finished]) / MICROS_A_DAY),
        finished=cases(finished),
        open=cases(mine & ~finished),
        again=cases(mine & (found.number > 1)),
        on_time=cases(mine & (found.verdict == VERDICTS.index("on_time"))),
        late=cases(mine & (found.verdict == VERDICTS.index("late"))),
    )
