import pytest

from tongdian.connection import forms


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


class TestLowVoltageSchemeForm:
    def test_asks_for_no_transformer(self):
        assert not {"receiving_kva", "metering"} & set(forms.LowVoltageSchemeForm().fields)


class TestEnergiseForm:
    def test_does_without_a_photo(self):
        form = forms.EnergiseForm({"version": 1, "meter_number": "M1", "first_reading_kwh": "0"})

        assert form.is_valid()
        assert form.cleaned_data["photo"] is None


class TestStartWorksForm:
    def test_takes_works_without_permit_and_date(self):
        form = forms.StartWorksForm({"version": 1, "scope": "meter_box"})

        assert form.is_valid()
        assert (form.cleaned_data["needs_permit"], form.cleaned_data["planned_finish_date"]) == (False, None)
