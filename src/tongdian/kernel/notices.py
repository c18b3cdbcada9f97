"""Holiday notices of the State Council: which days they set, from when they were known, what they settle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from tongdian.kernel import data

PACKAGED = "working_days.yaml"


class NoticeContradiction(Exception):
    """One day is called worked and off, by one notice or by two announced on the same day."""

    def __init__(self, day: date, notices: tuple[str, ...]) -> None:
        super().__init__(
            f"{day} is both a working day and a day off in {' and '.join(notices)}: "
            "correct one of them; a notice announced later may change an earlier one"
        )
        self.day, self.notices = day, notices


@dataclass(frozen=True, order=True)
class NoticeDay:
    """One day a notice sets: worked or off, and the holiday it belongs to (Chinese name)."""

    date: date
    is_working: bool
    name: str


@dataclass(frozen=True)
class Notice:
    """One holiday notice; `settles` = first and last day it decides for good, None when it only changes another."""

    id: str
    number: str
    title: str
    address: str
    announced_on: date
    settles: tuple[date, date] | None
    days: tuple[NoticeDay, ...]

    def __post_init__(self) -> None:
        """Raise NoticeContradiction when a day is both worked and off."""
        seen: dict[date, bool] = {}
        for day in self.days:
            if seen.setdefault(day.date, day.is_working) != day.is_working:
                raise NoticeContradiction(day.date, (self.id,))


@dataclass(frozen=True)
class StatutoryDay:
    """A holiday with a fixed date, for years without a notice; in force from `from_date`, known from `announced_on`."""

    name: str
    month: int
    day: int
    from_date: date
    announced_on: date


def packaged_notices(known_on: date | None = None) -> tuple[Notice, ...]:
    """Return the notices that ship with the product, announced on or before `known_on` (None: all), oldest first."""
    return tuple(notice for notice in _packaged() if known_on is None or notice.announced_on <= known_on)


def statutory_days(known_on: date | None = None) -> tuple[StatutoryDay, ...]:
    """Return the fixed-date statutory holidays that were law announced on or before `known_on` (None: all)."""
    rows = data.read_yaml(PACKAGED)["statutory"]["days"]
    days = (
        StatutoryDay(row["name"], row["month"], row["day"], from_date=row["from"], announced_on=row["announced_on"])
        for row in rows
    )
    return tuple(day for day in days if known_on is None or day.announced_on <= known_on)


def holiday_name_en(name: str) -> str:
    """Return the English name of a holiday, or the name itself when none is known."""
    return _english_names().get(name, name)


def effective_days(notices: Iterable[Notice]) -> dict[date, tuple[NoticeDay, Notice]]:
    """Lay notices over each other in the order of announcement: for each day the last word and who said it.

    Raises NoticeContradiction when two notices announced on the same day disagree about a day.
    """
    effective: dict[date, tuple[NoticeDay, Notice]] = {}
    for notice in sorted(notices, key=lambda one: (one.announced_on, one.id)):
        for day in notice.days:
            earlier = effective.get(day.date)
            if earlier and _contradicts(earlier, day, notice):
                raise NoticeContradiction(day.date, (earlier[1].id, notice.id))
            effective[day.date] = (day, notice)
    return effective


def _contradicts(earlier: tuple[NoticeDay, Notice], day: NoticeDay, notice: Notice) -> bool:
    return earlier[1].announced_on == notice.announced_on and earlier[0].is_working != day.is_working


@cache
def _packaged() -> tuple[Notice, ...]:
    return tuple(_notice(row) for row in data.read_yaml(PACKAGED)["notices"])


@cache
def _english_names() -> dict[str, str]:
    names: dict[str, str] = data.read_yaml(PACKAGED)["names"]
    return names


def _notice(row: dict[str, Any]) -> Notice:
    facts = dict(row)
    days = tuple(sorted(day for holiday in facts.pop("holidays") for day in _holiday_days(**holiday)))
    settled = facts.pop("settles", None)
    # Unknown or missing keys make the constructor raise: a typing error in the data cannot pass unseen.
    return Notice(**facts, days=days, settles=_bounds(settled) if settled else None)


def _holiday_days(name: str, rest: list[Any], work: tuple[Any, ...] | list[Any] = ()) -> Iterator[NoticeDay]:
    for is_working, stretches in ((False, rest), (True, work)):
        for stretch in stretches:
            for day in _days_of(stretch):
                yield NoticeDay(day, is_working, name)


def _days_of(stretch: date | str) -> Iterator[date]:
    first, last = (stretch, stretch) if isinstance(stretch, date) else _bounds(stretch)
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _bounds(stretch: str) -> tuple[date, date]:
    first, last = stretch.split("..")
    return date.fromisoformat(first), date.fromisoformat(last)
