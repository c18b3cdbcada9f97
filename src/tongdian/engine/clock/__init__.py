"""The clock: every stage, deadline and verdict of a case, derived from its events by pure functions.

`replay` reads one case, `replay_many` columns of millions of events; both walk the same state machine.
"""

from tongdian.engine.clock.columns import EventColumns, InstanceColumns, ReadingColumns, replay_many
from tongdian.engine.clock.days import Deadline
from tongdian.engine.clock.definition import ClockDefinition, Counting, DefinitionError, StageRule, definition_from
from tongdian.engine.clock.event import ClockEvent, Finding
from tongdian.engine.clock.inheritance import Inherited, InheritedColumns, NotWithdrawn, inherited_from
from tongdian.engine.clock.reading import VERDICTS, Hold, NextDue, OwnerDays, Reading, Span, StageInstance
from tongdian.engine.clock.recount import DayLine, MovedDeadline, explain, recomputed
from tongdian.engine.clock.replay import replay

__all__ = [
    "VERDICTS",
    "ClockDefinition",
    "ClockEvent",
    "Counting",
    "DayLine",
    "Deadline",
    "DefinitionError",
    "EventColumns",
    "Finding",
    "Hold",
    "Inherited",
    "InheritedColumns",
    "InstanceColumns",
    "MovedDeadline",
    "NextDue",
    "NotWithdrawn",
    "OwnerDays",
    "Reading",
    "ReadingColumns",
    "Span",
    "StageInstance",
    "StageRule",
    "definition_from",
    "explain",
    "inherited_from",
    "recomputed",
    "replay",
    "replay_many",
]
