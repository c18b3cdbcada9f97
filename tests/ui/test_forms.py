from datetime import UTC, datetime

import pytest
from django import forms

from tongdian.ui.components import Change
from tongdian.ui.forms import PrintedField, VersionedForm


class FirmForm(VersionedForm):
    name = forms.CharField(label="单位名称", help_text="按营业执照填写。")
    supply = forms.ChoiceField(label="电源数", choices=[("single", "单电源")], widget=forms.RadioSelect)
    remark = forms.CharField(label="其他说明", required=False)
    consent = forms.BooleanField(label="同意")


def html(form: forms.Form) -> str:
    return " ".join(str(form).split())


class TestRendering:
    def test_joins_the_input_with_its_hint(self) -> None:
        shown = html(FirmForm())

        assert '<p class="hint" id="id_name_helptext">按营业执照填写。</p>' in shown
        assert 'aria-describedby="id_name_helptext"' in shown

    def test_joins_the_input_with_its_error(self) -> None:
        shown = html(FirmForm({"version": "1"}))

        assert 'id="id_name_error"' in shown
        assert 'aria-describedby="id_name_helptext id_name_error"' in shown
        assert 'aria-invalid="true"' in shown

    def test_groups_radios_under_a_legend(self) -> None:
        assert "<legend>电源数</legend>" in html(FirmForm())

    def test_says_which_fields_are_optional(self) -> None:
        shown = html(FirmForm())

        assert shown.count("（选填）") == 1
        assert '其他说明 <span class="optional">' in shown

    def test_carries_the_version_hidden_and_once(self) -> None:
        shown = html(FirmForm(initial={"version": 3}))

        assert shown.count('name="version" value="3"') == 1

    def test_escapes_what_the_reader_entered(self) -> None:
        assert "<script>" not in html(FirmForm({"name": "<script>"}))


class TestReportConflict:
    def test_says_who_changed_what_and_keeps_the_entries(self) -> None:
        form = FirmForm({"version": "3", "name": "新名", "supply": "single", "consent": "on"})
        change = Change("客户经理", "单位名称", datetime(2026, 11, 23, 6, 30, tzinfo=UTC))

        form.report_conflict([change], version=4)

        assert "客户经理 于 2026年11月23日 14:30 改动了单位名称" in html(form)
        assert 'value="新名"' in html(form)

    def test_lets_the_next_submission_know_of_the_change(self) -> None:
        form = FirmForm({"version": "3"})

        form.report_conflict([], version=4)

        assert 'name="version" value="4"' in html(form)


class SiteForm(forms.Form):
    address = PrintedField(max_length=10)


class TestPrintedField:
    def test_drops_what_nobody_sees(self) -> None:
        form = SiteForm({"address": "\ufeff示例\u202e路\u200b1"})

        assert form.is_valid()
        assert form.cleaned_data["address"] == "示例路1"

    def test_wants_something_to_see(self) -> None:
        assert not SiteForm({"address": "\u200b\u200d"}).is_valid()

    @pytest.mark.parametrize(("text", "told"), [("示例😀路", "“😀”"), ("示例\a路", "“U+0007”"), ("a\0b", "“U+0000”")])
    def test_names_the_character_no_paper_can_show(self, text: str, told: str) -> None:
        assert told in str(SiteForm({"address": text}).errors["address"])

    def test_says_only_that_a_flood_is_too_long(self) -> None:
        assert len(SiteForm({"address": "😀" * 11}).errors["address"]) == 1
