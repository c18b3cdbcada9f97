"""Applying at the counter: the very form and operation of the portal, driven by a clerk for the customer."""

from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case.content import RefusedUpload
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import forms, operations, queries, rules, wizard
from tongdian.connection.models import CounterVisit, Draft
from tongdian.connection.pages import View, pdf_response
from tongdian.connection.papers import SIGNED_IN
from tongdian.connection.workbench.counter import clerk_of, consent_facts, customer_name, role_at, with_visit
from tongdian.people.access import requires
from tongdian.people.queries import NoUtility
from tongdian.ui.pdf import UnableToRenderPdf


def _with_draft(view: View) -> View:
    """Find a draft of the customer; one that became a case leads to that case."""

    @wraps(view)
    def wrapped(request: HttpRequest, visit: CounterVisit, draft_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            draft = queries.own_draft(visit.customer, draft_id)
        except Draft.DoesNotExist as error:
            raise Http404 from error
        if draft.case is not None:
            return redirect("counter_case", visit.pk, draft.case.pk)
        return view(request, visit, draft, **kwargs)

    return wrapped


@requires("counter.serve")
@require_POST
@with_visit
def begin(request: HttpRequest, visit: CounterVisit) -> HttpResponse:
    """Begin an application of the customer and go to its first question."""
    known: rules.Answers = {"who": {"contact_phone": visit.customer.phone}} if visit.customer.phone else {}
    draft = operations.start_draft(visit.customer, now=installation_now(), answers={"guide": known})
    return redirect(_url(visit, draft, wizard.steps(draft)[0]))


def _url(visit: CounterVisit, draft: Draft, name: str) -> str:
    if name == wizard.CHECK:
        return reverse("counter_check", args=[visit.pk, draft.pk])
    return reverse("counter_step", args=[visit.pk, draft.pk, name])


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
@_with_draft
def tasks(request: HttpRequest, visit: CounterVisit, draft: Draft) -> HttpResponse:
    """Show which questions are answered, wherever that was."""
    context = _context(visit, draft) | {"tasks": wizard.task_list(draft, partial(_url, visit, draft))}
    return render(request, "connection/counter/tasks.html", context)


@requires("counter.serve")
@never_cache
@require_http_methods(["GET", "POST"])
@with_visit
@_with_draft
def step(request: HttpRequest, visit: CounterVisit, draft: Draft, name: str) -> HttpResponse:
    """Ask one group of questions and keep the answers in the customer's draft."""
    order = wizard.steps(draft)
    if name not in order:
        raise Http404
    now = installation_now()
    form = wizard.build_form(draft, name, data=request.POST or None, files=request.FILES or None, on=local_date(now))
    if name == "who" and not visit.customer.phone:
        form.fields["contact_phone"].required = False
    if request.method == "POST" and form.is_valid():
        if name == "who" and not form.cleaned_data["contact_phone"]:
            form.cleaned_data["has_no_phone"] = True
        if following := wizard.keep(draft, name, form, now=now):
            return redirect(_url(visit, draft, following))
    number = order.index(name) + 1
    context = _context(visit, draft) | {"form": form, "step": name, "number": number, "total": len(order)}
    if name == wizard.DOCUMENTS:
        context |= {"files": queries.draft_files(draft), "asks_nothing": not wizard.askable(draft)}
    return render(request, "connection/counter/step.html", context)


@requires("counter.serve")
@never_cache
@require_http_methods(["GET", "POST"])
@with_visit
@_with_draft
def check(request: HttpRequest, visit: CounterVisit, draft: Draft) -> HttpResponse:
    """Show every answer to read out, the class and the limits; submit."""
    if rules.missing_steps(queries.answers(draft)):
        messages.info(request, _("还有内容没有填写，请先填完。"))
        return redirect("counter_tasks", visit.pk, draft.pk)
    on = local_date(installation_now())
    context = _context(visit, draft) | {"rows": wizard.answer_rows(draft, partial(_url, visit, draft), on=on)}
    try:
        found = wizard.checked(draft, on=on)
    except rules.InvalidDemand:
        context["problem"] = _("电压与电源数量不相符，请修改用电需求。")
        return render(request, "connection/counter/check.html", context)
    form = forms.CounterSubmitForm(
        request.POST or None,
        request.FILES or None,
        signs_contract=found.signs_contract,
        consent=visit.consent,
        initial={"version": draft.version},
    )
    if request.method == "POST" and form.is_valid() and (done := _submitted(request, visit, draft, form)):
        return done
    context |= {"found": found, "limits": [found.limits], "form": form}
    return render(request, "connection/counter/check.html", context)


def _submitted(
    request: HttpRequest, visit: CounterVisit, draft: Draft, form: forms.CounterSubmitForm
) -> HttpResponse | None:
    try:
        case = operations.submit(
            draft.pk,
            owner=visit.customer,
            actor=clerk_of(request),
            role=role_at(request),
            channel="counter",
            facts=consent_facts(visit),
            expected_version=form.cleaned_data["version"],
            contract=form.cleaned_data.get("signed")
            or (wizard.contract_file(draft) if form.cleaned_data.get("has_read") else None),
            now=installation_now(),
        )
    except operations.AlreadySubmitted as error:
        return redirect("counter_case", visit.pk, error.case.pk)
    except operations.StaleDraft as error:
        form.report_conflict((), version=error.version)
        form.add_error(None, _("这份申请刚在另一处改动过（可能是客户的手机）。请核对最新内容后再提交。"))
    except NoUtility:
        form.add_error(None, _("这个地址还没有登记供电企业，请联系系统管理员登记供电范围。"))
    except RefusedUpload as error:
        form.add_error("signed", forms.refusal_words(error))
    except UnableToRenderPdf:
        form.add_error(None, _("填写的内容中有合同无法印出的字，请换一个写法。"))
    else:
        return redirect("counter_case", visit.pk, case.pk)
    return None


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
@_with_draft
def draft_contract(request: HttpRequest, visit: CounterVisit, draft: Draft) -> HttpResponse:
    """Print the contract to be read, and signed on paper by who has no phone."""
    try:
        if not wizard.checked(draft, on=local_date(installation_now())).signs_contract:
            raise Http404
        with translation.override(SIGNED_IN):
            return pdf_response(wizard.contract_of(draft), name="contract.pdf")
    except (operations.DraftIncomplete, rules.InvalidDemand, NoUtility, UnableToRenderPdf):
        messages.info(request, _("合同现在还不能生成，请先核对填写的内容。"))
        return redirect("counter_tasks", visit.pk, draft.pk)


def _context(visit: CounterVisit, draft: Draft) -> dict[str, Any]:
    return {"visit": visit, "customer": customer_name(visit), "draft": draft}


urlpatterns = [
    path("<uuid:visit_id>/begin/", begin, name="counter_begin"),
    path("<uuid:visit_id>/<uuid:draft_id>/", tasks, name="counter_tasks"),
    path("<uuid:visit_id>/<uuid:draft_id>/check/", check, name="counter_check"),
    path("<uuid:visit_id>/<uuid:draft_id>/contract.pdf", draft_contract, name="counter_contract"),
    path("<uuid:visit_id>/<uuid:draft_id>/<slug:name>/", step, name="counter_step"),
]
