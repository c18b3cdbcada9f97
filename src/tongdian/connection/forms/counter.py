"""Forms of the counter: who stands there, and what they agree to."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection.models import CounterVisit
from tongdian.kernel.identifiers import InvalidIdentifier, parse_case_number
from tongdian.people.rules import InvalidPhone, normalise_phone
from tongdian.ui.forms import VersionedForm


class VisitForm(forms.Form):
    """Whom to serve: by phone, or without one; and what was looked at."""

    phone = forms.CharField(
        label=gettext_lazy("客户手机号"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("客户以后用这个号码登录，看到的就是同一份办件。没有手机的客户留空。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    number = forms.CharField(
        label=gettext_lazy("办件编号（没有手机的客户）"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("没有手机的客户再次来时填写，见回执。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    seen = forms.ChoiceField(
        label=gettext_lazy("查看的证件"),
        choices=CounterVisit.Seen.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("只看原件，不复印、不留存。不看证件时，须发送验证码。"),
    )

    def clean_phone(self) -> str:
        """Return the number as 11 digits, "" when there is none."""
        text = self.cleaned_data["phone"]
        try:
            return normalise_phone(text) if text else ""
        except InvalidPhone as error:
            raise forms.ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error

    def clean_number(self) -> str:
        """Return the number in its standard form, "" when there is none."""
        text = self.cleaned_data["number"]
        try:
            return parse_case_number(text).text if text else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(_("编号不对：应为 17 位数字，最后一位是校验码。请与回执逐位核对。")) from error

    def clean(self) -> dict[str, Any]:
        """Ask for one proof: a document, or a code to a phone."""
        cleaned = super().clean() or {}
        by_code = "code" in self.data
        if by_code and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("发送验证码需要手机号。"))
        if not by_code and cleaned.get("seen") == CounterVisit.Seen.NONE:
            self.add_error("seen", _("请查看证件，或给客户的手机发送验证码。"))
        return cleaned


class CounterSubmitForm(VersionedForm):
    """How a low-voltage customer signs at the counter: by the code they told, on paper, or later online."""

    has_read = forms.BooleanField(label=gettext_lazy("客户已阅读合同，并同意以手机验证码签署"), required=False)
    signed = forms.FileField(
        label=gettext_lazy("客户签名的纸质合同（扫描件）"),
        required=False,
        help_text=gettext_lazy("打印合同、客户签名后扫描，PDF 或图片。不上传时，客户以后在网上签署，签署后才能受理。"),
    )

    def __init__(self, *args: Any, signs_contract: bool, consent: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_code = consent == CounterVisit.Consent.CODE
        if not signs_contract or not by_code:
            del self.fields["has_read"]
        if not signs_contract or by_code:
            del self.fields["signed"]
