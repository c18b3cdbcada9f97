"""Judging event logs of others: on time or not, out of what number, and whether the steps were taken as they should."""

from tongdian.engine.conformance.automaton import Automaton, automaton_of
from tongdian.engine.conformance.durations import Spread, StageDurations, spread
from tongdian.engine.conformance.judgement import EmptyLogError, Judgement, Month, Rate, StepLine, judge
from tongdian.engine.conformance.mapping import LogMapping, LogStage, MappingError, mapping_from

__all__ = [
    "Automaton",
    "EmptyLogError",
    "Judgement",
    "LogMapping",
    "LogStage",
    "MappingError",
    "Month",
    "Rate",
    "Spread",
    "StageDurations",
    "StepLine",
    "automaton_of",
    "judge",
    "mapping_from",
    "spread",
]
