"""The estimate grows with what is ticked; what the reader says of a piece wins over the default."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.connection.guidance.estimate import (
    Appliance,
    Asker,
    Ticked,
    appliances,
    estimate_kw,
    simultaneity,
    usual_voltage_kv,
)

TODAY = date(2026, 11, 23)
TOGETHER = Decimal("0.8")
powers = st.decimals("0.1", "500", places=1)
appliance = st.builds(
    Appliance, id=st.just("a"), title=st.just({}), kw=powers, demand=st.decimals("0.1", "1", places=1)
)
ticked = st.builds(Ticked, appliance=appliance, count=st.integers(0, 50), kw=powers)


class TestEstimate:
    @given(pieces=st.lists(ticked, min_size=1, max_size=6), position=st.integers(0, 5), more=st.integers(1, 5))
    def test_never_falls_with_one_more_piece(self, pieces: list[Ticked], position: int, more: int) -> None:
        at = position % len(pieces)
        grown = [*pieces[:at], replace(pieces[at], count=pieces[at].count + more), *pieces[at + 1 :]]

        assert estimate_kw(grown, together=TOGETHER) >= estimate_kw(pieces, together=TOGETHER)

    @given(pieces=st.lists(ticked, min_size=1, max_size=6), position=st.integers(0, 5), stronger=powers)
    def test_never_falls_with_a_stronger_piece(self, pieces: list[Ticked], position: int, stronger: Decimal) -> None:
        at = position % len(pieces)
        grown = [*pieces[:at], replace(pieces[at], kw=pieces[at].kw + stronger), *pieces[at + 1 :]]

        assert estimate_kw(grown, together=TOGETHER) >= estimate_kw(pieces, together=TOGETHER)

    @given(pieces=st.lists(ticked, max_size=6))
    def test_lets_the_largest_piece_run(self, pieces: list[Ticked]) -> None:
        largest = max((each.kw for each in pieces if each.count), default=Decimal(0))

        assert estimate_kw(pieces, together=TOGETHER) >= largest

    def test_is_nothing_when_nothing_is_ticked(self) -> None:
        assert estimate_kw([], together=TOGETHER) == 0

    def test_rounds_up_to_half_a_kilowatt(self) -> None:
        oven = Appliance("oven", {}, Decimal(9), Decimal("0.8"))

        assert estimate_kw([Ticked(oven, 2, oven.kw)], together=TOGETHER) == Decimal(12)


class TestPlanningDefaults:
    @pytest.mark.parametrize("asker", Asker)
    def test_offer_everybody_a_list(self, asker: Asker) -> None:
        listed = appliances(asker, on=TODAY)

        assert len({each.id for each in listed}) == len(listed) > 5
        assert all(0 < each.demand <= 1 and each.kw > 0 for each in listed)
        assert 0 < simultaneity(asker, on=TODAY) <= 1

    @pytest.mark.parametrize(
        ("load_kw", "voltage_kv"), [("160", "0.38"), ("160.01", "10"), ("8000", "10"), ("8001", "35"), ("99999", "110")]
    )
    def test_choose_the_voltage_by_load(self, load_kw: str, voltage_kv: str) -> None:
        assert usual_voltage_kv(Decimal(load_kw), on=TODAY) == Decimal(voltage_kv)
