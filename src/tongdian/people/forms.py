"""Forms of signing in and of the own account."""

from datetime import timedelta
from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordAgainForm
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tongdian.gateway import limits
from tongdian.people.adapters import client_address
from tongdian.people.models import User
from tongdian.people.rules import InvalidPhone, normalise_phone

PER_ACCOUNT = limits.Limit(5, timedelta(minutes=5))
PER_ADDRESS = limits.Limit(50, timedelta(minutes=10))


class PhoneForm(forms.Form):
    """A mobile number."""

    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        help_text=_("我们会向这个号码发送 6 位验证码。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        try:
            return normalise_phone(self.cleaned_data["phone"])
        except InvalidPhone as error:
            raise ValidationError(_("请输入 11 位手机号，例如以 13、15、18 开头。")) from error


class CodeForm(forms.Form):
    """The six digits sent to a phone."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        help_text=_("短信中的 6 位数字，5 分钟内有效。"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class StaffSignInForm(LoginForm):
    """User name and password, counted per account and per address before they are compared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["login"], _("用户名"))
        _relabel(self.fields["password"], _("密码"))

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        username = self.cleaned_data["login"].lower()
        _take("sign_in.address", client_address(self.request), PER_ADDRESS)
        _take("sign_in.account", username, PER_ACCOUNT)
        cleaned: dict[str, Any] = super().clean()
        limits.release("sign_in.account", username)
        return cleaned

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, redirect_url)
        # A password just entered need not be entered again before enrolling.
        record_authentication(request, self.user, method="password", reauthenticated=True)
        return response


class OneTimeCodeForm(AuthenticateForm):
    """The second step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["code"], _("动态口令"), _("身份验证器显示的 6 位数字，或一个恢复码。"))

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


class OneTimeCodeAgainForm(ReauthenticateForm):
    """The one-time password before a sensitive change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["code"], _("动态口令"), _("身份验证器显示的 6 位数字，或一个恢复码。"))

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


class EnrolForm(ActivateTOTPForm):
    """The first code of a new authenticator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["code"], _("动态口令"), _("扫描二维码后，身份验证器显示的 6 位数字。"))

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


class AddKeyForm(AddWebAuthnForm):
    """A new security key and how its owner calls it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["name"], _("名称"), _("自己认得出就行，例如“钥匙扣上的”。"))


class NameKeyForm(EditWebAuthnForm):
    """Another name of a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["name"], _("名称"))


class StaffPasswordForm(PasswordAgainForm):
    """The password before a sensitive change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _relabel(self.fields["password"], _("密码"))

    def clean_password(self) -> str:
        _take("sign_in.account", self.user.username.lower(), PER_ACCOUNT)
        password: str = super().clean_password()
        limits.release("sign_in.account", self.user.username.lower())
        return password


class NewPasswordForm(PasswordChangeForm):
    """A new password, with the old one."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        _relabel(self.fields["old_password"], _("现在的密码"))
        _relabel(self.fields["new_password1"], _("新密码"), _("至少 12 个字符，不能全是数字，也不能是常见密码。"))
        _relabel(self.fields["new_password2"], _("再输入一次新密码"))

    def clean_old_password(self) -> str:
        _take("sign_in.account", self.user.username.lower(), PER_ACCOUNT)
        password: str = super().clean_old_password()
        limits.release("sign_in.account", self.user.username.lower())
        return password


class PreferencesForm(forms.Form):
    """Name, language, type size and ways of contact."""

    display_name = forms.CharField(
        label=_("称呼"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("语言"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    has_large_type = forms.BooleanField(label=_("大字版"), required=False)
    contact_by = forms.ChoiceField(label=_("进度通知"), choices=User.ContactBy, widget=forms.RadioSelect)
    has_quiet_hours = forms.BooleanField(label=_("夜间（21:00 至次日 8:00）不发短信"), required=False)


def _relabel(field: forms.Field, label: Any, help_text: Any = "") -> None:
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


def _counted(user: User, compare: Any) -> str:
    _take("second_factor", str(user.pk), PER_ACCOUNT)
    code: str = compare()
    limits.release("second_factor", str(user.pk))
    return code


def _take(what: str, who: str, limit: limits.Limit) -> None:
    try:
        limits.take(what, who, limit=limit)
    except limits.LimitReached as error:
        raise ValidationError(_("尝试次数过多，请稍后再试。")) from error
