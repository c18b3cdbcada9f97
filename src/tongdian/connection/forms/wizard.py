"""The application form, one group of questions a page; who applies decides which questions there are."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection import rules
from tongdian.connection.forms.words import identifier_message
from tongdian.connection.models import Application
from tongdian.connection.rules import LOW_VOLTAGE_KV, Customer
from tongdian.kernel import divisions
from tongdian.kernel.identifiers import InvalidIdentifier, check_resident_id, check_uscc
from tongdian.people.rules import InvalidPhone, normalise_phone
from tongdian.ui import formats
from tongdian.ui.components import Words
from tongdian.ui.forms import PrintedField, VersionedForm

CUSTOMERS = [
    (Customer.RESIDENT.value, gettext_lazy("居民（住房用电）")),
    (Customer.SOLE_TRADER.value, gettext_lazy("个体工商户（小店、摊位、作坊）")),
    (Customer.UNPROVEN.value, gettext_lazy("企业（规模由我们查询登记信息）")),
    (Customer.SMALL_MICRO_FIRM.value, gettext_lazy("小型或微型企业")),
    (Customer.OTHER_FIRM.value, gettext_lazy("中型或大型企业")),
    (Customer.INSTITUTION.value, gettext_lazy("机关、事业单位或其他组织")),
]
VOLTAGES = [
    (LOW_VOLTAGE_KV, gettext_lazy("普通低压 220/380 伏（店铺、办公、小型加工；不清楚时选这一项）")),
    ("10", gettext_lazy("10 千伏（有自己的变压器）")),
    ("35", gettext_lazy("35 千伏")),
    ("110", gettext_lazy("110 千伏及以上")),
]
WORKS = [
    ("no", gettext_lazy("有：表箱里有空位，或以前用过电")),
    ("yes", gettext_lazy("没有，需要新拉线路或新装表箱")),
    ("", gettext_lazy("不清楚，请供电企业查看")),
]
SOURCES = [("1", gettext_lazy("一路电源")), ("2", gettext_lazy("两路及以上电源"))]


class StepForm(VersionedForm):
    """One group of questions of the wizard."""

    title: ClassVar[Words] = ""


class CustomerForm(StepForm):
    """Who applies."""

    title = gettext_lazy("您是")
    customer = forms.ChoiceField(label=gettext_lazy("您是"), choices=CUSTOMERS, widget=forms.RadioSelect)


class ContactForm(StepForm):
    """Whom to reach."""

    title = gettext_lazy("申请人")
    contact_phone = forms.CharField(
        label=gettext_lazy("联系手机"),
        max_length=20,
        help_text=gettext_lazy("查询进度时，验证码发到这个号码。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_contact_phone(self) -> str:
        """Return the number as 11 digits; "" for who has none, at the counter."""
        text = self.cleaned_data["contact_phone"]
        if not text and not self.fields["contact_phone"].required:
            return ""
        try:
            return normalise_phone(text)
        except InvalidPhone as error:
            raise forms.ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error


class ResidentForm(ContactForm):
    """A household: a person with an identity number, which is kept sealed."""

    person_name = PrintedField(
        label=gettext_lazy("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    identity_number = forms.CharField(
        label=gettext_lazy("居民身份证号码"),
        max_length=24,
        help_text=gettext_lazy("18 位。用来核对身份和房屋登记，加密保存，不需要上传证件。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("person_name", "identity_number", "contact_phone")

    def clean_identity_number(self) -> str:
        """Return the number as it is kept; name what is wrong otherwise."""
        try:
            return check_resident_id(self.cleaned_data["identity_number"]).text
        except InvalidIdentifier as error:
            raise forms.ValidationError(identifier_message(error)) from error


class EntityForm(ContactForm):
    """Somebody with a credit code."""

    credit_code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=24,
        help_text=gettext_lazy("18 位，见营业执照。凭此代码查询登记信息，不需要您上传执照。"),
    )

    def clean_credit_code(self) -> str:
        """Return the code as it is kept; name the wrong character otherwise."""
        try:
            return check_uscc(self.cleaned_data["credit_code"]).text
        except InvalidIdentifier as error:
            raise forms.ValidationError(identifier_message(error)) from error


class ShopForm(EntityForm):
    """A sole trader, whose shop need not have a name of its own."""

    organisation_name = PrintedField(
        label=gettext_lazy("店名"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("与营业执照一致；执照上没有字号的不用填。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    person_name = PrintedField(
        label=gettext_lazy("经营者姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("organisation_name", "person_name", "credit_code", "contact_phone")


class FirmForm(EntityForm):
    """A firm or an institution."""

    organisation_name = PrintedField(
        label=gettext_lazy("单位名称"),
        max_length=120,
        help_text=gettext_lazy("与营业执照一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    contact_name = forms.CharField(
        label=gettext_lazy("联系人"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("organisation_name", "credit_code", "contact_name", "contact_phone")


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


class HouseholdForm(StepForm):
    """What a household needs; it is never asked for a voltage."""

    title = gettext_lazy("用电需求")
    load_kw = forms.DecimalField(
        label=gettext_lazy("用电容量（千瓦）"),
        min_value=Decimal("0.1"),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        help_text=gettext_lazy("同时使用的电器功率之和。"),
    )
    needs_works = forms.ChoiceField(
        label=gettext_lazy("用电的地方有没有现成的表箱和线路"),
        choices=WORKS,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("有的话可以当日申请、次日接电。不清楚不影响申请，受理时由供电企业查明。"),
    )
    wanted_on = forms.DateField(
        label=gettext_lazy("希望通电日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("供安排施工参考，不影响法定时限。"),
    )


class DemandForm(HouseholdForm):
    """How much power a shop or a firm needs, and what for."""

    voltage_kv = forms.ChoiceField(
        label=gettext_lazy("用哪种电"), choices=VOLTAGES, widget=forms.RadioSelect, initial=LOW_VOLTAGE_KV
    )
    use = forms.ChoiceField(label=gettext_lazy("主要用途"), choices=Application.Use.choices)
    field_order = ("load_kw", "voltage_kv", "needs_works", "use", "wanted_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["needs_works"].help_text = _(
            "只问普通低压。有的话可以当日申请、次日接电；不清楚不影响申请，受理时由供电企业查明。"
        )


class SupplyForm(StepForm):
    """What only high voltage has: transformers and sources."""

    title = gettext_lazy("变压器和电源")
    transformer_kva = forms.DecimalField(
        label=gettext_lazy("变压器容量（千伏安）"),
        min_value=Decimal(1),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("千伏安与千瓦不是同一单位；还没有定的可以不填。"),
    )
    source_count = forms.TypedChoiceField(
        label=gettext_lazy("电源数量"), choices=SOURCES, coerce=int, widget=forms.RadioSelect, initial="1"
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


WHO: Mapping[Customer, type[StepForm]] = {Customer.RESIDENT: ResidentForm, Customer.SOLE_TRADER: ShopForm}


def step_form(step: str, answers: Mapping[str, Mapping[str, Any]]) -> type[StepForm]:
    """Return the form of a step, which depends on who applies."""
    customer = rules.customer_of(answers)
    return {
        "customer": CustomerForm,
        "who": WHO.get(customer, FirmForm) if customer else FirmForm,
        "site": SiteForm,
        "demand": HouseholdForm if customer is Customer.RESIDENT else DemandForm,
        "supply": SupplyForm,
        "documents": DocumentsForm,
    }[step]
