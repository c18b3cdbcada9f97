from datetime import date

import pytest

from tongdian.connection import rules


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
