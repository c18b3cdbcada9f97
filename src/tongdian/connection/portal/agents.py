"""Agents: an applicant lets somebody act, takes it back; an agent begins for somebody else, sees whom they act for."""

import json
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case.content import RefusedUpload
from tongdian.case.models import Case
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now
from tongdian.connection import forms, wizard
from tongdian.connection.forms.agents import AgentForm, PrincipalForm, scope_words
from tongdian.connection.models import AgentAuthority
from tongdian.connection.operations import Acting
from tongdian.connection.operations.agents import AgentNotPossible, begin_for, name_agent, release_agent
from tongdian.connection.pages import at_most, find_case
from tongdian.connection.queries.agents import authorities_of, given_by, held_by, own_authority
from tongdian.gateway import limits
from tongdian.people.access import requires
from tongdian.people.forms import CodeForm
from tongdian.people.models import PhoneCode, User
from tongdian.people.operations import CodeBurned, WrongCode, confirm_code, issue_code
from tongdian.people.rules import Role
from tongdian.ui import sealing
from tongdian.ui.components import Words
from tongdian.ui.fields import mask_phone

ASKED, SESSION_PLACE = "agent_asked", "session.agent"
HOUR = timedelta(hours=1)
PROBLEMS: dict[str, Words] = {
    "self": gettext_lazy("代办人不能是申请人本人。"),
    "twice": gettext_lazy("这位代办人已经有授权。要改变事项，请先解除。"),
    "period": gettext_lazy("授权的最后一天已经过去。"),
    "scope": gettext_lazy("请至少勾选一项。"),
    "closed": gettext_lazy("办件已经办结，不能再授权。"),
    "over": gettext_lazy("这项授权已经解除或到期。"),
}


@requires("own_case.view")
@require_GET
def agents(request: HttpRequest) -> HttpResponse:
    """List whom the reader acts for, and whom they let act."""
    user = _user(request)
    context = {
        "held": [(each, scope_words(each.scopes)) for each in held_by(user, now=timezone.now())],
        "given": [(each, scope_words(each.scopes)) for each in given_by(user)],
        "now": timezone.now(),
    }
    return render(request, "connection/agents/list.html", context)


@requires("agent.name")
@never_cache
@require_http_methods(["GET", "POST"])
@at_most(30, HOUR, what="agent.name")
def case_agents(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show the agents of one's case; name another, which a code to one's own phone confirms."""
    case = find_case(request.user, "agent.name", case_id)
    form = AgentForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid() and _is_asked(request, case, form):
        return redirect("agent_code", case.pk)
    listed = [(each, scope_words(each.scopes)) for each in authorities_of(case)]
    context = {"case": case, "form": form, "authorities": listed, "now": timezone.now()}
    return render(request, "connection/agents/case.html", context)


def _is_asked(request: HttpRequest, case: Case, form: AgentForm) -> bool:
    user, now = _user(request), timezone.now()
    if not user.phone:
        form.add_error(None, _("您的账号没有手机号，请到营业厅办理授权。"))
        return False
    try:
        issue_code(phone=user.phone, purpose=PhoneCode.Purpose.AGENT, language=get_language() or "zh-hans", now=now)
    except limits.LimitReached as error:
        wait_s = max(1, round((error.retry_at - now).total_seconds()))
        form.add_error(None, _("发送得太频繁，请在 %(seconds)d 秒后再试。") % {"seconds": wait_s})
        return False
    asked = {
        "case": str(case.pk),
        "version": case.version,
        "phone": form.cleaned_data["phone"],
        "scopes": form.cleaned_data["scopes"],
        "until": form.until.isoformat(),
        "last_day": form.cleaned_data["last_day"].isoformat(),
    }
    request.session[ASKED] = sealing.seal(json.dumps(asked), place=SESSION_PLACE).hex()
    return True


@requires("agent.name")
@never_cache
@require_http_methods(["GET", "POST"])
def agent_code(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask for the code, then let the agent act."""
    case = find_case(request.user, "agent.name", case_id)
    asked = _asked(request, case)
    if asked is None:
        return redirect("case_agents", case.pk)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_confirmed(request, form):
        del request.session[ASKED]
        _name(request, case, asked)
        return redirect("case_agents", case.pk)
    context = {
        "case": case,
        "form": form,
        "phone": mask_phone(_user(request).phone or ""),
        "agent": mask_phone(asked["phone"]),
        "scopes": scope_words(asked["scopes"]),
        "last_day": date.fromisoformat(asked["last_day"]),
    }
    return render(request, "connection/agents/code.html", context)


def _asked(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    sealed: str | None = request.session.get(ASKED)
    if sealed is None:
        return None
    asked: dict[str, Any] = json.loads(sealing.open_sealed(bytes.fromhex(sealed), place=SESSION_PLACE))
    return asked if asked["case"] == str(case.pk) else None


def _is_confirmed(request: HttpRequest, form: CodeForm) -> bool:
    phone, code = _user(request).phone or "", form.cleaned_data["code"]
    try:
        confirm_code(phone=phone, purpose=PhoneCode.Purpose.AGENT, code=code, now=timezone.now())
    except WrongCode as error:
        form.add_error("code", _("验证码不正确，还可以再试 %(left)d 次。") % {"left": error.attempts_left})
    except CodeBurned:
        form.add_error("code", _("验证码已失效，请重新获取。"))
    return form.is_valid()


def _name(request: HttpRequest, case: Case, asked: dict[str, Any]) -> None:
    until = parse_datetime(asked["until"])
    assert until is not None  # noqa: S101 - we wrote it
    try:
        name_agent(
            case,
            phone=asked["phone"],
            scopes=asked["scopes"],
            valid_until=until,
            language=get_language() or "zh-hans",
            acting=Acting(_user(request), Role.APPLICANT, "web", asked["version"], installation_now()),
            granted_at=timezone.now(),
        )
    except AgentNotPossible as error:
        messages.error(request, str(PROBLEMS[error.problem]))
    except StaleCase:
        messages.warning(request, _("办件刚刚有了变化，请看一下再授权。"))
    else:
        messages.success(request, _("已授权。代办人登录后即可办理，时间线会写明由代办人办理。"))


@requires("own_case.view")
@require_POST
def release(request: HttpRequest, authority_id: UUID) -> HttpResponse:
    """Take an authority back, or lay it down; at once."""
    user = _user(request)
    try:
        authority = own_authority(user, authority_id)
    except AgentAuthority.DoesNotExist as error:
        raise Http404 from error
    is_principal = authority.principal == user
    acting = Acting(
        user,
        Role.APPLICANT if is_principal else Role.AGENT,
        "web",
        cast("Case", authority.case).version,
        installation_now(),
    )
    try:
        release_agent(authority, acting=acting, granted_at=timezone.now())
    except AgentNotPossible as error:
        messages.info(request, str(PROBLEMS[error.problem]))
    else:
        messages.success(request, _("授权已解除，立即生效。"))
    return redirect("case_agents", authority.case_id) if is_principal else redirect("agents")


@requires("application.draft")
@require_http_methods(["GET", "POST"])
@at_most(20, HOUR, what="agent.begin")
def apply_for(request: HttpRequest) -> HttpResponse:
    """Begin an application for somebody else, by their written authorisation."""
    form = PrincipalForm(request.POST or None, request.FILES or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            draft = begin_for(
                _user(request),
                principal_phone=form.cleaned_data["principal_phone"],
                agent_name=form.cleaned_data["agent_name"],
                scopes=form.cleaned_data["scopes"],
                valid_until=form.until,
                upload=form.cleaned_data["authorisation"],
                language=get_language() or "zh-hans",
                now=timezone.now(),
            )
        except AgentNotPossible as error:
            form.add_error("principal_phone" if error.problem == "self" else None, PROBLEMS[error.problem])
        except RefusedUpload as error:
            form.add_error("authorisation", forms.refusal_words(error))
        else:
            return redirect("apply_step", draft.pk, wizard.steps(draft)[0])
    return render(request, "connection/agents/begin.html", {"form": form})


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("my/agents/", agents, name="agents"),
    path("my/agents/<uuid:authority_id>/release/", release, name="agent_release"),
    path("my/<uuid:case_id>/agents/", case_agents, name="case_agents"),
    path("my/<uuid:case_id>/agents/code/", agent_code, name="agent_code"),
    path("apply/for/", apply_for, name="apply_for"),
]
