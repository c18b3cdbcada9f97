from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tongdian.connection import rules
from tongdian.connection.rules import Customer, Demand, InvalidDemand
from tongdian.policy import packaged_book

VOLTAGES = rules.Voltages(lv_max_kv=Decimal("0.38"), hv_min_kv=Decimal(6), hv35_min_kv=Decimal(35))
LIMITS = {"connection.three_zero.max_kw": Decimal(160)}


def classify(on: date = date(2026, 11, 23), **changes: Any) -> rules.Classification:
    facts = {
        "customer": Customer.UNPROVEN,
        "load_kw": Decimal(100),
        "voltage_kv": Decimal("0.38"),
        "source_count": 1,
    }
    lines = packaged_book().lookup("connection.classification", on=on).value
    return rules.classify(Demand(**(facts | changes)), lines, voltages=VOLTAGES, limits_kw=LIMITS)


class TestClassify:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"customer": Customer.RESIDENT}, "lv_resident"),
            ({"customer": Customer.RESIDENT, "needs_works": False}, "lv_no_works"),
            ({"customer": Customer.SOLE_TRADER}, "lv_three_zero"),
            ({"customer": Customer.SMALL_MICRO_FIRM}, "lv_three_zero"),
            ({"customer": Customer.UNPROVEN}, "lv_three_zero"),
            ({"customer": Customer.OTHER_FIRM}, "lv_other"),
            ({"customer": Customer.SMALL_MICRO_FIRM, "load_kw": Decimal(160)}, "lv_three_zero"),
            ({"customer": Customer.SMALL_MICRO_FIRM, "load_kw": Decimal("160.01")}, "lv_other"),
            ({"voltage_kv": Decimal(6)}, "hv10_single"),
            ({"voltage_kv": Decimal(10)}, "hv10_single"),
            ({"voltage_kv": Decimal(10), "source_count": 2}, "hv10_dual"),
            ({"voltage_kv": Decimal(35)}, "hv35_single"),
            ({"voltage_kv": Decimal(110), "source_count": 3}, "hv35_dual"),
        ],
    )
    def test_gives_each_demand_its_class(self, changes: dict[str, object], expected: str) -> None:
        assert classify(**changes).customer_class == expected

    def test_judges_by_the_rules_of_the_day(self) -> None:
        before, after = date(2021, 6, 29), date(2021, 6, 30)

        assert classify(before, customer=Customer.SMALL_MICRO_FIRM).customer_class == "lv_other"
        assert classify(after, customer=Customer.SMALL_MICRO_FIRM).customer_class == "lv_three_zero"

    def test_keeps_every_line_tried_and_what_failed(self) -> None:
        found = classify(customer=Customer.SMALL_MICRO_FIRM, load_kw=Decimal(161))

        assert [(line.customer_class, line.failed) for line in found.trace][-4:] == [
            ("lv_three_zero", "within"),
            ("lv_three_zero", "customer"),
            ("lv_three_zero", "customer"),
            ("lv_other", None),
        ]
        assert found.trace[-1].because["en"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"load_kw": Decimal(0)}, "load_kw"),
            ({"source_count": 0}, "source_count"),
            ({"voltage_kv": Decimal(1)}, "voltage_kv"),
            ({"voltage_kv": Decimal(0)}, "voltage_kv"),
        ],
    )
    def test_refuses_a_demand_that_cannot_be(self, changes: dict[str, object], field: str) -> None:
        with pytest.raises(InvalidDemand) as caught:
            classify(**changes)

        assert caught.value.field == field

    def test_refuses_a_demand_no_line_fits(self) -> None:
        demand = Demand(Customer.RESIDENT, Decimal(5), Decimal("0.22"), 1)

        with pytest.raises(InvalidDemand, match="no line"):
            rules.classify(demand, (), voltages=VOLTAGES, limits_kw=LIMITS)
