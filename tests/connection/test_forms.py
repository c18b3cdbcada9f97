from datetime import date

import pytest
from django.utils import translation

from support import connections
from tongdian.connection import forms
from tongdian.connection.queries import PauseReason

WHO = connections.WHO | {"version": 0}


def who(**changes) -> forms.WhoForm:
    return forms.WhoForm(WHO | changes)


class TestWhoForm:
    def test_keeps_code_and_phone_in_their_plain_form(self):
        form = who(credit_code=" 91370100ma0000000w ", contact_phone="+86 138-0000-1111")

        assert form.is_valid()
        assert form.cleaned_data["credit_code"] == "91370100MA0000000W"
        assert form.cleaned_data["contact_phone"] == "13800001111"

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("91370100MA0000000", "18 位"),
            ("91370100MA000000OW", "第 17 位“O”"),
            ("91370100MA0000000X", "应为“W”"),
        ],
    )
    def test_names_the_wrong_character_of_a_code(self, code, said):
        form = who(credit_code=code)

        assert not form.is_valid()
        assert said in str(form.errors["credit_code"])

    def test_says_it_in_english_too(self):
        with translation.override("en"):
            form = who(credit_code="91370100MA0000000X")

            assert "call for “W”" in str(form.errors["credit_code"])

    def test_refuses_what_is_no_mobile_number(self):
        assert "contact_phone" in who(contact_phone="0531-1234567").errors

    def test_names_the_character_a_contract_cannot_show(self):
        assert "“𠮷”" in str(who(organisation_name="𠮷野食品厂").errors["organisation_name"])


class TestSiteForm:
    def test_groups_the_counties_of_the_day_by_city(self):
        form = forms.SiteForm(today=date(2026, 11, 23))
        groups = dict(form.fields["county_code"].choices)

        assert len(groups) == 16
        assert sum(len(counties) for counties in groups.values()) == 136


class TestInspectionForm:
    @pytest.mark.parametrize(
        ("outcome", "findings", "is_right"),
        [
            ("passed", "", True),
            ("failed", "缺标识\n\n 接地 ", True),
            ("failed", " \n", False),
            ("passed", "缺标识", False),
        ],
    )
    def test_asks_for_findings_only_with_a_failure(self, outcome, findings, is_right):
        form = forms.InspectionForm({"version": 1, "outcome": outcome, "findings": findings})

        assert form.is_valid() is is_right

    def test_reads_one_finding_a_line(self):
        form = forms.InspectionForm({"version": 1, "outcome": "failed", "findings": "缺标识\n\n 接地 "})

        assert form.is_valid()
        assert form.cleaned_data["findings"] == ["缺标识", "接地"]


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
