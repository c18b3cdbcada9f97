"""Forms of naming an agent and of beginning for somebody else."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.people.rules import InvalidPhone, normalise_phone
from tongdian.ui.components import Words
from tongdian.ui.forms import PrintedField, VersionedForm

SCOPE_TITLES: dict[str, Words] = {
    "apply": gettext_lazy("填写和提交申请"),
    "hand_in": gettext_lazy("提交资料、报验"),
    "decide": gettext_lazy("确认供电方案，申请暂缓和恢复"),
    "sign": gettext_lazy("签署供用电合同"),
    "withdraw": gettext_lazy("撤回申请"),
}
# Somebody who applied already need not let anybody apply.
IN_A_CASE = ("hand_in", "decide", "sign", "withdraw")
LONGEST = timedelta(days=366)


class AuthorityForm(forms.Form):
    """What is allowed, until when."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("可以代办的事项"),
        choices=[(scope, SCOPE_TITLES[scope]) for scope in IN_A_CASE],
        widget=forms.CheckboxSelectMultiple,
        initial=["hand_in"],
        help_text=gettext_lazy("代办人总是可以查看办件。没有勾选的事项，代办人不能办。"),
    )
    last_day = forms.DateField(
        label=gettext_lazy("授权到哪一天"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("含当天，最长一年。可以随时提前解除，立即生效。"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_last_day(self) -> date:
        """Refuse a day that has passed or lies too far ahead."""
        last: date = self.cleaned_data["last_day"]
        if not self.today <= last <= self.today + LONGEST:
            raise ValidationError(_("请选择今天起一年以内的日期。"))
        return last

    @property
    def until(self) -> datetime:
        """The moment the authority ends: the end of its last day here."""
        following = self.cleaned_data["last_day"] + timedelta(days=1)
        return timezone.make_aware(datetime.combine(following, datetime.min.time()))


class AgentForm(AuthorityForm):
    """Whom an applicant lets act in a case."""

    phone = forms.CharField(
        label=gettext_lazy("代办人手机号"),
        max_length=20,
        help_text=gettext_lazy("代办人用这个号码登录。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    field_order = ("phone", "scopes", "last_day")

    def clean_phone(self) -> str:
        """Return the number as 11 digits."""
        return mobile(self.cleaned_data["phone"])


class PrincipalForm(AuthorityForm):
    """For whom somebody begins an application, by which paper."""

    agent_name = PrintedField(
        label=gettext_lazy("您的姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    principal_phone = forms.CharField(
        label=gettext_lazy("申请人手机号"),
        max_length=20,
        help_text=gettext_lazy("申请人用这个号码登录，可以看到办件，也可以随时解除您的授权。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    authorisation = forms.FileField(
        label=gettext_lazy("授权委托书和您的身份证件"),
        help_text=gettext_lazy("申请人签名或盖章，PDF、JPG 或 PNG。供电企业受理前核对。"),
    )
    field_order = ("agent_name", "principal_phone", "authorisation", "scopes", "last_day")

    def clean_principal_phone(self) -> str:
        """Return the number as 11 digits."""
        return mobile(self.cleaned_data["principal_phone"])


class CheckAuthorityForm(VersionedForm):
    """Whether a written authority is good; why not, which the applicant and the agent read."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("核对结果"),
        choices=[("good", gettext_lazy("授权书真实有效")), ("refused", gettext_lazy("不予认可，解除代办"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("不予认可的理由"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("申请人和代办人会看到。申请本身继续办理。"),
    )

    def clean(self) -> dict[str, Any]:
        """Ask why when it is refused."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "refused" and not cleaned.get("reason"):
            self.add_error("reason", _("请写明理由。"))
        return cleaned


def mobile(text: str) -> str:
    """Return a mobile number as 11 digits; say so when it is none."""
    try:
        return normalise_phone(text)
    except InvalidPhone as error:
        raise ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error


def scope_words(scopes: list[str]) -> str:
    """Name what an authority covers, in the order of the form."""
    separator = str(_("、"))
    return separator.join(str(title) for scope, title in SCOPE_TITLES.items() if scope in scopes)
