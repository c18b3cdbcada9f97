"""Forms of the application wizard and of the staff actions."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.case.content import RefusedUpload
from tongdian.connection.models import Application, Scheme
from tongdian.connection.queries import PauseReason
from tongdian.connection.rules import Customer
from tongdian.kernel import divisions
from tongdian.kernel.identifiers import InvalidIdentifier, check_uscc
from tongdian.people.models import User
from tongdian.people.rules import InvalidPhone, normalise_phone
from tongdian.ui import formats
from tongdian.ui.components import Words
from tongdian.ui.forms import PrintedField, VersionedForm

FORM_VERSION = 1

CUSTOMERS = [
    (Customer.UNPROVEN.value, gettext_lazy("企业（规模由我们查询登记信息）")),
    (Customer.SMALL_MICRO_FIRM.value, gettext_lazy("小型或微型企业")),
    (Customer.OTHER_FIRM.value, gettext_lazy("中型或大型企业")),
    (Customer.INSTITUTION.value, gettext_lazy("机关、事业单位或其他组织")),
    (Customer.SOLE_TRADER.value, gettext_lazy("个体工商户")),
    (Customer.RESIDENT.value, gettext_lazy("居民")),
]
VOLTAGES = [
    ("0.38", gettext_lazy("低压 220/380 伏")),
    ("10", gettext_lazy("10 千伏")),
    ("35", gettext_lazy("35 千伏")),
    ("110", gettext_lazy("110 千伏及以上")),
]
SOURCES = [("1", gettext_lazy("一路电源")), ("2", gettext_lazy("两路及以上电源"))]


class StepForm(VersionedForm):
    """One group of questions of the wizard."""

    title: ClassVar[Words] = ""


class WhoForm(StepForm):
    """Who applies, and whom to reach."""

    title = gettext_lazy("申请人")
    customer = forms.ChoiceField(
        label=gettext_lazy("您是"), choices=CUSTOMERS, widget=forms.RadioSelect, initial=Customer.UNPROVEN.value
    )
    organisation_name = PrintedField(
        label=gettext_lazy("单位名称"),
        max_length=120,
        help_text=gettext_lazy("与营业执照一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    credit_code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=24,
        help_text=gettext_lazy("18 位，见营业执照。凭此代码查询登记信息，不需要您上传执照。"),
    )
    contact_name = forms.CharField(
        label=gettext_lazy("联系人"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("联系手机"),
        max_length=20,
        help_text=gettext_lazy("查询进度时，验证码发到这个号码。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_credit_code(self) -> str:
        """Return the code as it is kept; name the wrong character otherwise."""
        try:
            return check_uscc(self.cleaned_data["credit_code"]).text
        except InvalidIdentifier as error:
            raise forms.ValidationError(identifier_message(error)) from error

    def clean_contact_phone(self) -> str:
        """Return the number as 11 digits."""
        try:
            return normalise_phone(self.cleaned_data["contact_phone"])
        except InvalidPhone as error:
            raise forms.ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error


def identifier_message(error: InvalidIdentifier) -> str:
    """Say which character of an identifier is wrong and why."""
    reasons = {
        "length": _("应为 %(expected)s 位，现在是 %(length)s 位。"),
        "character": _("第 %(position)s 位“%(character)s”不能出现在这里，允许：%(expected)s。"),
        "check_digit": _("最后一位校验码不对：按前面各位推算应为“%(expected)s”，现在是“%(character)s”。请逐位核对。"),
    }
    return reasons[error.reason] % {
        "position": error.position,
        "character": error.character,
        "expected": error.expected,
        "length": len(error.value),
    }


def refusal_words(error: RefusedUpload) -> str:
    """Say why a file was refused and what to do."""
    return {
        "empty": _("文件是空的，请重新选择。"),
        "too_large": _("文件太大，请压缩或拆分后再上传。"),
        "format": _("只收 PDF、JPG 和 PNG 文件，请转换格式后再上传。"),
        "extension": _("文件内容与扩展名不一致，请用原来的格式重新保存。"),
        "broken": _("文件不完整或已损坏，请重新生成后再上传。"),
        "too_many_pixels": _("图片尺寸太大，请缩小后再上传。"),
        "infected": _("安全检查没有通过，这个文件不能上传。"),
    }[error.reason]


class SiteForm(StepForm):
    """Where power is needed."""

    title = gettext_lazy("用电地址")
    county_code = forms.ChoiceField(label=gettext_lazy("县（市、区）"))
    address = PrintedField(
        label=gettext_lazy("详细地址"), max_length=200, help_text=gettext_lazy("街道、路名和门牌号，或地块名称。")
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("是否位于城市规划区内"),
        choices=[("urban_planned_area", gettext_lazy("是")), ("", gettext_lazy("否，或不清楚"))],
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("影响环节数和投资界面；不清楚时由客户经理核实。"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["county_code"].choices = county_choices(today)  # type: ignore[attr-defined]


def county_choices(today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the counties grouped by city, named in the reader's language."""
    return [
        (
            formats.division_name(city),
            [(each.code, formats.division_name(each)) for each in divisions.children(city.code, today)],
        )
        for city in divisions.children("370000", today)
    ]


class DemandForm(StepForm):
    """How much power, at which voltage, from how many sources."""

    title = gettext_lazy("用电需求")
    load_kw = forms.DecimalField(
        label=gettext_lazy("用电容量（千瓦）"),
        min_value=Decimal("0.1"),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        help_text=gettext_lazy("同时使用的设备功率之和。"),
    )
    transformer_kva = forms.DecimalField(
        label=gettext_lazy("变压器容量（千伏安）"),
        min_value=Decimal(1),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("高压用户填写；千伏安与千瓦不是同一单位。"),
    )
    voltage_kv = forms.ChoiceField(label=gettext_lazy("希望的供电电压"), choices=VOLTAGES, widget=forms.RadioSelect)
    source_count = forms.TypedChoiceField(
        label=gettext_lazy("电源数量"), choices=SOURCES, coerce=int, widget=forms.RadioSelect, initial="1"
    )
    use = forms.ChoiceField(label=gettext_lazy("主要用途"), choices=Application.Use.choices)
    wanted_on = forms.DateField(
        label=gettext_lazy("希望通电日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("供安排施工参考，不影响法定时限。"),
    )


class DocumentsForm(StepForm):
    """The documents of the legal list that no register can give."""

    title = gettext_lazy("申请资料")

    def __init__(self, *args: Any, listed: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for document in listed:
            self.fields[str(document["id"])] = forms.FileField(
                label=formats.in_language(document["title"]),
                required=False,
                help_text=_("可以稍后补交，不影响受理时间。"),
            )


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


class AcceptForm(VersionedForm):
    """Who will look after the customer."""

    account_manager = forms.TypedChoiceField(label=gettext_lazy("客户经理"), coerce=int)

    def __init__(self, *args: Any, managers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.managers = {each.pk: each for each in managers}
        self.fields["account_manager"].choices = [  # type: ignore[attr-defined]
            (each.pk, each.get_full_name()) for each in managers
        ]

    def clean_account_manager(self) -> User:
        """Return the chosen person."""
        return self.managers[self.cleaned_data["account_manager"]]


class SchemeForm(VersionedForm):
    """The supply scheme answered to the customer."""

    substation = PrintedField(label=gettext_lazy("供电变电站"), max_length=80)
    feeder = PrintedField(label=gettext_lazy("供电线路"), max_length=80)
    access_point = PrintedField(label=gettext_lazy("电源接入点"), max_length=120)
    wiring = forms.ChoiceField(label=gettext_lazy("接入方式"), choices=Scheme.Wiring.choices)
    receiving_kva = forms.DecimalField(
        label=gettext_lazy("受电容量（千伏安）"), min_value=Decimal(1), max_value=Decimal(1_000_000), decimal_places=2
    )
    metering = forms.ChoiceField(label=gettext_lazy("计量方式"), choices=Scheme.Metering.choices)
    property_boundary = PrintedField(label=gettext_lazy("产权分界点"), max_length=200)
    customer_works = forms.CharField(
        label=gettext_lazy("由客户建设的部分"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


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


class InspectionForm(VersionedForm):
    """The outcome of an inspection, with every finding in one list."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("结论"),
        choices=[("passed", gettext_lazy("合格")), ("failed", gettext_lazy("需整改"))],
        widget=forms.RadioSelect,
    )
    findings = forms.CharField(
        label=gettext_lazy("整改意见"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("每行一条，一次性全部写明。"),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for findings when the outcome is failed, and for none when it is passed."""
        cleaned = super().clean() or {}
        findings = [line.strip() for line in cleaned.get("findings", "").splitlines() if line.strip()]
        if cleaned.get("outcome") == "failed" and not findings:
            self.add_error("findings", _("结论为“需整改”时，请逐条写明整改意见。"))
        if cleaned.get("outcome") == "passed" and findings:
            self.add_error("findings", _("结论为“合格”时不能附整改意见。"))
        return cleaned | {"findings": findings}


class EnergiseForm(VersionedForm):
    """Meter set and supply switched on."""

    meter_number = forms.CharField(label=gettext_lazy("电能表编号"), max_length=40)
    first_reading_kwh = forms.DecimalField(
        label=gettext_lazy("起始示数（千瓦时）"),
        min_value=Decimal(0),
        max_value=Decimal("9999999999.99"),
        decimal_places=2,
        initial=Decimal(0),
    )


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


WIZARD: Mapping[str, type[StepForm]] = {
    "who": WhoForm,
    "site": SiteForm,
    "demand": DemandForm,
    "documents": DocumentsForm,
}
