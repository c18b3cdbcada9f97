"""Forms of the public pages of a case."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tongdian.kernel.identifiers import InvalidIdentifier, parse_case_number
from tongdian.people.forms import PhoneForm


class NumberForm(forms.Form):
    """A case number."""

    number = forms.CharField(
        label=_("办件编号"),
        max_length=30,
        help_text=_("17 位数字，印在申请回执上，例如 370102-2026-000123-6。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def clean_number(self) -> str:
        """Return the number in its standard form."""
        try:
            return parse_case_number(self.cleaned_data["number"]).text
        except InvalidIdentifier as error:
            raise ValidationError(_("编号不对：应为 17 位数字，最后一位是校验码。请与回执逐位核对。")) from error


class LookUpForm(PhoneForm, NumberForm):
    """A case number and the phone that was given in the application."""

    field_order = ("number", "phone")


class PaperForm(NumberForm):
    """A case number and the look-up code on the receipt of somebody without a phone."""

    code = forms.CharField(
        label=_("查询码"),
        max_length=20,
        help_text=_("回执上的 10 位字符，例如 ABCDE-23456。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ReceiptForm(forms.Form):
    """The hash printed on a receipt."""

    code = forms.CharField(
        label=_("事件摘要"),
        max_length=100,
        help_text=_("回执“核验”一栏中的 64 位字符，空格可以不输入。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """Return the 64 hexadecimal digits without blanks."""
        code = "".join(self.cleaned_data["code"].split()).lower()
        if len(code) != 64 or not set(code) <= set("0123456789abcdef"):
            raise ValidationError(_("摘要由 64 个字符组成，只有数字 0–9 和字母 a–f。请与回执核对。"))
        return code
