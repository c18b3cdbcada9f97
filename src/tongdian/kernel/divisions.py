"""Administrative divisions of Shandong by code and date: province, cities, county-level units.

Development zones with statistical codes (the county part 71 to 79) are no divisions and not in the table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Literal, cast

from tongdian.kernel import data

Level = Literal["province", "city", "county"]
PROVINCE = "370000"


class UnknownDivision(Exception):
    """No division had this code on this day; `successor` is the code that took over, empty when there is none."""

    def __init__(self, code: str, on: date, successor: str = "") -> None:
        hint = f"; its successor is {successor}" if successor else ""
        super().__init__(f"no division of Shandong had the code {code!r} on {on}{hint}")
        self.code, self.on, self.successor = code, on, successor


@dataclass(frozen=True)
class Division:
    """One division while its code is valid: from `valid_from` on, until the day before `valid_until` (None: still).

    `sort_key` is the name in toneless pinyin, a syllable at a time: the order a reader of Chinese expects.
    `certainty` tells how well the two dates are known.
    """

    code: str
    level: Level
    name_zh: str
    name_en: str
    sort_key: str
    parent_code: str
    valid_from: date
    valid_until: date | None
    successor: str
    certainty: str

    def is_valid(self, on: date) -> bool:
        """Say whether the division existed on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


def division(code: str, on: date) -> Division:
    """Return the division that had a six-digit code on a day.

    Raises UnknownDivision when the code was not valid then: never given, not yet, no longer, or a day before 2015.
    """
    stretches = _by_code().get(code, ())
    for one in stretches:
        if one.is_valid(on):
            return one
    ended = [one.successor for one in stretches if one.valid_until and one.valid_until <= on]
    raise UnknownDivision(code, on, ended[-1] if ended else "")


def divisions(on: date, *, level: Level | None = None) -> tuple[Division, ...]:
    """List the divisions of a day in the order of their codes, of all levels or of one."""
    return tuple(one for one in _table() if one.is_valid(on) and level in (None, one.level))


def children(code: str, on: date) -> tuple[Division, ...]:
    """List what lay directly under a division on a day, in the order of the codes; nothing under a county.

    Raises UnknownDivision as `division`.
    """
    parent = division(code, on)
    return tuple(one for one in divisions(on) if one.parent_code == parent.code)


def ancestors(code: str, on: date) -> tuple[Division, ...]:
    """List what a division lay in on a day, nearest first; nothing for the province.

    Raises UnknownDivision as `division`.
    """
    parent_code = division(code, on).parent_code
    if not parent_code:
        return ()
    return (division(parent_code, on), *ancestors(parent_code, on))


def is_within(code: str, outer: str, *, on: date) -> bool:
    """Say whether a division was another one or lay in it on a day. Raises UnknownDivision as `division`."""
    return code == outer or any(one.code == outer for one in ancestors(code, on))


def by_name(found: Iterable[Division]) -> list[Division]:
    """Sort divisions by pinyin, equal names by code."""
    return sorted(found, key=lambda one: (one.sort_key, one.code))


@cache
def _table() -> tuple[Division, ...]:
    return tuple(_row(row) for row in data.read_csv("divisions.csv"))


@cache
def _by_code() -> dict[str, tuple[Division, ...]]:
    return {code: tuple(rows) for code, rows in groupby(_table(), key=attrgetter("code"))}


def _row(row: dict[str, str]) -> Division:
    until = row["valid_until"]
    return Division(
        code=row["code"],
        level=cast("Level", row["level"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        sort_key=row["sort_key"],
        parent_code=row["parent_code"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
        successor=row["successor"],
        certainty=row["certainty"],
    )
