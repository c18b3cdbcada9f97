"""Half-open periods of days or instants, and months counted as the Civil Code counts them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

Moment = TypeVar("Moment", bound=date)


class ImpossiblePeriod(Exception):
    """A period's end does not come after its start, or the two are not of one kind."""

    def __init__(self, start: date, end: date | None, why: str) -> None:
        super().__init__(f"no period runs from {start} until {end}: {why}")
        self.start, self.end = start, end


@dataclass(frozen=True)
class Period(Generic[Moment]):
    """The stretch from `start` (included) until `end` (excluded); an end of None means it has not ended.

    Both are dates, or both are datetimes with a time zone. Half-open: periods that follow each other share a boundary
    and no moment. Raises ImpossiblePeriod when `end` does not come after `start`, the kinds differ or a time zone is
    missing.
    """

    start: Moment
    end: Moment | None

    def __post_init__(self) -> None:
        """Raise ImpossiblePeriod for bounds that make no period."""
        if isinstance(self.start, datetime) != isinstance(self.end or self.start, datetime):
            raise ImpossiblePeriod(self.start, self.end, "a date and a datetime do not compare")
        for bound in (self.start, self.end):
            if isinstance(bound, datetime) and bound.tzinfo is None:
                raise ImpossiblePeriod(self.start, self.end, "a datetime has no time zone")
        if self.end is not None and self.end <= self.start:
            raise ImpossiblePeriod(self.start, self.end, "the end does not come after the start")

    def contains(self, moment: Moment) -> bool:
        """Say whether a moment lies in the period: the start does, the end does not."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, other: "Period[Moment]") -> bool:
        """Say whether the two share at least one moment; touching is not overlapping."""
        return self.intersection(other) is not None

    def intersection(self, other: "Period[Moment]") -> "Period[Moment] | None":
        """Return what the two share, None when they share nothing."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends, default=None)
        return Period(start, end) if end is None or start < end else None


def add_months(day: Moment, n: int) -> Moment:
    """Return the corresponding day `n` months later (earlier when negative), or that month's last day if it has none.

    Civil Code art. 202. The time of day of a datetime is kept.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + n, 12)
    return day.replace(year=year, month=month0 + 1, day=min(day.day, monthrange(year, month0 + 1)[1]))
