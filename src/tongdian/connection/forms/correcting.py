"""Forms of a correction: what is proposed, and why one is turned down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.case.models import CorrectionProposal
from tongdian.ui.components import Words
from tongdian.ui.forms import VersionedForm

Change = CorrectionProposal.Change


class ProposeForm(VersionedForm):
    """What should have stood in the place of an event, and why."""

    change = forms.ChoiceField(label=gettext_lazy("怎样更正"), choices=Change.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("应为哪种事件"), required=False)
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("实际发生时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("须附白名单内的佐证，并在规定的容差以内，才参与计时。"),
    )
    evidence_kind = forms.ChoiceField(label=gettext_lazy("佐证种类"), required=False)
    evidence = forms.FileField(
        label=gettext_lazy("佐证材料"), required=False, help_text=gettext_lazy("PDF、JPG 或 PNG。")
    )
    reason = forms.CharField(
        label=gettext_lazy("更正理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("原记录不会删除；理由和批准人一起永久留在时间线上。"),
    )

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[tuple[str, Words]],
        evidence_kinds: Sequence[tuple[str, str]],
        recorded_at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.recorded_at = recorded_at
        self.fields["kind"].choices = [("", "—"), *kinds]  # type: ignore[attr-defined]
        self.fields["evidence_kind"].choices = [("", "—"), *evidence_kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen way of correcting needs."""
        cleaned = super().clean() or {}
        if cleaned.get("change") == Change.KIND and not cleaned.get("kind"):
            self.add_error("kind", _("请选择应为哪种事件。"))
        if cleaned.get("change") == Change.TIME:
            self._check_time(cleaned)
        return cleaned

    def _check_time(self, cleaned: dict[str, Any]) -> None:
        for name, said in (
            ("occurred_at", _("请填写实际发生时间。")),
            ("evidence_kind", _("请选择佐证种类。")),
            ("evidence", _("请上传佐证材料。")),
        ):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, said)
        if cleaned.get("occurred_at") and cleaned["occurred_at"] > self.recorded_at:
            self.add_error("occurred_at", _("实际发生时间不能晚于系统记录的时间。"))


class RefuseForm(forms.Form):
    """Why a correction is turned down."""

    refusal = forms.CharField(
        label=gettext_lazy("不批准的理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("提出人会看到。"),
    )
