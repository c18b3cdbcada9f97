"""Calendar months as the public files know them: in the site's zone, half-open."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tongdian.kernel.periods import add_months

_WRITTEN = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class NotAMonth(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a month; write it as 2026-10")
        self.text = text


@dataclass(frozen=True, order=True)
class Month:
    """A month by its first day."""

    first: date

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read a month written as 2026-10.

        Raises NotAMonth when it is written otherwise, or the year is none.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) == 0:
            raise NotAMonth(text)
        return cls(date(int(found[1]), int(found[2]), 1))

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month a day lies in."""
        return cls(day.replace(day=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def next(self) -> "Month":
        return Month(add_months(self.first, 1))

    @property
    def previous(self) -> "Month":
        return Month(add_months(self.first, -1))

    def begins(self, zone: str) -> datetime:
        """Return the first instant of the month in a zone; that of the next month is the first after it."""
        return datetime.combine(self.first, time.min, ZoneInfo(zone))

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the month; None does not."""
        return day is not None and self.first <= day < self.next.first
