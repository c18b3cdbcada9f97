"""Writes of the case frame and of its timeline."""

from tongdian.case.operations.correcting import correct
from tongdian.case.operations.frame import assign, assign_number, lock, lock_many, open_case, record
from tongdian.case.operations.timeline import (
    Entry,
    Source,
    append,
    append_many,
    found_installation,
    move_clock_to,
    set_clock,
)

__all__ = [
    "Entry",
    "Source",
    "append",
    "append_many",
    "assign",
    "assign_number",
    "correct",
    "found_installation",
    "lock",
    "lock_many",
    "move_clock_to",
    "open_case",
    "record",
    "set_clock",
]
