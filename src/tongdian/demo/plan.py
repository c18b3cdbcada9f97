"""Plan the demonstration: which firm in which county asks for what, and where each case stands today. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from tongdian.demo.courses import Course, Lamp, Limits, course
from tongdian.kernel import divisions

SHARE_OPEN, SHARE_WITHDRAWN, SHARE_TAKEN_UP, SHARE_INCREMENTAL = 0.12, 0.05, 0.4, 0.05
# Nine of ten ask for low voltage; but who asks for more is under way for months, not days.
CLASS_MIX = {
    "lv_resident": 540, "lv_three_zero": 270, "lv_no_works": 50, "lv_other": 30,
    "hv10_single": 80, "hv10_dual": 15, "hv35_single": 10, "hv35_dual": 5,
}  # fmt: skip
OPEN_CLASS_MIX = {
    "lv_resident": 20, "lv_three_zero": 18, "lv_no_works": 4, "lv_other": 6,
    "hv10_single": 34, "hv10_dual": 10, "hv35_single": 5, "hv35_dual": 3,
}  # fmt: skip
NEXT_DAY, WHOLE, SIGNED_UP = "lv_no_works", ("lv_resident", "lv_three_zero"), "lv_other"
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
# Statuses a class passes through, where they are fewer.
STATUSES = {
    NEXT_DAY: {"submitted": 1, "accepted": 2},
    **{name: {"submitted": 2, "accepted": 5, "in_works": 4, "works_finished": 3} for name in WHOLE},
    SIGNED_UP: {"submitted": 2, "accepted": 2, "scheme_issued": 2, "scheme_confirmed": 2},
}
DESIGNED = frozenset({"in_design_review", "design_approved", "in_interim_inspection", "interim_passed"})
# How many of a hundred cases exceed a limit, by city: a supervisor has something to compare.
LATE_PER_CENT = {
    "370100": 9, "370200": 6, "370300": 14, "370400": 11, "370500": 8, "370600": 5, "370700": 12, "370800": 10,
    "370900": 7, "371000": 4, "371100": 9, "371300": 16, "371400": 13, "371500": 18, "371600": 10, "371700": 21,
}  # fmt: skip
# By population, in hundreds of thousands or so: it is a demonstration.
CITY_MIX = {
    "370100": 22, "370200": 18, "370300": 5, "370400": 4, "370500": 4, "370600": 8, "370700": 10, "370800": 7,
    "370900": 5, "371000": 4, "371100": 3, "371300": 10, "371400": 5, "371500": 5, "371600": 4, "371700": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One case to be: the customer is a number, so that it has one name, code and county.

    predecessor: the serial of the withdrawn case it takes up again.
    """

    serial: int
    person: int
    county_code: str
    course: Course
    rng: Random
    predecessor: int | None = None


@dataclass(frozen=True)
class _Wanted:
    person: int
    status: str
    customer_class: str = "hv10_single"
    lamp: Lamp | None = None
    predecessor: int | None = None


# Person 1 has the story to show. Then one case in every other open status, so that each page has something on it.
SCRIPT = (
    _Wanted(1, "scheme_issued"),
    _Wanted(1, "in_completion_inspection", lamp="on_track"),
    _Wanted(1, "energised"),
    _Wanted(2, "submitted", lamp="due_today"),
    _Wanted(3, "accepted", lamp="overdue"),
    _Wanted(4, "inspected", lamp="due_today"),
    _Wanted(5, "incomplete"),
    _Wanted(6, "scheme_confirmed"),
    _Wanted(7, "rectifying"),
    _Wanted(8, "in_design_review", "hv10_dual", lamp="due_soon"),
    _Wanted(9, "design_approved", "hv35_single"),
    _Wanted(10, "in_interim_inspection", "hv10_dual", lamp="due_today"),
    _Wanted(11, "interim_passed", "hv35_dual"),
    _Wanted(12, "accepted", "lv_resident", lamp="due_soon"),
    _Wanted(13, "in_works", "lv_three_zero", lamp="on_track"),
    _Wanted(14, "works_finished", "lv_three_zero", lamp="due_today"),
    _Wanted(15, "accepted", "lv_no_works", lamp="due_today"),
    _Wanted(16, "scheme_confirmed", "lv_other", lamp="overdue"),
)
FEWEST = len(SCRIPT)
OPEN = "open"
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
        county_code = places.county_of(wanted.person)
        made = course(
            wanted.status,
            customer_class=wanted.customer_class,
            limits=limits[wanted.customer_class],
            rng=rng,
            lamp=wanted.lamp,
            is_plain=serial <= FEWEST,
            share_late=LATE_PER_CENT[county_code[:4] + "00"] / 100,
        )
        planned.append(Planned(serial, wanted.person, county_code, made, rng, wanted.predecessor))
    return planned


def _wanted(count: int, rng: Random) -> Iterator[_Wanted]:
    yield from SCRIPT
    people = range(SCRIPTED_PEOPLE + 1, SCRIPTED_PEOPLE + 2 + count // 2)
    given_up: list[tuple[int, _Wanted]] = []
    for serial, status in enumerate(_statuses(count - FEWEST, count, rng), start=FEWEST + 1):
        if status == "energised" and given_up:
            predecessor, earlier = given_up.pop()
            yield replace(earlier, status=status, predecessor=predecessor)
            continue
        wanted = _drawn(status, rng.choice(people), rng)
        if status == "withdrawn" and rng.random() < SHARE_TAKEN_UP:
            given_up.append((serial, wanted))
        yield wanted


def _drawn(status: str, person: int, rng: Random) -> _Wanted:
    """Draw a class, and for a case under way a status it can have."""
    is_open = status == OPEN
    customer_class = _one_of(OPEN_CLASS_MIX if is_open else CLASS_MIX, rng)
    if not is_open:
        return _Wanted(person, status, customer_class)
    mix = STATUSES.get(customer_class, STATUS_MIX)
    fitting = {name: weight for name, weight in mix.items() if customer_class != "hv10_single" or name not in DESIGNED}
    return _Wanted(person, _one_of(fitting, rng), customer_class)


def _one_of(mix: Mapping[str, int], rng: Random) -> str:
    return rng.choices(list(mix), weights=list(mix.values()))[0]


def _statuses(left: int, count: int, rng: Random) -> list[str]:
    """Return what becomes of the cases beyond the script, so that the shares hold for all cases together."""
    scripted_open = sum(each.status != "energised" for each in SCRIPT)
    still_open = min(left, max(0, round(SHARE_OPEN * count) - scripted_open))
    withdrawn = min(left - still_open, round(SHARE_WITHDRAWN * count))
    found = [OPEN] * still_open + ["withdrawn"] * withdrawn + ["energised"] * (left - still_open - withdrawn)
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
