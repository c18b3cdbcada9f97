"""Forms of the works: scheme, inspections, the utility's own works, the meter."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection.models import Scheme, SupportingWorks
from tongdian.ui.forms import PrintedField, VersionedForm


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


class LowVoltageSchemeForm(VersionedForm):
    """The supply scheme of a low-voltage customer, as short as it is."""

    substation = PrintedField(label=gettext_lazy("供电台区"), max_length=80)
    feeder = PrintedField(label=gettext_lazy("低压线路"), max_length=80)
    access_point = PrintedField(label=gettext_lazy("表箱或接入点"), max_length=120)
    wiring = forms.ChoiceField(label=gettext_lazy("接入方式"), choices=Scheme.Wiring.choices)
    property_boundary = PrintedField(label=gettext_lazy("产权分界点"), max_length=200)
    customer_works = forms.CharField(
        label=gettext_lazy("由客户建设的部分"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StartWorksForm(VersionedForm):
    """What the utility builds for a low-voltage customer."""

    scope = forms.ChoiceField(
        label=gettext_lazy("工程内容"), choices=SupportingWorks.Scope.choices, widget=forms.RadioSelect
    )
    needs_permit = forms.BooleanField(
        label=gettext_lazy("需要道路、绿化等行政审批"),
        required=False,
        help_text=gettext_lazy("等待审批的时间另用“暂停计时”登记，须附受理回执。"),
    )
    planned_finish_date = forms.DateField(
        label=gettext_lazy("计划完工日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


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
    photo = forms.FileField(
        label=gettext_lazy("电能表照片"), required=False, help_text=gettext_lazy("可以不传。PDF、JPG 或 PNG。")
    )
