"""Pages of signing in and of the own account, mounted under /accounts/.

Of django-allauth only the views listed here are reachable; there is no sign-up page: a phone proven by a code is the
account of the public, staff accounts are made by an administrator.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import LoginView, LogoutView
from allauth.account.views import ReauthenticateView as PasswordAgainView
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.socialaccount.adapter import get_adapter as social_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from tongdian.gateway import limits
from tongdian.people import operations
from tongdian.people.access import requires
from tongdian.people.adapters import ProviderAdapter, client_address
from tongdian.people.forms import CodeForm, NewPasswordForm, PhoneForm, PreferencesForm, StaffSignInForm
from tongdian.people.models import PhoneCode, User
from tongdian.people.preferences import remember
from tongdian.people.queries import holds_staff_role, sessions_of
from tongdian.ui import sealing
from tongdian.ui.fields import mask_phone

PENDING = "phone_code"
# Sessions lie readable in the database, a phone must not.
SESSION_PLACE = "session.phone_code"
CODES_PER_ADDRESS = limits.Limit(60, timedelta(hours=1))


@requires("public")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send a code; the way for everybody who is not staff."""
    if request.user.is_authenticated:
        return redirect(_target(request))
    form = PhoneForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _send_code(request, form, phone=form.cleaned_data["phone"], purpose=PhoneCode.Purpose.SIGN_IN)
    ):
        return redirect("account_code")
    return render(request, "people/sign_in.html", {"form": form, "next": request.GET.get("next", "")})


@requires("public")
@never_cache
@sensitive_post_parameters("code")
def enter_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code and sign in, creating the account on first use."""
    pending = _pending(request, PhoneCode.Purpose.SIGN_IN)
    if pending is None:
        return redirect("account_login")
    form = CodeForm(request.POST if request.method == "POST" and "again" not in request.POST else None)
    if "again" in request.POST:
        _send_code(request, form, phone=pending["phone"], purpose=PhoneCode.Purpose.SIGN_IN)
    elif request.method == "POST" and form.is_valid() and _is_confirmed(form, pending):
        del request.session[PENDING]
        return _sign_in_person(request, pending)
    return render(request, "people/code.html", {"form": form, "phone": mask_phone(pending["phone"])})


class StaffSignIn(LoginView):
    """User name and password, or one of the organisations' identity providers."""

    form_class = StaffSignInForm
    template_name = "people/staff_sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        providers = social_adapter().list_providers(self.request)
        return super().get_context_data(**kwargs) | {"providers": providers}


@requires("public")
@never_cache
@require_GET
def provider_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send a member of staff to their organisation's identity provider."""
    return _through_provider(OAuth2LoginView, request, provider_id)


@requires("public")
@never_cache
@require_GET
def provider_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take what the identity provider answered, and sign in or say why not."""
    return _through_provider(OAuth2CallbackView, request, provider_id)


@requires("account.own")
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """Show the own account and change its preferences."""
    user = _user(request)
    form = PreferencesForm(request.POST or None, initial={name: getattr(user, name) for name in operations.PREFERENCES})
    if request.method == "POST" and form.is_valid():
        operations.set_preferences(user, **form.cleaned_data)
        messages.success(request, gettext("已保存。"))
        response = redirect("account_profile")
        remember(response, user)
        return response
    return render(request, "people/profile.html", {"form": form, **_account(request, user)})


@requires("account.own")
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    end_other_sessions(request, request.user)
    messages.success(request, gettext("其他设备上的登录已全部退出。"))
    return redirect("account_profile")


@requires("account.own")
@never_cache
def change_phone(request: HttpRequest) -> HttpResponse:
    """Ask for the new phone and send it a code."""
    if _user(request).kind != User.Kind.PERSON:
        return redirect("account_profile")
    form = PhoneForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _send_code(request, form, phone=form.cleaned_data["phone"], purpose=PhoneCode.Purpose.CHANGE_PHONE)
    ):
        return redirect("account_phone_code")
    return render(request, "people/phone.html", {"form": form})


@requires("account.own")
@never_cache
@sensitive_post_parameters("code")
def confirm_phone(request: HttpRequest) -> HttpResponse:
    """Ask for the code sent to the new phone and change the number."""
    pending = _pending(request, PhoneCode.Purpose.CHANGE_PHONE)
    if pending is None:
        return redirect("account_phone")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_confirmed(form, pending):
        del request.session[PENDING]
        return _take_over_phone(request, pending["phone"])
    return render(request, "people/code.html", {"form": form, "phone": mask_phone(pending["phone"]), "is_change": True})


@requires("account.second_factor")
@never_cache
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password of staff; other sessions end."""
    form = NewPasswordForm(_user(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = operations.change_password(_user(request), form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, gettext("密码已更换，其他设备上的登录已退出。"))
        return redirect("account_profile")
    return render(request, "people/password.html", {"form": form})


def _send_code(request: HttpRequest, form: Any, *, phone: str, purpose: PhoneCode.Purpose) -> bool:
    now = timezone.now()
    try:
        limits.take("code.address", client_address(request), limit=CODES_PER_ADDRESS, now=now)
        operations.issue_code(phone=phone, purpose=purpose, language=get_language() or "zh-hans", now=now)
    except limits.LimitReached as error:
        wait_s = max(1, round((error.retry_at - now).total_seconds()))
        text = _("发送得太频繁，请在 %(seconds)d 秒后再试。") % {"seconds": wait_s}
        if form.is_bound:
            form.add_error(None, text)
        else:
            messages.error(request, text)
        return False
    sealed = sealing.seal(phone, place=SESSION_PLACE).hex()
    earlier = _pending(request, purpose)
    target = earlier["next"] if earlier and "again" in request.POST else _target(request)
    request.session[PENDING] = {"sealed": sealed, "purpose": purpose.value, "next": target}
    return True


def _pending(request: HttpRequest, purpose: PhoneCode.Purpose) -> dict[str, str] | None:
    pending: dict[str, str] | None = request.session.get(PENDING)
    if pending is None or pending["purpose"] != purpose:
        return None
    phone = sealing.open_sealed(bytes.fromhex(pending["sealed"]), place=SESSION_PLACE)
    return {"phone": phone, "purpose": pending["purpose"], "next": pending["next"]}


def _is_confirmed(form: CodeForm, pending: dict[str, str]) -> bool:
    try:
        operations.confirm_code(
            phone=pending["phone"],
            purpose=PhoneCode.Purpose(pending["purpose"]),
            code=form.cleaned_data["code"],
            now=timezone.now(),
        )
    except operations.WrongCode as error:
        form.add_error("code", _("验证码不正确，还可以再试 %(left)d 次。") % {"left": error.attempts_left})
    except operations.CodeBurned:
        form.add_error("code", _("验证码已失效，请重新获取。"))
    return form.is_valid()


def _sign_in_person(request: HttpRequest, pending: dict[str, str]) -> HttpResponse:
    user = operations.person_for_phone(pending["phone"], language=get_language() or "zh-hans", now=timezone.now())
    record_authentication(request, user, method="code")
    response: HttpResponse = perform_login(request, user, redirect_url=pending["next"])
    return response


def _take_over_phone(request: HttpRequest, phone: str) -> HttpResponse:
    try:
        operations.set_phone(_user(request), phone=phone, now=timezone.now())
    except operations.PhoneTaken:
        messages.error(request, gettext("这个号码已用于另一个账号。请用该号码登录，或换一个号码。"))
    else:
        messages.success(request, gettext("手机号已更换。"))
    return redirect("account_profile")


def _through_provider(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        response: HttpResponse = view.adapter_view(ProviderAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (RequestException, OAuth2Error) as error:
        # Before the visitor is sent away the provider is asked for its addresses: it may be down.
        with suppress(ImmediateHttpResponse):
            provider = ProviderAdapter(request, provider_id).get_provider()
            social_adapter().on_authentication_error(request, provider, exception=error)
        response = render(request, "people/identity_failed.html", {"provider": provider.name}, status=503)
    return response


def _account(request: HttpRequest, user: User) -> dict[str, Any]:
    return {
        "phone": mask_phone(user.phone) if user.phone else "",
        "sessions": [(session, session.session_key == request.session.session_key) for session in sessions_of(user)],
        "is_staff_account": holds_staff_role(user),
    }


def _user(request: HttpRequest) -> User:
    """Return who signed in; only behind a permission that asks for it."""
    return cast("User", request.user)


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("account_profile")


def _public(view: Any) -> Any:
    return requires("public")(view)


def _second_factor(view: Any) -> Any:
    return requires("account.second_factor")(never_cache(view))


urlpatterns = [
    path("", profile, name="account_profile"),
    path("login/", sign_in, name="account_login"),
    path("login/code/", enter_code, name="account_code"),
    path(
        "login/staff/",
        _public(StaffSignIn.as_view()),
        name="account_staff_login",
    ),
    path("oidc/<slug:provider_id>/login/", provider_sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", provider_answer, name="openid_connect_callback"),
    path(
        "login/second-factor/",
        _public(AuthenticateView.as_view(template_name="people/second_factor.html")),
        name="mfa_authenticate",
    ),
    path("logout/", _public(require_POST(LogoutView.as_view())), name="account_logout"),
    path("phone/", change_phone, name="account_phone"),
    path("phone/code/", confirm_phone, name="account_phone_code"),
    path("sessions/end/", end_sessions, name="account_end_sessions"),
    path("password/", change_password, name="account_change_password"),
    path(
        "confirm/",
        _second_factor(PasswordAgainView.as_view(template_name="people/confirm.html")),
        name="account_reauthenticate",
    ),
    path(
        "confirm/second-factor/",
        _second_factor(ReauthenticateView.as_view(template_name="people/confirm.html")),
        name="mfa_reauthenticate",
    ),
    path("second-factor/", _second_factor(IndexView.as_view(template_name="people/factors.html")), name="mfa_index"),
    path(
        "second-factor/enrol/",
        _second_factor(ActivateTOTPView.as_view(template_name="people/enrol.html")),
        name="mfa_activate_totp",
    ),
    path(
        "second-factor/remove/",
        _second_factor(DeactivateTOTPView.as_view(template_name="people/remove_factor.html")),
        name="mfa_deactivate_totp",
    ),
    path(
        "second-factor/recovery/",
        _second_factor(ViewRecoveryCodesView.as_view(template_name="people/recovery.html")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/recovery/new/",
        _second_factor(GenerateRecoveryCodesView.as_view(template_name="people/new_recovery.html")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery/file/",
        _second_factor(require_GET(DownloadRecoveryCodesView.as_view())),
        name="mfa_download_recovery_codes",
    ),
]
