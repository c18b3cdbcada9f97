"""Divisions of Shandong: counts, tree, and the codes that changed."""

from datetime import date, timedelta

import pytest

from tongdian.kernel.divisions import (
    UnknownDivision,
    ancestors,
    by_name,
    children,
    division,
    divisions,
    is_within,
)

NOW = date(2026, 11, 23)
DAY = timedelta(days=1)

# Old code, new code, first day of the new one.
CHANGES = [
    ("371202", "370116", date(2019, 1, 9)),
    ("371203", "370117", date(2019, 1, 9)),
    ("370684", "370614", date(2020, 6, 5)),
    ("370634", "370614", date(2020, 6, 5)),
    ("370125", "370115", date(2018, 6, 19)),
    ("370181", "370114", date(2016, 9, 1)),
    ("370282", "370215", date(2017, 7, 18)),
    ("370521", "370505", date(2016, 6, 1)),
    ("371523", "371503", date(2019, 9, 1)),
    ("371626", "371681", date(2018, 7, 1)),
    ("371727", "371703", date(2016, 1, 1)),
]


class TestDivision:
    @pytest.mark.parametrize(("old", "new", "changed_on"), CHANGES)
    def test_hands_a_code_over_on_one_day(self, old: str, new: str, changed_on: date) -> None:
        assert division(old, on=changed_on - DAY).successor == new
        assert division(new, on=changed_on).valid_from == changed_on
        with pytest.raises(UnknownDivision) as no_longer:
            division(old, on=changed_on)
        with pytest.raises(UnknownDivision) as not_yet:
            division(new, on=changed_on - DAY)

        assert (no_longer.value.successor, not_yet.value.successor) == (new, "")

    @pytest.mark.parametrize(
        ("code", "on"), [("370199", NOW), ("371072", NOW), ("", NOW), ("370102", date(2014, 12, 31))]
    )
    def test_raises_for_a_code_that_was_not_valid(self, code: str, on: date) -> None:
        with pytest.raises(UnknownDivision) as caught:
            division(code, on=on)

        assert (caught.value.code, caught.value.on) == (code, on)

    @pytest.mark.parametrize(
        ("code", "name_zh", "name_en"),
        [
            ("370000", "山东省", "Shandong Province"),
            ("370100", "济南市", "Jinan"),
            ("370900", "泰安市", "Tai'an"),
            ("370102", "历下区", "Lixia District, Jinan"),
            ("370113", "长清区", "Changqing District, Jinan"),
            ("370405", "台儿庄区", "Tai'erzhuang District, Zaozhuang"),
            ("371481", "乐陵市", "Laoling City, Dezhou"),
            ("371524", "东阿县", "Dong'e County, Liaocheng"),
            ("371722", "单县", "Shan County, Heze"),
        ],
    )
    def test_knows_both_names(self, code: str, name_zh: str, name_en: str) -> None:
        found = division(code, on=NOW)

        assert (found.name_zh, found.name_en) == (name_zh, name_en)


class TestDivisions:
    @pytest.mark.parametrize(
        ("on", "cities", "counties"),
        [(NOW, 16, 136), (date(2019, 1, 8), 17, 137), (date(2019, 1, 9), 16, 137), (date(2020, 6, 5), 16, 136)],
    )
    def test_count_as_many_as_there_were(self, on: date, cities: int, counties: int) -> None:
        assert [len(divisions(on, level=level)) for level in ("province", "city", "county")] == [1, cities, counties]

    def test_have_58_districts_26_cities_and_52_counties_today(self) -> None:
        endings = [one.name_zh[-1] for one in divisions(NOW, level="county")]

        assert {ending: endings.count(ending) for ending in "区市县"} == {"区": 58, "市": 26, "县": 52}

    @pytest.mark.parametrize("on", [date(2015, 1, 1), date(2018, 12, 31), NOW])
    def test_never_give_two_divisions_one_english_name(self, on: date) -> None:
        names = [one.name_en for one in divisions(on)]

        assert len(set(names)) == len(names)


class TestChildren:
    def test_cover_the_province(self) -> None:
        cities = children("370000", on=NOW)

        assert len(cities) == 16
        assert sum(len(children(city.code, on=NOW)) for city in cities) == 136

    def test_follow_the_date(self) -> None:
        assert [one.name_zh for one in children("371200", on=date(2019, 1, 8))] == ["莱城区", "钢城区"]
        assert {"370116", "370117"} <= {one.code for one in children("370100", on=date(2019, 1, 9))}

    def test_are_none_under_a_county(self) -> None:
        assert children("370102", on=NOW) == ()

    def test_raise_for_an_unknown_parent(self) -> None:
        with pytest.raises(UnknownDivision):
            children("371200", on=NOW)


class TestAncestors:
    def test_stand_nearest_first(self) -> None:
        assert [one.code for one in ancestors("370102", on=NOW)] == ["370100", "370000"]

    def test_are_none_for_the_province(self) -> None:
        assert ancestors("370000", on=NOW) == ()

    @pytest.mark.parametrize("on", [date(2015, 1, 1), date(2019, 1, 8), date(2019, 1, 9), NOW])
    def test_lead_to_the_province_from_everywhere(self, on: date) -> None:
        assert all(ancestors(one.code, on=on)[-1].code == "370000" for one in divisions(on) if one.level != "province")

    def test_raise_for_an_unknown_code(self) -> None:
        with pytest.raises(UnknownDivision):
            ancestors("371202", on=NOW)


class TestIsWithin:
    @pytest.mark.parametrize(
        ("code", "outer", "expected"),
        [
            ("370102", "370100", True),
            ("370102", "370000", True),
            ("370102", "370102", True),
            ("370102", "370200", False),
            ("370100", "370102", False),
        ],
    )
    def test_follows_the_tree(self, code: str, outer: str, expected: bool) -> None:
        assert is_within(code, outer, on=NOW) is expected

    def test_raises_for_an_unknown_code(self) -> None:
        with pytest.raises(UnknownDivision):
            is_within("371202", "370000", on=NOW)


class TestByName:
    def test_sorts_by_pinyin_and_not_by_code_point(self) -> None:
        assert [one.name_zh for one in by_name(children("370000", on=NOW))][:5] == [
            "滨州市",
            "德州市",
            "东营市",
            "菏泽市",
            "济南市",
        ]

    def test_sorts_equal_names_by_code(self) -> None:
        found = by_name(one for one in divisions(NOW) if one.name_zh == "市中区")

        assert [one.code for one in found] == ["370103", "370402"]
