"""What a class is told rests on the policy book and on nothing else."""

from datetime import date

import pytest

from tongdian.connection import rules
from tongdian.connection.guidance.classes import class_guide
from tongdian.policy import NoRuling

TODAY = date(2026, 11, 23)


class TestClassGuide:
    @pytest.mark.parametrize("customer_class", rules.CUSTOMER_CLASSES)
    def test_gives_every_stage_a_limit_that_adds_up(self, customer_class: str) -> None:
        guide = class_guide(customer_class, on=TODAY)

        assert sum(stage.limit.value for stage in guide.stages) == guide.total.value

    @pytest.mark.parametrize("customer_class", rules.CUSTOMER_CLASSES)
    def test_costs_nothing_where_the_utility_builds_to_the_meter(self, customer_class: str) -> None:
        guide = class_guide(customer_class, on=TODAY)

        assert guide.is_free is (guide.boundary.value["boundary"] == "meter")
        assert guide.is_free is (customer_class in {"lv_no_works", "lv_resident", "lv_three_zero"})

    def test_asks_a_small_shop_for_nothing(self) -> None:
        assert class_guide("lv_three_zero", on=TODAY).needs_nothing
        assert not class_guide("hv10_single", on=TODAY).needs_nothing

    def test_charges_the_second_circuit_only_to_those_who_have_one(self) -> None:
        charged = {
            each
            for each in rules.CUSTOMER_CLASSES
            if any(fee.basis == "charged" for fee in class_guide(each, on=TODAY).fees)
        }

        assert charged == {"hv10_dual", "hv35_dual"}

    @pytest.mark.parametrize(("customer_class", "may"), [("hv10_dual", False), ("hv35_dual", True)])
    def test_pauses_for_the_access_system_only_where_110_kv_is_possible(self, customer_class: str, may: bool) -> None:
        pauses = {each.entry.id for each in class_guide(customer_class, on=TODAY).pauses}

        assert ("connection.pause_reason.access_system_design" in pauses) is may

    @pytest.mark.parametrize(
        ("customer_class", "county", "zone", "boundary"),
        [
            ("hv10_single", "370102", "urban_planned_area", "red_line"),
            ("hv10_single", "370302", "urban_planned_area", "red_line"),
            ("hv10_single", "370102", "", "property_boundary"),
            ("lv_other", "370302", "urban_planned_area", "red_line"),
            ("hv35_single", "370102", "", "property_boundary"),
        ],
    )
    def test_draws_the_boundary_by_zone(self, customer_class: str, county: str, zone: str, boundary: str) -> None:
        guide = class_guide(customer_class, on=TODAY, county_code=county, zone=zone)

        assert guide.boundary.value["boundary"] == boundary

    def test_cites_the_plan_for_jinan_and_the_national_document_elsewhere(self) -> None:
        cited = [
            class_guide("hv10_single", on=TODAY, county_code=county, zone="urban_planned_area").boundary.source
            for county in ("370102", "370202", "370302")
        ]

        assert cited == ["sd_plan_2021", "sd_plan_2021", "state_council_129_2020"]

    def test_does_not_know_other_classes(self) -> None:
        with pytest.raises(NoRuling):
            class_guide("hv99", on=TODAY)
