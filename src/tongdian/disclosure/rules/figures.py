"""Figures of a published month, from its published rows alone, so that anybody gets the same from the file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tongdian.disclosure.rules.cells import ALL, CITY_DIGITS
from tongdian.disclosure.rules.rows import Value
from tongdian.engine.conformance import spread
from tongdian.kernel.divisions import PROVINCE


@dataclass(frozen=True)
class Group:
    """Cases of one city and class. `measured` were on time or late; days are of energised ones, None where untold."""

    city: str
    customer_class: str
    cases: int
    measured: int
    on_time: int
    energised: int
    median_days: float | None
    p90_days: float | None
    provisional: int

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.measured if self.measured else None


def groups(rows: Iterable[Mapping[str, Value]]) -> list[Group]:
    """Group rows by city and class; those whose place is the whole province stand last, as PROVINCE,
    and among equals of place those whose class is not told.

    Late counts a case that is open and late at the end of the month too. Median and 90th percentile (linear
    interpolation) are of the days of the utility, of cases energised in the month.
    """
    found: dict[tuple[str, str], list[Mapping[str, Value]]] = defaultdict(list)
    for each in rows:
        place = str(each["place"])
        found[place[:CITY_DIGITS] + "00", str(each["customer_class"])].append(each)
    ordered = sorted(found, key=lambda key: (key[0] == PROVINCE, key[0], key[1] == ALL, key[1]))
    return [_group(city, class_, found[city, class_]) for city, class_ in ordered]


def _group(city: str, customer_class: str, rows: Sequence[Mapping[str, Value]]) -> Group:
    verdicts = [str(each["verdict"]) for each in rows]
    energised = [each.get("utility_days") for each in rows if each["why"] == "closed"]
    days = spread([float(value) for value in energised if isinstance(value, int)])
    return Group(
        city=city,
        customer_class=customer_class,
        cases=len(rows),
        measured=verdicts.count("on_time") + verdicts.count("late"),
        on_time=verdicts.count("on_time"),
        energised=len(energised),
        median_days=days.p50,
        p90_days=days.p90,
        provisional=sum(bool(each["is_provisional"]) for each in rows),
    )


@dataclass(frozen=True)
class Changes:
    """What a version has that the one before it had not, by pseudonym; `columns` are those with other values."""

    added: int
    removed: int
    changed: int
    columns: tuple[str, ...]


def changes(before: Sequence[Mapping[str, Value]], after: Sequence[Mapping[str, Value]]) -> Changes:
    """Compare the rows of two versions of one month."""
    old = {str(each["case"]): each for each in before}
    new = {str(each["case"]): each for each in after}
    differing = [
        {name for name in {*old[key], *new[key]} if old[key].get(name) != new[key].get(name)}
        for key in old.keys() & new.keys()
    ]
    return Changes(
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        changed=sum(bool(each) for each in differing),
        columns=tuple(sorted(set().union(*differing))) if differing else (),
    )
