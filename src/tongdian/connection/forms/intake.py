"""Forms of a case before its works: what is missing, its class, pause, withdrawal."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection.queries import PauseReason
from tongdian.connection.rules import NEEDS_WORKS, Customer
from tongdian.ui import formats
from tongdian.ui.forms import VersionedForm

# A household stays one; for the others the register, not the applicant, knows the size of the firm.
FIRMS = [
    (Customer.UNPROVEN.value, gettext_lazy("企业，登记信息未能证实规模")),
    (Customer.SMALL_MICRO_FIRM.value, gettext_lazy("小型或微型企业")),
    (Customer.SOLE_TRADER.value, gettext_lazy("个体工商户")),
    (Customer.OTHER_FIRM.value, gettext_lazy("中型或大型企业")),
    (Customer.INSTITUTION.value, gettext_lazy("机关、事业单位或其他组织")),
]
HOUSEHOLD = [(Customer.RESIDENT.value, gettext_lazy("居民"))]
WORKS_KNOWN = [
    ("yes", gettext_lazy("需要，由供电企业建设")),
    ("no", gettext_lazy("不需要，现有表箱和线路可以直接装表")),
    ("", gettext_lazy("还不清楚")),
]


class DeficiencyForm(VersionedForm):
    """What is missing, told once; only items of the legal list can be ticked."""

    items = forms.MultipleChoiceField(label=gettext_lazy("缺少的资料或内容"), widget=forms.CheckboxSelectMultiple)
    remark = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一次写清；之后不能再提新的要求。"),
    )

    def __init__(self, *args: Any, listed: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [  # type: ignore[attr-defined]
            (str(document["id"]), formats.in_language(document["title"])) for document in listed
        ]


class ReclassifyForm(VersionedForm):
    """The facts behind the class as they are now known, and why."""

    customer = forms.ChoiceField(label=gettext_lazy("用户身份"), widget=forms.RadioSelect)
    needs_works = forms.ChoiceField(
        label=gettext_lazy("是否需要配套工程"), choices=WORKS_KNOWN, widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("变更理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("申请人会看到这段话，请写明查询或勘查的结果。"),
    )

    def __init__(self, *args: Any, customer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_household = customer == Customer.RESIDENT
        self.fields["customer"].choices = HOUSEHOLD if is_household else FIRMS  # type: ignore[attr-defined]
        self.fields["customer"].initial = customer

    def clean_needs_works(self) -> bool | None:
        """Return what is known of the works, None when nobody knows."""
        return NEEDS_WORKS.get(self.cleaned_data["needs_works"])


class StageDocumentsForm(VersionedForm):
    """The documents a stage may ask for, every one of them, and no other."""

    def __init__(self, *args: Any, listed: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for document in listed:
            self.fields[str(document["id"])] = forms.FileField(
                label=formats.in_language(document["title"]), help_text=_("PDF、JPG 或 PNG。")
            )


class HandInForm(VersionedForm):
    """One document that was to follow."""

    kind = forms.ChoiceField(label=gettext_lazy("资料名称"), widget=forms.RadioSelect)
    file = forms.FileField(label=gettext_lazy("文件"), help_text=gettext_lazy("PDF、JPG 或 PNG。"))

    def __init__(self, *args: Any, listed: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (str(document["id"]), formats.in_language(document["title"])) for document in listed
        ]
        self.fields["kind"].initial = str(listed[0]["id"]) if listed else None


class PauseForm(VersionedForm):
    """A pause by a reason of the white list, with its evidence."""

    reason = forms.ChoiceField(label=gettext_lazy("暂停原因"), widget=forms.RadioSelect)
    evidence = forms.FileField(label=gettext_lazy("佐证材料"), help_text=gettext_lazy("PDF、JPG 或 PNG。"))

    def __init__(self, *args: Any, reasons: Sequence[PauseReason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = {each.id: each for each in reasons}
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (each.id, formats.in_language(each.title)) for each in reasons
        ]

    def clean(self) -> dict[str, Any]:
        """Name the kind of evidence the reason asks for."""
        cleaned = super().clean() or {}
        chosen = self.reasons.get(cleaned.get("reason", ""))
        return cleaned | ({"evidence_kind": chosen.evidence[0]} if chosen else {})


class WithdrawForm(VersionedForm):
    """The customer's own withdrawal."""

    reason = forms.CharField(label=gettext_lazy("撤回原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
