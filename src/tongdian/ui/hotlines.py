"""The two hotlines, always together: who names one to a reader names the other."""

from dataclasses import dataclass
from datetime import date

from tongdian.policy import current_book


@dataclass(frozen=True)
class Hotlines:
    supply: str
    regulator: str


def hotlines_on(day: date) -> Hotlines:
    """Return the supply and the regulator's hotline in force on a day."""
    book = current_book()
    supply, regulator = (str(book.lookup(f"hotline.{name}", on=day).value) for name in ("supply", "regulator"))
    return Hotlines(supply, regulator)
