"""Applying: one group of questions a page, kept on the server at every step, checked, submitted."""

from datetime import timedelta
from functools import partial, wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import operations, queries, rules, wizard
from tongdian.connection.models import Draft
from tongdian.connection.operations.agents import AgentNotPossible
from tongdian.connection.pages import View, at_most, pdf_response
from tongdian.connection.papers import SIGNED_IN
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import NoUtility
from tongdian.ui import formats
from tongdian.ui.pdf import UnableToRenderPdf

HOUR = timedelta(hours=1)


@requires("public")
@require_GET
def apply(request: HttpRequest) -> HttpResponse:
    """Say what to expect, offer to begin, list what was begun."""
    drafts = queries.own_drafts(request.user) if isinstance(request.user, User) else []
    on = local_date(installation_now())
    limits = [wizard.limits_of(each, on) for each in rules.CUSTOMER_CLASSES]
    return render(request, "connection/apply.html", {"drafts": drafts, "limits": limits})


@requires("application.draft")
@require_http_methods(["GET", "POST"])
@at_most(30, HOUR, what="draft.begin")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an application and go to its first question; who comes back here from signing in presses again."""
    if request.method == "GET":
        return redirect("apply")
    draft = operations.start_draft(_user(request), now=installation_now())
    return redirect("apply_step", draft.pk, wizard.steps(draft)[0])


def _with_draft(view: View) -> View:
    """Find the reader's own draft; one that became a case leads to that case."""

    @wraps(view)
    def wrapped(request: HttpRequest, draft_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            draft = queries.own_draft(_user(request), draft_id)
        except Draft.DoesNotExist as error:
            raise Http404 from error
        if draft.case is not None:
            return redirect("apply_submitted", draft.case.pk)
        return view(request, draft, **kwargs)

    return wrapped


def _url(draft: Draft, name: str) -> str:
    if name == wizard.CHECK:
        return reverse("apply_check", args=[draft.pk])
    return reverse("apply_step", args=[draft.pk, name])


@requires("application.draft")
@require_GET
@_with_draft
def tasks(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show which questions are answered."""
    context = {"draft": draft, "tasks": wizard.task_list(draft, partial(_url, draft))}
    return render(request, "connection/tasks.html", context)


@requires("application.draft")
@require_http_methods(["GET", "POST"])
@at_most(300, HOUR, what="draft.save")
@_with_draft
def step(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """Ask one group of questions and keep the answers."""
    order = wizard.steps(draft)
    if name not in order:
        raise Http404
    now = installation_now()
    form = wizard.build_form(draft, name, data=request.POST or None, files=request.FILES or None, on=local_date(now))
    if request.method == "POST" and form.is_valid() and (following := wizard.keep(draft, name, form, now=now)):
        return redirect(_url(draft, following))
    number = order.index(name) + 1
    context = {"draft": draft, "form": form, "step": name, "number": number, "total": len(order)}
    return render(request, "connection/step.html", context | _step_context(draft, name))


def _step_context(draft: Draft, name: str) -> dict[str, Any]:
    if name != wizard.DOCUMENTS:
        return {}
    return {
        "files": queries.draft_files(draft),
        "fetched": [formats.in_language(each["title"]) for each in wizard.looked_up(draft)],
        "asks_nothing": not wizard.askable(draft),
    }


@requires("application.submit")
@require_http_methods(["GET", "POST"])
@at_most(60, HOUR, what="draft.submit")
@_with_draft
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show every answer, the class and why, the limits, the contract; submit."""
    if rules.missing_steps(queries.answers(draft)):
        messages.info(request, _("还有内容没有填写，请先填完。"))
        return redirect("apply_tasks", draft.pk)
    if request.method == "POST" and (done := _submit(request, draft)):
        return done
    on = local_date(installation_now())
    context: dict[str, Any] = {"draft": draft, "rows": wizard.answer_rows(draft, partial(_url, draft), on=on)}
    try:
        found = wizard.checked(draft, on=on)
    except rules.InvalidDemand:
        context["problem"] = _("电压与电源数量不相符，请修改用电需求。")
    else:
        context |= {"found": found, "limits": [found.limits]}
    return render(request, "connection/check.html", context)


@requires("application.submit")
@require_GET
@_with_draft
def draft_contract(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Print the contract to be read before it is signed; ?translated=1 gives it in the reader's language."""
    language = translation.get_language() if request.GET.get("translated") else SIGNED_IN
    try:
        if not wizard.checked(draft, on=local_date(installation_now())).signs_contract:
            raise Http404
        with translation.override(language):
            return pdf_response(wizard.contract_of(draft), name="contract.pdf")
    except (operations.DraftIncomplete, rules.InvalidDemand, NoUtility, UnableToRenderPdf):
        messages.info(request, _("合同现在还不能生成，请先核对填写的内容。"))
        return redirect("apply_tasks", draft.pk)


def _submit(request: HttpRequest, draft: Draft) -> HttpResponseRedirect | None:
    try:
        version = int(request.POST.get("version", ""))
        case = wizard.submit(draft, version=version, channel="web", now=installation_now())
    except operations.AlreadySubmitted as error:
        return redirect("apply_submitted", error.case.pk)
    except (ValueError, operations.StaleDraft, NoUtility, UnableToRenderPdf) as error:
        messages.error(request, _refusal(error))
        return None
    return redirect("apply_submitted", case.pk)


def _refusal(error: Exception) -> str:
    """Say why an application was not taken and what to do."""
    reasons: dict[type[Exception], str] = {
        rules.InvalidDemand: _("电压与电源数量不相符，请修改用电需求。"),
        AgentNotPossible: _("您的代办授权已经解除或到期，不能再提交。请联系申请人。"),
        operations.StaleDraft: _("这份申请刚在另一个窗口改动过，请核对最新内容后再提交。"),
        NoUtility: _("这个地址还没有登记供电企业，请拨打供电服务热线或能源监管热线。"),
        UnableToRenderPdf: _("填写的内容中有合同无法印出的字，请换一个写法。"),
    }
    return reasons.get(type(error), _("页面已过期，请核对后重新提交。"))


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", apply, name="apply"),
    path("begin/", begin, name="apply_begin"),
    path("<uuid:draft_id>/", tasks, name="apply_tasks"),
    path("<uuid:draft_id>/check/", check, name="apply_check"),
    path("<uuid:draft_id>/contract.pdf", draft_contract, name="apply_contract"),
    path("<uuid:draft_id>/<slug:name>/", step, name="apply_step"),
]
