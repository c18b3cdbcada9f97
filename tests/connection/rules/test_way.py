from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.connection import rules
from tongdian.connection.rules import Progress
from tongdian.policy import packaged_book

SINGLE = frozenset({"acceptance", "scheme", "completion_inspection", "connect"})
DUAL = SINGLE | {"design_review", "interim_inspection"}
WHOLE = frozenset({"lv_whole"})
OTHER = frozenset({"acceptance", "scheme", "connect"})


def stages_of(customer_class: str) -> frozenset[str]:
    return frozenset(
        packaged_book().lookup(f"connection.class.{customer_class}", on=date(2026, 11, 23)).value["stages"]
    )


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

    @pytest.mark.parametrize("stages", [WHOLE, OTHER])
    def test_signs_low_voltage_up_in_one_go(self, stages: frozenset[str]) -> None:
        unsigned = rules.legal_events(progress("submitted", stages=stages))
        signed = rules.legal_events(progress("submitted", stages=stages, is_contract_signed=True))

        assert "contract.signed" in unsigned - signed
        assert "application.accepted" in signed - unsigned
        assert not {"contract.offered", "contract.signed"} & rules.legal_events(
            progress("accepted", stages=stages, is_contract_signed=True)
        )

    def test_inspects_nothing_at_low_voltage(self) -> None:
        legal = rules.legal_events(progress("scheme_confirmed", stages=OTHER, is_contract_signed=True))

        assert legal == {"connection.energised", "case.withdrawn", "clock.paused", "document.added"}

    def test_builds_only_where_works_are_inside_the_clock(self) -> None:
        assert "works.started" in rules.legal_events(progress("accepted", stages=WHOLE, is_contract_signed=True))
        assert "works.started" not in rules.legal_events(progress("accepted", stages=OTHER, is_contract_signed=True))

    @pytest.mark.parametrize(("stages", "is_legal"), [(WHOLE, True), (OTHER, True), (SINGLE, False)])
    def test_puts_the_class_right_only_at_low_voltage_and_before_acceptance(
        self, stages: frozenset[str], is_legal: bool
    ) -> None:
        assert ("application.reclassified" in rules.legal_events(progress("submitted", stages=stages))) is is_legal
        assert "application.reclassified" not in rules.legal_events(progress("accepted", stages=stages))


def after(facts: Progress, event: str) -> Progress:
    """Return the progress once an event has happened."""
    return Progress(
        status=rules.TRANSITIONS[facts.status].get(event, facts.status),
        stages=facts.stages,
        is_contract_offered=facts.is_contract_offered or event == "contract.offered",
        is_contract_signed=facts.is_contract_signed or event == "contract.signed",
        is_paused={"clock.paused": True, "clock.resumed": False}.get(event, facts.is_paused),
    )


def can_be_energised(facts: Progress) -> bool:
    reached, following = {facts}, [facts]
    while following:
        here = following.pop()
        new = {after(here, event) for event in rules.legal_events(here)} - reached
        reached |= new
        following += new
    return any(each.status == "energised" for each in reached)


class TestEveryClass:
    @given(customer_class=st.sampled_from(rules.CUSTOMER_CLASSES), data=st.data())
    def test_leads_from_every_reachable_state_to_energised(self, customer_class: str, data: st.DataObject) -> None:
        here = progress("submitted", stages=stages_of(customer_class))

        for _ in range(data.draw(st.integers(0, 14))):
            if here.status not in rules.OPEN_STATUSES:
                break
            assert can_be_energised(here)
            here = after(here, data.draw(st.sampled_from(sorted(rules.legal_events(here)))))

    @given(customer_class=st.sampled_from(rules.CUSTOMER_CLASSES), data=st.data())
    def test_never_energises_without_a_signed_contract_and_every_stage(
        self, customer_class: str, data: st.DataObject
    ) -> None:
        here, happened = progress("submitted", stages=stages_of(customer_class)), []

        for _ in range(30):
            if not (legal := sorted(rules.legal_events(here) - {"case.withdrawn"})):
                break
            happened.append(data.draw(st.sampled_from(legal)))
            here = after(here, happened[-1])

        if here.status == "energised":
            assert {"application.accepted", "contract.signed"} <= set(happened)
            for stage, review in rules.REVIEWS.items():
                assert (review.passed in happened) is (stage in here.stages)
