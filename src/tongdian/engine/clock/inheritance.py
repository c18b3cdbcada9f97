"""What a case inherits from the withdrawn case it takes up again: days that were used before it began.

A withdrawal must not reset a clock. A stage that was running when the predecessor was withdrawn goes on with the days
it had used; a stage that was finished was judged then and starts anew. Utility clock and whole clock go on in full.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.days import DayRule
from tongdian.engine.clock.definition import ClockDefinition
from tongdian.engine.clock.reading import Reading, StageInstance
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]
CUT = "cut"
WITHDRAWN = "withdrawn"


class NotWithdrawn(ValueError):
    """Only a withdrawn case can be taken up again: `state` is the one the predecessor is in."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the predecessor is {state}, not withdrawn; a case goes on by itself until it is withdrawn")
        self.state = state


@dataclass(frozen=True, slots=True)
class Inherited:
    """Days carried over, in the unit of the successor's clock. `stage_days` by stage id, for its first instance."""

    stage_days: Mapping[str, int] = field(default_factory=dict)
    utility_days: int = 0
    whole_days: int = 0


@dataclass(frozen=True)
class InheritedColumns:
    """The same for some cases of a log: case [m] their numbers, each once; stage_days [m, stages of the definition]."""

    case: npt.NDArray[np.integer]
    stage_days: Ints
    utility_days: Ints
    whole_days: Ints


def inherited_from(predecessor: Reading, *, definition: ClockDefinition, calendar: WorkingCalendar) -> Inherited:
    """Return what the successor of a withdrawn case carries over; what the predecessor inherited itself is part of it.

    definition: the successor's clock; a predecessor that counted in another unit is counted again in this one.
    Raises: NotWithdrawn; CalendarEnds when a day lies outside the calendar.
    """
    if predecessor.state != WITHDRAWN:
        raise NotWithdrawn(predecessor.state)
    rule = DayRule(calendar, definition.counting)
    same = predecessor.definition.counting.unit == definition.counting.unit
    used = [(each, each.used_days if same else _recounted(each, rule)) for each in predecessor.stages]
    before = predecessor.inherited if same and predecessor.inherited else Inherited()
    return Inherited(
        stage_days={each.stage: days for each, days in used if each.outcome == CUT},
        utility_days=before.utility_days + sum(days - _carried(each, same) for each, days in used if _is_utility(each)),
        whole_days=(predecessor.whole_days or 0) if same else _whole_days(predecessor, rule),
    )


def _is_utility(instance: StageInstance) -> bool:
    return instance.owner == "utility"


def _carried(instance: StageInstance, same: bool) -> int:  # noqa: FBT001
    # The days of the case before were counted there already.
    return instance.carried_days if same else 0


def _recounted(instance: StageInstance, rule: DayRule) -> int:
    until = rule.day(instance.stopped_at or instance.started_at)
    holds = [(rule.day(hold.started_at), rule.day(hold.stopped_at or hold.started_at)) for hold in instance.holds]
    return rule.tally(rule.day(instance.started_at), until, holds=holds, limit=None).used_days


def _whole_days(predecessor: Reading, rule: DayRule) -> int:
    if predecessor.accepted_at is None or predecessor.ended_at is None:
        return 0
    return rule.count(rule.day(predecessor.accepted_at), rule.day(predecessor.ended_at))[0]
