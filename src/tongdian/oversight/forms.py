"""How a member of staff wants to be told."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tongdian.people.rules import InvalidPhone, normalise_phone


class NoticePreferenceForm(forms.Form):
    """The daily digest, and the phone messages go to."""

    wants_digest = forms.BooleanField(
        label=_("每个工作日早上收一份摘要"),
        required=False,
        help_text=_("摘要列出未处理的件数和最急的办件。有摘要时，下班时间的提醒并入下一份摘要，不单独发短信。"),
    )
    work_phone = forms.CharField(
        label=_("接收短信的手机号"),
        required=False,
        max_length=20,
        help_text=_("只用于发送提醒，不能用来登录。不填则只在站内查看。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_work_phone(self) -> str:
        phone = str(self.cleaned_data["work_phone"])
        if not phone:
            return ""
        try:
            return normalise_phone(phone)
        except InvalidPhone as error:
            raise ValidationError(_("请输入 11 位手机号。")) from error
