"""Writes of the case frame and of its timeline."""

from tongdian.case.operations.timeline import (
    Entry,
    Source,
    append,
    append_many,
    found_installation,
    move_clock_to,
    set_clock,
)

__all__ = ["Entry", "Source", "append", "append_many", "found_installation", "move_clock_to", "set_clock"]
