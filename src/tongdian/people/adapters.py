"""How django-allauth works here: it runs passwords, one-time passwords and the steps of signing in.

Phone codes are ours (`people.operations`): theirs keep the count of attempts in the visitor's session.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongdian.people.models import User
from tongdian.people.preferences import remember
from tongdian.people.queries import holds_staff_role
from tongdian.people.second_factor import PLACE
from tongdian.ui import sealing


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by password for staff; no sign-up, no e-mail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("用户名或密码不正确。"),
        "incorrect_password": _("密码不正确。"),
        "too_many_login_attempts": _("尝试次数过多，请稍后再试。"),
        "incorrect_code": _("动态口令或恢复码不正确。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_profile")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page one lands on shows what happened."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember(response, user, request=request)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seals the secrets of authenticators, and keeps the second factor where it is required."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("动态口令或恢复码不正确。"),
        "cannot_delete_authenticator": _("工作人员必须使用动态口令，不能停用。"),
    }

    def get_totp_issuer(self) -> str:
        return "Tongdian"

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, place=PLACE).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.open_sealed(bytes.fromhex(encrypted_text), place=PLACE)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (settings.REQUIRE_TOTP and holds_staff_role(authenticator.user))


def client_address(request: HttpRequest) -> str:
    """Return the address limits are counted by: the visitor's, also behind proxies of ours (`TONGDIAN_PROXIES`)."""
    return str(get_adapter(request).get_client_ip(request))
