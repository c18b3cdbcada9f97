import pytest

from support import connections
from tongdian.connection import forms
from tongdian.connection.queries import PauseReason


class TestPauseForm:
    def test_names_the_evidence_the_reason_asks_for(self):
        reason = PauseReason("permit_pending", {"zh": "等待审批", "en": "Permit"}, "agency", ("permit_receipt",), False)
        form = forms.PauseForm(
            {"version": 1, "reason": "permit_pending"}, {"evidence": connections.pdf()}, reasons=[reason]
        )

        form.is_valid()

        assert form.cleaned_data["evidence_kind"] == "permit_receipt"


class TestStageDocumentsForm:
    def test_asks_for_what_is_listed_and_nothing_else(self):
        listed = [{"id": "completion_report", "title": {"zh": "竣工报告", "en": "Completion report"}}]

        form = forms.StageDocumentsForm({"version": 1}, {}, listed=listed)

        assert set(form.fields) == {"version", "completion_report"}
        assert "completion_report" in form.errors


class TestReclassifyForm:
    def test_keeps_a_household_a_household(self):
        assert [value for value, _ in forms.ReclassifyForm(customer="resident").fields["customer"].choices] == [
            "resident"
        ]

    @pytest.mark.parametrize(("said", "known"), [("yes", True), ("no", False), ("", None)])
    def test_reads_what_is_known_of_the_works(self, said, known):
        given = {"version": 1, "customer": "sole_trader", "needs_works": said, "reason": "登记为个体工商户"}
        form = forms.ReclassifyForm(given, customer="unproven")

        assert form.is_valid()
        assert form.cleaned_data["needs_works"] is known

    def test_asks_for_a_reason(self):
        assert "reason" in forms.ReclassifyForm({"version": 1, "customer": "resident"}, customer="resident").errors
