"""The book: lookup by date, place, zone and layer; digest."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.policy import UNKNOWN, Book, Entry, NoRuling, NotADivisionCode, Ruling, Source, Words, packaged_book

DAY = date(2021, 1, 1)
RULING = Ruling(
    id="a.b",
    value=5,
    unit="workday",
    clause=Words("第一条", "article 1"),
    certainty="verified",
    valid_from=DAY,
    valid_until=None,
    place="370000",
    zone=None,
    layer="plan",
    checked_on=date(2026, 11, 23),
    note=None,
    source="act",
    origin="test",
)
ENTRY = Entry("a.b", "sample", Words("时限", "Limit"), "workday", "plan", None, (RULING,))


def book_of(*rulings: Ruling, **changes: object) -> Book:
    entry = replace(ENTRY, rulings=rulings, **changes)
    return Book({"a.b": entry}, {"sample": Words("样例", "Sample")}, {"act": Source("act", Words("规定", "Act"), DAY)})


class TestLookup:
    def test_takes_the_most_specific_place(self) -> None:
        city, county = replace(RULING, value=4, place="370100"), replace(RULING, value=3, place="370102")
        nation = replace(RULING, value=6, place="100000")
        book = book_of(nation, RULING, county, city)

        found = [book.lookup("a.b", on=DAY, place=place).value for place in ("370102", "370103", "370200", "110000")]

        assert found == [3, 4, 5, 6]

    def test_takes_the_zone_first_at_one_place_only_when_asked(self) -> None:
        book = book_of(RULING, replace(RULING, value=3, zone="urban_planned_area"))

        assert book.lookup("a.b", on=DAY).value == 5
        assert book.lookup("a.b", on=DAY, zone="urban_planned_area").value == 3

    def test_takes_the_more_specific_place_before_the_zone(self) -> None:
        book = book_of(replace(RULING, value=3, zone="urban_planned_area"), replace(RULING, value=4, place="370100"))

        assert book.lookup("a.b", on=DAY, place="370100", zone="urban_planned_area").value == 4

    def test_falls_back_to_the_wider_place_when_the_narrow_value_has_ended(self) -> None:
        ended = replace(RULING, value=4, place="370100", valid_until=date(2022, 1, 1))
        book = book_of(RULING, ended)

        assert book.lookup("a.b", on=date(2022, 1, 1), place="370100").value == 5

    @pytest.mark.parametrize(
        ("day", "value"), [("2021-12-31", 5), ("2022-01-01", 7), ("2022-01-02", 7), ("2021-01-01", 5)]
    )
    def test_changes_on_the_day_the_next_value_starts(self, day: str, value: int) -> None:
        turn = date(2022, 1, 1)
        book = book_of(replace(RULING, valid_until=turn), replace(RULING, value=7, valid_from=turn))

        assert book.lookup("a.b", on=date.fromisoformat(day)).value == value

    def test_lets_the_layer_of_the_entry_speak(self) -> None:
        book = book_of(RULING, replace(RULING, value=9, layer="regulator"), layer="regulator")

        assert book.lookup("a.b", on=DAY).value == 9
        assert book.lookup("a.b", on=DAY, layer="plan").value == 5

    def test_raises_before_the_first_value_and_names_it(self) -> None:
        with pytest.raises(NoRuling, match="The nearest known dates are 2021-01-01 – open") as caught:
            book_of(RULING).lookup("a.b", on=date(2020, 12, 31))

        assert caught.value.nearest == (RULING,)
        assert (caught.value.id, caught.value.on) == ("a.b", date(2020, 12, 31))

    def test_raises_between_two_values_and_names_both(self) -> None:
        before = replace(RULING, valid_until=date(2021, 6, 1))
        after = replace(RULING, value=7, valid_from=date(2022, 1, 1))

        with pytest.raises(NoRuling, match="2021-01-01 – 2021-06-01 and 2022-01-01 – open") as caught:
            book_of(before, after).lookup("a.b", on=date(2021, 6, 1))

        assert caught.value.nearest == (before, after)

    def test_raises_where_only_another_layer_or_place_speaks(self) -> None:
        other = replace(RULING, layer="regulator", zone="urban_planned_area")

        with pytest.raises(NoRuling, match="It has values for: layer regulator in 370000 zone urban_planned_area"):
            book_of(other).lookup("a.b", on=DAY)

    def test_raises_for_an_unknown_id_and_names_similar_ones(self) -> None:
        with pytest.raises(NoRuling, match=r"no entry 'connection\.total_limit\.hv10'. Similar: connection\.total"):
            packaged_book().lookup("connection.total_limit.hv10", on=DAY)

    def test_raises_for_an_unknown_id_like_no_other(self) -> None:
        with pytest.raises(NoRuling, match="tongdian policy list"):
            packaged_book().lookup("zzz", on=DAY)

    def test_refuses_a_place_that_is_no_code(self) -> None:
        with pytest.raises(NotADivisionCode):
            book_of(RULING).lookup("a.b", on=DAY, place="Jinan")

    @given(
        st.lists(st.integers(0, 400), min_size=2, max_size=6, unique=True).map(sorted),
        st.integers(-10, 410),
    )
    def test_agrees_with_a_walk_through_adjoining_periods(self, cuts: list[int], asked: int) -> None:
        days = [DAY + timedelta(days=cut) for cut in cuts]
        pairs = list(pairwise(days))
        rulings = [replace(RULING, value=n, valid_from=a, valid_until=b) for n, (a, b) in enumerate(pairs)]
        on = DAY + timedelta(days=asked)
        expected = next((n for n, (a, b) in enumerate(pairs) if a <= on < b), None)

        try:
            found = book_of(*rulings).lookup("a.b", on=on).value
        except NoRuling:
            found = None

        assert found == expected


class TestByMatter:
    def test_keeps_the_order_of_matters_and_of_files_and_leaves_empty_matters_out(self) -> None:
        one, two = replace(ENTRY, id="z.z", matter="first"), replace(ENTRY, id="a.a", matter="first")
        three = replace(ENTRY, matter="last")
        words = Words("事项", "Matter")
        book = Book({"a.b": three, "z.z": one, "a.a": two}, {"first": words, "empty": words, "last": words}, {})

        assert book.by_matter() == (("first", (one, two)), ("last", (three,)))


class TestLayers:
    def test_gives_one_ruling_per_layer_that_speaks_plan_first(self) -> None:
        company = replace(RULING, value=15, layer="company", place="100000")
        ended = replace(RULING, value=20, layer="regulator", valid_until=date(2021, 2, 1))
        book = book_of(company, ended, RULING, replace(RULING, value=4, place="370100"))

        found = book.layers("a.b", date(2021, 3, 1), "370100")

        assert [(ruling.layer, ruling.value) for ruling in found] == [("plan", 4), ("company", 15)]

    def test_is_empty_where_nobody_speaks(self) -> None:
        assert book_of(RULING).layers("a.b", date(2020, 1, 1)) == ()

    def test_raises_for_an_unknown_id(self) -> None:
        with pytest.raises(NoRuling):
            book_of(RULING).layers("a.c", DAY)


class TestHistory:
    def test_orders_by_layer_place_and_start(self) -> None:
        first = replace(RULING, valid_until=date(2022, 1, 1))
        later = replace(RULING, valid_from=date(2022, 1, 1))
        city, company = replace(RULING, place="370100"), replace(RULING, layer="company")

        assert book_of(company, city, later, first).history("a.b") == (first, later, city, company)

    def test_raises_for_an_unknown_id(self) -> None:
        with pytest.raises(NoRuling):
            book_of(RULING).history("a.c")


class TestDigest:
    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("value", 6),
            ("value", Decimal(5)),
            ("value", "5"),
            ("value", UNKNOWN),
            ("clause", Words("第二条", "article 1")),
            ("clause", Words("第一条", "article 2")),
            ("certainty", "memory"),
            ("valid_from", date(2021, 1, 2)),
            ("valid_until", date(2031, 1, 1)),
            ("place", "370100"),
            ("zone", "urban_planned_area"),
            ("layer", "company"),
            ("checked_on", date(2026, 11, 24)),
            ("note", Words("注", "note")),
            ("source", "other"),
        ],
    )
    def test_changes_with_any_field_of_a_value(self, field: str, changed: object) -> None:
        assert book_of(replace(RULING, **{field: changed})).digest != book_of(RULING).digest

    @pytest.mark.parametrize(
        ("field", "changed"),
        [
            ("matter", "other"),
            ("title", Words("时限", "Time limit")),
            ("unit", "hour"),
            ("layer", "company"),
            ("note", Words("注", "note")),
        ],
    )
    def test_changes_with_any_field_of_an_entry(self, field: str, changed: object) -> None:
        assert book_of(RULING, **{field: changed}).digest != book_of(RULING).digest

    def test_changes_with_a_further_value(self) -> None:
        assert book_of(RULING, replace(RULING, layer="company")).digest != book_of(RULING).digest

    def test_changes_with_a_source_or_a_matter(self) -> None:
        book = book_of(RULING)
        source = Source("act", Words("规定", "Act"), None)

        assert replace(book, sources={"act": source}).digest != book.digest
        assert replace(book, matters={}).digest != book.digest

    def test_is_the_same_whatever_the_order_and_the_origin(self) -> None:
        other = replace(RULING, layer="company")
        moved = replace(RULING, origin="elsewhere")

        assert book_of(other, moved).digest == book_of(RULING, other).digest

    def test_sees_inside_structured_values(self) -> None:
        one = replace(RULING, value=MappingProxyType({"a": (1, 2)}))
        two = replace(RULING, value=MappingProxyType({"a": (2, 1)}))

        assert book_of(one).digest != book_of(two).digest
