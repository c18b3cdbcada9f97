"""How django-allauth works here: it runs passwords, one-time passwords and the steps of signing in.

Phone codes are ours (`people.operations`): theirs keep the count of attempts in the visitor's session.

Of an organisation's identity provider theirs is the flow; ours is what it leaves out: the signature of every identity
token, its nonce, the provider's own name, and that nobody comes in who is not known here already.
"""

import hashlib
import hmac
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongdian.people.models import User
from tongdian.people.preferences import remember
from tongdian.people.queries.identities import has_identity, staff_named
from tongdian.people.second_factor import PLACE, is_last, is_required
from tongdian.ui import sealing

logger = logging.getLogger(__name__)


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
        "cannot_delete_authenticator": _("工作人员必须有动态口令或安全密钥，最后一个不能停用。"),
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
        return not (is_required(authenticator.user) and is_last(authenticator))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - their word
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("安全密钥 %(number)d") % {"number": number}


class ProviderClient(OAuth2Client):
    """Sends the nonce that the identity token must carry back; it follows from the state, which is used once."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        named = extra_params | {"nonce": nonce_of(self.state)}
        return str(super().get_redirect_url(authorization_url, scope, named))


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Believes only the provider that was named in the settings, and only what it signed for this sign-in."""

    client_class = ProviderClient

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != self.get_provider().app.settings["server_url"]:
            raise OAuth2Error(f"the provider calls itself {config.get('issuer')!r}")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce_of(request.GET.get("state", ""))):
            raise OAuth2Error("the identity token was made for another sign-in")
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        # All they say of the person would lie readable in the database: the subject is enough to know them again.
        login.account.extra_data = {}
        login.claimed_username = str(claims.get(app.settings["claim"], ""))
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        return claims


class ProviderLogin(DefaultSocialAccountAdapter):
    """Links a provider's account to the staff account its claim names; makes no account and grants nothing."""

    def get_provider(self, *args: Any, **kwargs: Any) -> Any:
        provider = super().get_provider(*args, **kwargs)
        provider.oauth2_adapter_class = ProviderAdapter
        return provider

    def serialize_instance(self, instance: Any) -> Any:
        # Between two steps of signing in the account waits in the session: its key is enough there.
        return {"id": instance.pk} if isinstance(instance, User) else super().serialize_instance(instance)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(redirect("account_staff_login"))
        if sociallogin.is_existing:
            return
        user = staff_named(sociallogin.claimed_username)
        if user is None or has_identity(user, provider=sociallogin.account.provider):
            page = render(request, "people/unknown_identity.html", {"name": sociallogin.claimed_username}, status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        logger.warning("sign-in through %s failed: %s", provider.name, kwargs.get("exception") or kwargs.get("error"))
        page = render(request, "people/identity_failed.html", {"provider": provider.name}, status=403)
        raise ImmediateHttpResponse(page)


def nonce_of(state: str) -> str:
    """Return the nonce that belongs to a state."""
    return hashlib.sha256(f"tongdian nonce {state}".encode()).hexdigest()


def client_address(request: HttpRequest) -> str:
    """Return the address limits are counted by: the visitor's, also behind proxies of ours (`TONGDIAN_PROXIES`)."""
    return str(get_adapter(request).get_client_ip(request))
