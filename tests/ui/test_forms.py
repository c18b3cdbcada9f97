from datetime import UTC, datetime

from django import forms

from tongdian.ui.components import Change
from tongdian.ui.forms import VersionedForm


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
