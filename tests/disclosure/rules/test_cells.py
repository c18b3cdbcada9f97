"""Small cells are merged: nobody is alone, nobody is lost, nothing is told that was not true."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.disclosure.rules.cells import ALL, WIDEST, Cell, merged

PLACES = st.sampled_from(["370102", "370103", "370112", "370202", "370203", "371302"])
CELLS = st.builds(Cell, PLACES, st.sampled_from(["grid", "park"]), st.sampled_from(["lv_other", "hv10_single", "lv"]))


def of(*counts: tuple[str, int], utility: str = "grid", customer_class: str = "hv10_single") -> list[Cell]:
    return [Cell(place, utility, customer_class) for place, count in counts for _ in range(count)]


def is_wider(published: Cell, case: Cell) -> bool:
    digits = published.place.rstrip("0") if published.place != WIDEST.place else "37"
    return (
        case.place.startswith(digits)
        and published.utility in {case.utility, ALL}
        and published.customer_class in {case.customer_class, ALL}
    )


class TestMerged:
    @given(st.lists(CELLS, max_size=120), st.integers(1, 12))
    def test_leaves_no_cell_under_the_least_and_loses_no_case(self, cells: list[Cell], least: int) -> None:
        published = merged(cells, least=least)

        if published is None:
            assert 0 < len(cells) < least
            return
        assert len(published) == len(cells)
        assert all(count >= least for count in Counter(published).values())
        assert all(is_wider(cell, case) for cell, case in zip(published, cells, strict=True))

    @given(st.lists(CELLS, max_size=60), st.integers(1, 8), st.randoms(use_true_random=False))
    def test_does_not_depend_on_order(self, cells: list[Cell], least: int, shuffle: random.Random) -> None:
        places = list(range(len(cells)))
        shuffle.shuffle(places)
        published, shuffled = merged(cells, least=least), merged([cells[each] for each in places], least=least)

        assert shuffled == (None if published is None else [published[each] for each in places])

    def test_keeps_what_is_large_enough(self) -> None:
        cells = of(("370102", 5), ("370103", 7))

        assert merged(cells, least=5) == cells

    def test_widens_to_the_city_first(self) -> None:
        published = merged(of(("370102", 3), ("370103", 2), ("370112", 5)), least=5)

        assert Counter(cell.place for cell in published or ()) == {"370100": 5, "370112": 5}

    def test_widens_to_the_province_where_the_city_has_too_few(self) -> None:
        published = merged(of(("370102", 3), ("370202", 2), ("371302", 6)), least=5)

        assert Counter(cell.place for cell in published or ()) == {"370000": 5, "371302": 6}

    def test_hides_the_company_before_the_class(self) -> None:
        published = merged(of(("370102", 4)) + of(("370102", 3), utility="park"), least=5)

        assert set(published or ()) == {Cell("370000", ALL, "hv10_single")}

    def test_takes_the_smallest_other_cell_in_for_what_is_left(self) -> None:
        cells = of(("370102", 9)) + of(("370202", 6)) + of(("371302", 1), customer_class="lv_other")

        published = merged(cells, least=5)

        assert Counter(published) == {WIDEST: 7, Cell("370102", "grid", "hv10_single"): 9}

    def test_gives_nothing_when_there_are_too_few_altogether(self) -> None:
        assert merged(of(("370102", 4)), least=5) is None

    def test_has_nothing_to_merge_in_an_empty_month(self) -> None:
        assert merged([], least=5) == []


class TestIsWider:
    """The property above would prove nothing if its own measure could not fail."""

    @pytest.mark.parametrize(
        "published",
        [Cell("370200", "grid", "lv"), Cell("370102", "park", "lv"), Cell("370102", "grid", "hv10_single")],
    )
    def test_refuses_a_cell_that_does_not_hold_the_case(self, published: Cell) -> None:
        assert not is_wider(published, Cell("370102", "grid", "lv"))
