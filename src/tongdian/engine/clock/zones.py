"""Local days of whole columns of instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Micros = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]

MICROS_A_DAY = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970-01-01 UTC, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(at_us: int) -> datetime:
    """Return microseconds since 1970-01-01 UTC as an aware instant."""
    return EPOCH + timedelta(microseconds=at_us)


def local_days(at_us: Micros, zone: str) -> Days:
    """Return the day number (days since 1970-01-01) each instant falls on in a zone.

    at_us: [n] microseconds since 1970-01-01 UTC. Offsets that change (summer time) are looked up; cost is one pass,
    plus one probe of the zone's rules per day between the first and the last instant.
    """
    if not at_us.size:
        return np.zeros(0, np.int32)
    starts, offsets = _offsets(int(at_us.min()), int(at_us.max()), ZoneInfo(zone))
    shift = offsets[0] if len(offsets) == 1 else offsets[np.searchsorted(starts, at_us, side="right") - 1]
    return ((at_us + shift) // MICROS_A_DAY).astype(np.int32)


def _offsets(first: int, last: int, zone: ZoneInfo) -> tuple[Micros, Micros]:
    """List the UTC offsets in force from `first` to `last`: instants from which, and microseconds."""
    starts, offsets = [first], [_offset(first, zone)]
    for probe in range(first, last + MICROS_A_DAY, MICROS_A_DAY):
        if _offset(probe, zone) != offsets[-1]:
            starts.append(_change(starts[-1] if probe == first else probe - MICROS_A_DAY, probe, zone))
            offsets.append(_offset(probe, zone))
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """Halve the day in which the offset changes down to the instant."""
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _offset(at_us: int, zone: ZoneInfo) -> int:
    offset = instant(at_us).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)
