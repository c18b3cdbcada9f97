from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tongdian.connection import rules
from tongdian.connection.rules import Customer, Demand, InvalidDemand, Progress
from tongdian.policy import packaged_book

VOLTAGES = rules.Voltages(lv_max_kv=Decimal("0.38"), hv_min_kv=Decimal(6), hv35_min_kv=Decimal(35))
LIMITS = {"connection.three_zero.max_kw": Decimal(160)}
SINGLE = frozenset({"acceptance", "scheme", "completion_inspection", "connect"})
DUAL = SINGLE | {"design_review", "interim_inspection"}


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


def progress(status: str, **changes: Any) -> Progress:
    facts = {"status": status, "stages": SINGLE, "is_contract_offered": False, "is_contract_signed": False}
    return Progress(**(facts | changes))


class TestLegalEvents:
    def test_lets_a_single_source_skip_design_review(self) -> None:
        assert "completion.reported" in rules.legal_events(progress("scheme_confirmed"))
        assert "design.submitted" not in rules.legal_events(progress("scheme_confirmed"))

    def test_asks_a_dual_source_for_design_review_first(self) -> None:
        assert "completion.reported" not in rules.legal_events(progress("scheme_confirmed", stages=DUAL))
        assert "design.submitted" in rules.legal_events(progress("scheme_confirmed", stages=DUAL))

    def test_refuses_energising_before_the_contract_is_signed(self) -> None:
        assert "connection.energised" not in rules.legal_events(progress("inspected"))
        assert "connection.energised" in rules.legal_events(progress("inspected", is_contract_signed=True))

    def test_offers_the_contract_once_the_scheme_is_confirmed(self) -> None:
        assert "contract.offered" not in rules.legal_events(progress("scheme_issued"))
        assert "contract.offered" in rules.legal_events(progress("scheme_confirmed"))
        assert "contract.signed" in rules.legal_events(progress("scheme_confirmed", is_contract_offered=True))

    def test_resumes_only_what_is_paused(self) -> None:
        assert "clock.paused" in rules.legal_events(progress("accepted"))
        assert "clock.resumed" in rules.legal_events(progress("accepted", is_paused=True))
        assert "clock.paused" not in rules.legal_events(progress("accepted", is_paused=True))

    @pytest.mark.parametrize("status", ["energised", "withdrawn"])
    def test_ends_where_the_case_ends(self, status: str) -> None:
        assert rules.legal_events(progress(status, is_contract_signed=True)) == frozenset()

    @pytest.mark.parametrize("stages", [SINGLE, DUAL])
    def test_leads_every_open_status_to_energised(self, stages: frozenset[str]) -> None:
        reached, following = {"submitted"}, {"submitted"}
        while following:
            status = following.pop()
            facts = progress(status, stages=stages, is_contract_offered=True, is_contract_signed=True)
            moves = rules.TRANSITIONS[status]
            new = {moves[event] for event in rules.legal_events(facts) if event in moves} - reached
            reached |= new
            following |= new

        assert "energised" in reached
        assert ("in_design_review" in reached) is (stages is DUAL)


class TestDocuments:
    LISTED = (
        {"id": "entity_proof", "register": True},
        {"id": "equipment_list", "register": False},
        {"id": "agent_authorisation", "register": False, "when": "agent"},
    )

    def test_are_never_asked_for_when_a_register_has_them(self) -> None:
        assert rules.askable_documents(self.LISTED, conditions=()) == ("equipment_list",)

    def test_are_asked_for_when_their_condition_holds(self) -> None:
        assert "agent_authorisation" in rules.askable_documents(self.LISTED, conditions={"agent"})

    def test_off_the_legal_list_are_named(self) -> None:
        assert rules.unlisted(["equipment_list", "commitment_letter"], ("equipment_list",)) == ("commitment_letter",)


class TestSchemeValidity:
    @pytest.mark.parametrize(
        ("issued", "months", "until"),
        [(date(2026, 11, 23), 12, date(2027, 11, 23)), (date(2026, 11, 30), 3, date(2027, 2, 28))],
    )
    def test_ends_on_the_corresponding_day(self, issued: date, months: int, until: date) -> None:
        assert rules.scheme_valid_until(issued, months=months) == until
