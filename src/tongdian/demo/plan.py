"""Plan the demonstration: which firm in which county asks for what, and where each case stands today. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from tongdian.demo.courses import Course, Lamp, Limits, course
from tongdian.kernel import divisions

SHARE_OPEN, SHARE_WITHDRAWN, SHARE_INCREMENTAL = 0.25, 0.06, 0.05
CLASS_MIX = {"hv10_single": 78, "hv10_dual": 13, "hv35_single": 6, "hv35_dual": 3}
STATUS_MIX = {
    "submitted": 3,
    "incomplete": 2,
    "accepted": 5,
    "scheme_issued": 5,
    "scheme_confirmed": 8,
    "in_design_review": 2,
    "design_approved": 3,
    "in_interim_inspection": 2,
    "interim_passed": 2,
    "in_completion_inspection": 4,
    "rectifying": 3,
    "inspected": 5,
}
DESIGNED = frozenset({"in_design_review", "design_approved", "in_interim_inspection", "interim_passed"})
CITY_MIX = {
    "370100": 22, "370200": 18, "370300": 5, "370400": 4, "370500": 4, "370600": 8, "370700": 10, "370800": 7,
    "370900": 5, "371000": 4, "371100": 3, "371300": 10, "371400": 5, "371500": 5, "371600": 4, "371700": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One case to be: the firm (and its person) is a number, so that a firm has one name, code and county."""

    serial: int
    person: int
    county_code: str
    course: Course
    rng: Random


@dataclass(frozen=True)
class _Scripted:
    person: int
    status: str
    customer_class: str = "hv10_single"
    lamp: Lamp | None = None


# Person 1 has the story to show. Then one case in every other open status, so that each page has something on it.
SCRIPT = (
    _Scripted(1, "scheme_issued"),
    _Scripted(1, "in_completion_inspection", lamp="on_track"),
    _Scripted(1, "energised"),
    _Scripted(2, "submitted", lamp="due_today"),
    _Scripted(3, "accepted", lamp="overdue"),
    _Scripted(4, "inspected", lamp="due_today"),
    _Scripted(5, "incomplete"),
    _Scripted(6, "scheme_confirmed"),
    _Scripted(7, "rectifying"),
    _Scripted(8, "in_design_review", "hv10_dual", lamp="due_soon"),
    _Scripted(9, "design_approved", "hv35_single"),
    _Scripted(10, "in_interim_inspection", "hv10_dual", lamp="due_today"),
    _Scripted(11, "interim_passed", "hv35_dual"),
)
FEWEST = len(SCRIPT)
SCRIPTED_PEOPLE = max(each.person for each in SCRIPT)


def plan(
    count: int, *, seed: int, limits: Mapping[str, Limits], on: date, home_city: str, incremental_county: str
) -> list[Planned]:
    """Return so many cases, at least FEWEST; the same seed gives the same firms, classes and statuses.

    limits: working days by class and stage, of the classes to use.
    """
    places = _Places(seed, on, home_city, incremental_county)
    planned = []
    for serial, wanted in enumerate(_wanted(count, Random(f"{seed}")), start=1):  # noqa: S311 - nothing is secret here
        rng = Random(f"{seed}:{serial}")  # noqa: S311
        made = course(
            wanted.status,
            customer_class=wanted.customer_class,
            limits=limits[wanted.customer_class],
            rng=rng,
            lamp=wanted.lamp,
            is_plain=serial <= FEWEST,
        )
        planned.append(Planned(serial, wanted.person, places.county_of(wanted.person), made, rng))
    return planned


def _wanted(count: int, rng: Random) -> Iterator[_Scripted]:
    yield from SCRIPT
    people = range(SCRIPTED_PEOPLE + 1, SCRIPTED_PEOPLE + 2 + count // 2)
    for status in _statuses(count - FEWEST, count, rng):
        mix = {name: weight for name, weight in CLASS_MIX.items() if status not in DESIGNED or name != "hv10_single"}
        customer_class = rng.choices(list(mix), weights=list(mix.values()))[0]
        yield _Scripted(rng.choice(people), status, customer_class)


def _statuses(left: int, count: int, rng: Random) -> list[str]:
    """Return the statuses of the cases beyond the script, so that the shares hold for all cases together."""
    scripted_open = sum(each.status != "energised" for each in SCRIPT)
    still_open = min(left, max(0, round(SHARE_OPEN * count) - scripted_open))
    withdrawn = min(left - still_open, round(SHARE_WITHDRAWN * count))
    found = rng.choices(list(STATUS_MIX), weights=list(STATUS_MIX.values()), k=still_open)
    found += ["withdrawn"] * withdrawn + ["energised"] * (left - still_open - withdrawn)
    rng.shuffle(found)
    return found


class _Places:
    """Where each firm is: the first ones in the home city, the others by weight, some with the other utility."""

    def __init__(self, seed: int, on: date, home_city: str, incremental_county: str) -> None:
        self.seed, self.home_city, self.incremental_county = seed, home_city, incremental_county
        self.counties = {city: self._of_grid(city, on) for city in CITY_MIX}

    def county_of(self, person: int) -> str:
        rng = Random(f"{self.seed}:person:{person}")  # noqa: S311
        if person <= SCRIPTED_PEOPLE:
            return rng.choice(self.counties[self.home_city])
        if rng.random() < SHARE_INCREMENTAL:
            return self.incremental_county
        city = rng.choices(list(CITY_MIX), weights=list(CITY_MIX.values()))[0]
        return rng.choice(self.counties[city])

    def _of_grid(self, city: str, on: date) -> list[str]:
        return [each.code for each in divisions.children(city, on) if each.code != self.incremental_county]
