"""Quantities compare within a kind and refuse across kinds."""

from decimal import Decimal

import pytest

from tongdian.kernel.units import UNITS, NotComparable, Quantity, kva_from_kw, kw_from_kva


def quantity(text: str) -> Quantity:
    value, unit = text.split()
    return Quantity(Decimal(value), unit)


class TestQuantity:
    @pytest.mark.parametrize(
        ("smaller", "larger"), [("160 kW", "0.1601 MW"), ("999 kVA", "1 MVA"), ("380 V", "10 kV"), ("59 min", "1 h")]
    )
    def test_orders_within_a_kind(self, smaller: str, larger: str) -> None:
        assert quantity(smaller) < quantity(larger)
        assert quantity(larger) >= quantity(smaller)
        assert quantity(smaller) != quantity(larger)

    @pytest.mark.parametrize(("one", "same"), [("1 MW", "1000 kW"), ("0.4 kV", "400 V"), ("1.50 h", "90 min")])
    def test_equals_the_same_quantity_in_another_unit(self, one: str, same: str) -> None:
        assert quantity(one) == quantity(same)
        assert len({quantity(one), quantity(same)}) == 1

    @pytest.mark.parametrize(
        ("one", "other"), [("160 kW", "160 kVA"), ("1 MW", "1250 kVA"), ("1 kW", "1 kvar"), ("1 h", "1 km")]
    )
    def test_refuses_another_kind(self, one: str, other: str) -> None:
        with pytest.raises(NotComparable):
            _ = quantity(one) <= quantity(other)
        with pytest.raises(NotComparable):
            _ = quantity(one) == quantity(other)

    def test_asks_for_a_power_factor_between_kw_and_kva(self) -> None:
        with pytest.raises(NotComparable, match="without a power factor"):
            quantity("160 kW").to("kVA")

    def test_is_not_equal_to_a_bare_number(self) -> None:
        assert quantity("160 kW") != Decimal(160)

    def test_raises_for_an_unknown_unit(self) -> None:
        with pytest.raises(ValueError, match="'hp'"):
            Quantity(Decimal(1), "hp")
        with pytest.raises(ValueError, match="'hp'"):
            quantity("1 kW").to("hp")

    def test_raises_for_a_value_that_is_not_exact(self) -> None:
        with pytest.raises(TypeError, match="float"):
            Quantity(0.1, "kW")  # type: ignore[arg-type]

    def test_prints_value_and_unit(self) -> None:
        assert str(quantity("0.5 MW")) == "0.5 MW"


class TestTo:
    @pytest.mark.parametrize(
        ("one", "unit", "expected"), [("0.16 MW", "kW", "160"), ("90 min", "h", "1.5"), ("10 kV", "V", "10000")]
    )
    def test_converts_exactly(self, one: str, unit: str, expected: str) -> None:
        converted = quantity(one).to(unit)

        assert (converted.value, converted.unit) == (Decimal(expected), unit)

    @pytest.mark.parametrize("unit", UNITS)
    def test_returns_by_the_way_it_went(self, unit: str) -> None:
        base = next(name for name, (kind, factor) in UNITS.items() if kind == UNITS[unit][0] and factor == 1)

        assert Quantity(Decimal(7), unit).to(base).to(unit) == Quantity(Decimal(7), unit)


class TestPowerFactor:
    def test_relates_kw_and_kva(self) -> None:
        assert kva_from_kw(Decimal(160), power_factor=Decimal("0.8")) == 200
        assert kw_from_kva(Decimal(200), power_factor=Decimal("0.8")) == 160

    @pytest.mark.parametrize("power_factor", [Decimal(0), Decimal("-0.9"), Decimal("1.01"), Decimal(90)])
    def test_must_be_a_fraction(self, power_factor: Decimal) -> None:
        with pytest.raises(ValueError, match="fraction"):
            kva_from_kw(Decimal(1), power_factor=power_factor)
        with pytest.raises(ValueError, match="fraction"):
            kw_from_kva(Decimal(1), power_factor=power_factor)
