"""Applying: one group of questions a page, kept on the server at every step, checked, submitted."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Literal, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case.content import RefusedUpload
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import forms, operations, queries, rules
from tongdian.connection.apps import STAGES
from tongdian.connection.models import Draft
from tongdian.connection.pages import View, at_most, customer_steps
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import NoUtility
from tongdian.policy import current_book
from tongdian.policy.places import PROVINCE
from tongdian.ui import formats
from tongdian.ui.components import SummaryRow, Task
from tongdian.ui.forms import VersionedForm

STEPS = ("who", "site", "demand", "documents")
HOUR = timedelta(hours=1)


@requires("public")
@require_GET
def apply(request: HttpRequest) -> HttpResponse:
    """Say what to expect, offer to begin, list what was begun."""
    drafts = queries.own_drafts(request.user) if isinstance(request.user, User) else []
    on = local_date(installation_now())
    limits = [_limits_of(each, on) for each in rules.HIGH_VOLTAGE_CLASSES]
    return render(request, "connection/apply.html", {"drafts": drafts, "limits": limits})


def _limits_of(customer_class: str, on: date, *, county_code: str = PROVINCE, zone: str = "") -> dict[str, Any]:
    book = current_book()
    total = book.lookup(f"connection.total_limit.{customer_class}", on=on)
    stages = queries.stages(customer_class, on=on, county_code=PROVINCE)
    return {
        "title": formats.in_language(book.entry(f"connection.class.{customer_class}").title),
        "total": total.value,
        "url": reverse("policy_rule", args=[total.id]),
        "clause": formats.in_language(total.clause),
        "steps": customer_steps(customer_class, on=on, county_code=county_code, zone=zone),
        "stages": [
            (stage, STAGES[stage], book.lookup(f"connection.stage_limit.{customer_class}.{stage}", on=on).value)
            for stage in stages
        ],
    }


@requires("application.draft")
@require_http_methods(["GET", "POST"])
@at_most(30, HOUR, what="draft.begin")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an application and go to its first question; who comes back here from signing in presses again."""
    if request.method == "GET":
        return redirect("apply")
    draft = operations.start_draft(_user(request), form_version=forms.FORM_VERSION, now=installation_now())
    return redirect("apply_step", draft.pk, STEPS[0])


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


@requires("application.draft")
@require_GET
@_with_draft
def tasks(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show which questions are answered."""
    answers = queries.answers(draft)
    listed = [_task(draft, step, answers) for step in STEPS]
    is_ready = all(step in answers for step in STEPS[:3])
    check = reverse("apply_check", args=[draft.pk]) if is_ready else ""
    listed.append(Task(_("核对并提交"), "todo" if is_ready else "blocked", check))
    return render(request, "connection/tasks.html", {"draft": draft, "tasks": listed})


def _task(draft: Draft, step: str, answers: Mapping[str, Any]) -> Task:
    status: Literal["done", "todo"] = "done" if step in answers else "todo"
    hint = _("可以稍后补交。") if step == "documents" else ""
    if step == "documents" and "demand" not in answers:
        return Task(forms.WIZARD[step].title, "blocked", hint=_("填好用电需求后列出。"))
    return Task(forms.WIZARD[step].title, status, reverse("apply_step", args=[draft.pk, step]), hint)


@requires("application.draft")
@require_http_methods(["GET", "POST"])
@at_most(300, HOUR, what="draft.save")
@_with_draft
def step(request: HttpRequest, draft: Draft, name: str) -> HttpResponse:
    """Ask one group of questions and keep the answers."""
    if name not in STEPS:
        raise Http404
    form = _step_form(request, draft, name)
    if request.method == "POST" and form.is_valid() and (done := _keep(request, draft, name, form)):
        return done
    number = STEPS.index(name) + 1
    context = {"draft": draft, "form": form, "step": name, "number": number, "total": len(STEPS)}
    return render(request, "connection/step.html", context | _step_context(draft, name))


def _step_form(request: HttpRequest, draft: Draft, name: str) -> VersionedForm:
    initial = {**queries.answers(draft).get(name, {}), "version": draft.version}
    extra: dict[str, Any] = {}
    if name == "site":
        extra["today"] = local_date(installation_now())
    if name == "documents":
        extra["listed"] = _askable(draft)
    return forms.WIZARD[name](request.POST or None, request.FILES or None, initial=initial, **extra)


def _step_context(draft: Draft, name: str) -> dict[str, Any]:
    if name != "documents":
        return {}
    files = queries.draft_files(draft)
    fetched = [each for each in _listed(draft) if each["register"]]
    return {"files": files, "fetched": [formats.in_language(each["title"]) for each in fetched]}


def _listed(draft: Draft) -> Sequence[Mapping[str, Any]]:
    answers = queries.answers(draft)
    if not {"who", "site", "demand"} <= set(answers):
        return ()
    on = local_date(installation_now())
    county = answers["site"]["county_code"]
    try:
        found = queries.classification(rules.demand_of(answers), on=on, county_code=county)
    except rules.InvalidDemand:
        return ()
    return queries.listed_documents(found.customer_class, "acceptance", on=on, county_code=county)


def _askable(draft: Draft) -> Sequence[Mapping[str, Any]]:
    listed = _listed(draft)
    askable = rules.askable_documents(listed, conditions=())
    return [each for each in listed if each["id"] in askable]


def _keep(request: HttpRequest, draft: Draft, name: str, form: VersionedForm) -> HttpResponse | None:
    """Save the step; None when the form has to be shown again."""
    version = form.cleaned_data["version"]
    now = installation_now()
    try:
        if name == "documents":
            version = _keep_files(draft, form, now=now)
            answers: Mapping[str, Any] = {"files": sorted(request.FILES)}
        else:
            answers = {key: _plain(value) for key, value in form.cleaned_data.items() if key != "version"}
        operations.save_answers(
            draft.pk, owner=draft.owner, step=name, answers=answers, expected_version=version, now=now
        )
    except operations.StaleDraft as error:
        form.add_error(None, _("这份申请刚在另一个窗口保存过。请核对下面的内容后再保存一次。"))
        form.report_conflict((), version=error.version)
        return None
    except RefusedUpload as error:
        form.add_error(None, forms.refusal_words(error))
        return None
    following = STEPS.index(name) + 1
    if following < len(STEPS):
        return redirect("apply_step", draft.pk, STEPS[following])
    return redirect("apply_check", draft.pk)


def _plain(value: Any) -> Any:
    # "1e5" is a number to the form and 100000 to its reader.
    return f"{value:f}" if isinstance(value, Decimal) else value


def _keep_files(draft: Draft, form: VersionedForm, *, now: Any) -> int:
    version: int = form.cleaned_data["version"]
    for kind, file in form.cleaned_data.items():
        if kind == "version" or not file:
            continue
        saved = operations.attach_to_draft(
            draft.pk, owner=draft.owner, kind=kind, upload=file, expected_version=version, now=now
        )
        version = saved.version
    return version


@requires("application.submit")
@require_http_methods(["GET", "POST"])
@at_most(60, HOUR, what="draft.submit")
@_with_draft
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show every answer, the class and why, the limits; submit."""
    answers = queries.answers(draft)
    if not {"who", "site", "demand"} <= set(answers):
        messages.info(request, _("还有内容没有填写，请先填完。"))
        return redirect("apply_tasks", draft.pk)
    if request.method == "POST" and (done := _submit(request, draft)):
        return done
    return render(request, "connection/check.html", _check_context(draft, answers))


def _check_context(draft: Draft, answers: Mapping[str, Any]) -> dict[str, Any]:
    on = local_date(installation_now())
    county = answers["site"]["county_code"]
    context: dict[str, Any] = {"draft": draft, "rows": _rows(draft, answers, on)}
    try:
        found = queries.classification(rules.demand_of(answers), on=on, county_code=county)
    except rules.InvalidDemand:
        return context | {"problem": _("电压与电源数量不相符，请修改用电需求。")}
    decided = found.trace[-1]
    context["because"] = formats.in_language(decided.because)
    context["is_online"] = found.customer_class in rules.HIGH_VOLTAGE_CLASSES
    if not context["is_online"]:
        return context
    limits = _limits_of(found.customer_class, on, county_code=county, zone=answers["site"]["zone"])
    return context | {"limits": [limits]}


def _rows(draft: Draft, answers: Mapping[str, Any], on: date) -> list[SummaryRow]:
    rows = []
    for name in ("who", "site", "demand"):
        url = reverse("apply_step", args=[draft.pk, name])
        form = forms.SiteForm(today=on) if name == "site" else forms.WIZARD[name]()
        for field, value in answers[name].items():
            if value not in ("", None):
                rows.append(SummaryRow(form.fields[field].label, _shown(form, field, value, on), url))  # type: ignore[arg-type]
    names = [document.name for document in queries.draft_files(draft).values()]
    rows.append(
        SummaryRow(
            _("申请资料"),
            "\n".join(names) or _("暂未上传，可稍后补交"),
            reverse("apply_step", args=[draft.pk, "documents"]),
        )
    )
    return rows


def _shown(form: VersionedForm, field: str, value: Any, on: date) -> str:
    if field == "county_code":
        return formats.place_name(value, on)
    choices = dict(getattr(form.fields[field], "choices", ()))
    return str(choices.get(str(value), value))


def _submit(request: HttpRequest, draft: Draft) -> HttpResponseRedirect | None:
    try:
        version = int(request.POST.get("version", ""))
        case = operations.submit(
            draft.pk, owner=_user(request), expected_version=version, channel="web", now=installation_now()
        )
    except ValueError as error:
        if isinstance(error, rules.InvalidDemand):
            messages.error(request, _("电压与电源数量不相符，请修改用电需求。"))
        else:
            messages.error(request, _("页面已过期，请核对后重新提交。"))
        return None
    except operations.AlreadySubmitted as error:
        return redirect("apply_submitted", error.case.pk)
    except operations.StaleDraft:
        messages.warning(request, _("这份申请刚在另一个窗口改动过，请核对最新内容后再提交。"))
        return None
    except NoUtility:
        messages.error(request, _("这个地址还没有登记供电企业，请拨打供电服务热线或能源监管热线。"))
        return None
    return redirect("apply_submitted", case.pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", apply, name="apply"),
    path("begin/", begin, name="apply_begin"),
    path("<uuid:draft_id>/", tasks, name="apply_tasks"),
    path("<uuid:draft_id>/check/", check, name="apply_check"),
    path("<uuid:draft_id>/<slug:name>/", step, name="apply_step"),
]
