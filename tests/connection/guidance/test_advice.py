"""From answers to class, permits and what an application begins with."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tongdian.connection import rules
from tongdian.connection.guidance.advice import (
    Crossing,
    Situation,
    Supply,
    classification,
    demand_of,
    draft_answers,
    is_exempt,
    likely_permits,
)
from tongdian.connection.guidance.estimate import Asker

TODAY = date(2026, 11, 23)
SHOP = Situation(Asker.SHOP, "370102", "", Decimal(30), 1, Supply.NEAR)


class TestDemandOf:
    @pytest.mark.parametrize(
        ("supply", "load_kw", "needs_works"),
        [
            (Supply.HERE, 12, False),
            (Supply.HERE, 13, None),
            (Supply.NEAR, 5, True),
            (Supply.FAR, 5, True),
            (Supply.UNKNOWN, 5, None),
        ],
    )
    def test_knows_of_works_only_what_was_said(self, supply: Supply, load_kw: int, needs_works: bool | None) -> None:
        asked = replace(SHOP, supply=supply, load_kw=Decimal(load_kw))

        assert demand_of(asked, on=TODAY).needs_works is needs_works


class TestClassification:
    def test_refuses_a_load_of_nothing(self) -> None:
        with pytest.raises(rules.InvalidDemand):
            classification(replace(SHOP, load_kw=Decimal(0)), on=TODAY)


class TestLikelyPermits:
    @pytest.mark.parametrize("supply", [Supply.NEAR, Supply.FAR])
    def test_never_exempt_main_roads(self, supply: Supply) -> None:
        asked = replace(SHOP, supply=supply, crosses=frozenset({Crossing.MAIN_ROAD}))

        assert [each.procedure for each in likely_permits(asked, "lv_three_zero", on=TODAY)] == ["licence"]

    @pytest.mark.parametrize(
        ("supply", "customer_class", "procedure"),
        [
            (Supply.NEAR, "lv_three_zero", "filing"),
            (Supply.FAR, "lv_three_zero", "licence"),
            (Supply.NEAR, "lv_other", "licence"),
        ],
    )
    def test_are_easier_for_short_three_zero_works(self, supply: Supply, customer_class: str, procedure: str) -> None:
        asked = replace(SHOP, supply=supply, crosses=frozenset({Crossing.GREEN}))

        assert [each.procedure for each in likely_permits(asked, customer_class, on=TODAY)] == [procedure]
        assert is_exempt(asked, customer_class) is (procedure == "filing")

    def test_are_none_without_works(self) -> None:
        asked = replace(SHOP, crosses=frozenset(Crossing))

        assert likely_permits(asked, "lv_no_works", on=TODAY) == ()


class TestDraftAnswers:
    def test_answer_who_and_fill_in_the_rest(self) -> None:
        answers = draft_answers(SHOP, on=TODAY, code="ABCDEFGH")

        assert answers["customer"] == {"customer": "small_micro_firm"}
        assert answers["guide"]["code"] == "ABCDEFGH"
        assert rules.missing_steps(answers) == ("who", "site", "demand")

    def test_carry_no_code_that_was_not_given(self) -> None:
        assert "code" not in draft_answers(SHOP, on=TODAY)["guide"]
