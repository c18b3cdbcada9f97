"""Rows of the case frame and of its timeline."""

from tongdian.case.models.frame import Case
from tongdian.case.models.timeline import (
    Checkpoint,
    ClockChange,
    Event,
    Installation,
    Leaf,
    LogKey,
    Node,
    Pending,
    WitnessAnswer,
)

__all__ = [
    "Case",
    "Checkpoint",
    "ClockChange",
    "Event",
    "Installation",
    "Leaf",
    "LogKey",
    "Node",
    "Pending",
    "WitnessAnswer",
]
