"""Files that come from elsewhere or go there, read and written; the only place of the engine that opens files."""

from tongdian.engine.formats.event_log import (
    CASE_TIMES,
    NO_TIME,
    BadRow,
    EventLog,
    LogColumns,
    LogFormat,
    read_event_log,
)
from tongdian.engine.formats.tables import UnreadableLog

__all__ = [
    "CASE_TIMES",
    "NO_TIME",
    "BadRow",
    "EventLog",
    "LogColumns",
    "LogFormat",
    "UnreadableLog",
    "read_event_log",
]
