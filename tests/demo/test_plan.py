from collections import Counter
from datetime import date

import pytest

from tongdian.connection.rules import OPEN_STATUSES
from tongdian.demo.plan import FEWEST, Planned, plan
from tongdian.kernel import divisions

TODAY = date(2026, 11, 23)
SINGLE = {"acceptance": 1, "scheme": 4, "completion_inspection": 3, "connect": 2}
DUAL = {
    "acceptance": 1,
    "scheme": 6,
    "design_review": 3,
    "interim_inspection": 2,
    "completion_inspection": 3,
    "connect": 2,
}
WHOLE, SIGNED_UP = {"lv_whole": 3}, {"acceptance": 1, "scheme": 1, "connect": 1}
LOW = {"lv_resident": WHOLE, "lv_three_zero": {"lv_whole": 7}, "lv_no_works": {"lv_whole": 1}, "lv_other": SIGNED_UP}
LIMITS = LOW | {"hv10_single": SINGLE, "hv10_dual": DUAL, "hv35_single": DUAL, "hv35_dual": DUAL}


def make(count: int = 300, seed: int = 1) -> list[Planned]:
    return plan(count, seed=seed, limits=LIMITS, on=TODAY, home_city="370100", incremental_county="370117")


def told(planned: list[Planned]) -> list[tuple[str, str, str, int]]:
    return [(each.course.status, each.course.customer_class, each.county_code, each.person) for each in planned]


class TestPlan:
    def test_is_the_same_for_the_same_seed_only(self) -> None:
        assert told(make(seed=4)) == told(make(seed=4))
        assert told(make(seed=4)) != told(make(seed=5))

    @pytest.mark.parametrize("count", [FEWEST, FEWEST + 1, 40, 300])
    def test_makes_as_many_as_asked_with_every_open_status(self, count: int) -> None:
        planned = make(count)

        assert len(planned) == count
        assert {each.course.status for each in planned} >= OPEN_STATUSES | {"energised"}

    def test_leaves_an_eighth_open(self) -> None:
        still_open = sum(each.course.status in OPEN_STATUSES for each in make())

        assert still_open == round(0.12 * 300)

    def test_reaches_every_city_and_both_utilities(self) -> None:
        counties = Counter(each.county_code for each in make(1000))

        assert {code[:4] for code in counties} == {city.code[:4] for city in divisions.children("370000", TODAY)}
        assert counties["370117"] >= 5

    def test_is_mostly_low_voltage_with_every_class(self) -> None:
        classes = Counter(each.course.customer_class for each in make(1000))

        assert set(classes) == set(LIMITS)
        assert sum(classes[name] for name in LOW) > 800

    def test_is_later_in_some_cities_than_in_others(self) -> None:
        def late(planned: Planned) -> bool:
            limits = LIMITS[planned.course.customer_class]
            return any(step.waits_days > limits.get(step.stage, 99) for step in planned.course.steps)

        shares = {}
        for city in ("3702", "3717"):
            cases = [each for each in make(3000) if each.county_code.startswith(city)]
            shares[city] = sum(map(late, cases)) / len(cases)

        assert shares["3702"] < shares["3717"]

    def test_takes_up_withdrawn_cases_again(self) -> None:
        planned = {each.serial: each for each in make(1000)}
        taken_up = [each for each in planned.values() if each.predecessor]

        assert len(taken_up) >= 10
        for each in taken_up:
            before = planned[each.predecessor]
            assert before.course.status == "withdrawn"
            assert (before.person, before.course.customer_class) == (each.person, each.course.customer_class)
        assert len({each.predecessor for each in taken_up}) == len(taken_up)

    def test_gives_a_firm_one_county(self) -> None:
        planned = make()

        assert len({(each.person, each.county_code) for each in planned}) == len({each.person for each in planned})

    def test_gives_the_first_applicant_three_cases(self) -> None:
        mine = [each for each in make() if each.person == 1]

        assert sorted(each.course.status for each in mine) == ["energised", "in_completion_inspection", "scheme_issued"]
