"""My connections: one page per case with its clock, what I have to do, and every paper."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case import panels
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.connection import acts, operations, queries
from tongdian.connection.acts.customer import acting_as, offered_to, reader_role
from tongdian.connection.apps import STATUSES
from tongdian.connection.forms.agents import scope_words
from tongdian.connection.pages import (
    at_most,
    case_context,
    find_case,
    paper_facts,
    pdf_response,
    rule_url,
    standard_contract_of,
)
from tongdian.connection.papers import receipt
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.ui.pdf import UnableToRenderPdf
from tongdian.ui.tables import Column, Table
from tongdian.ui.xlsx import xlsx_response


class MyCases(Table):
    """A person's own cases."""

    caption = gettext_lazy("我的用电申请")
    empty_title = gettext_lazy("还没有用电申请")
    empty_text = gettext_lazy("提交申请后，可以在这里看到每个环节的进度和时限。")
    default_sort = "-opened_at"
    columns = (
        Column(
            "number",
            gettext_lazy("办件编号"),
            kind="code",
            order_by=("number",),
            url=lambda case: reverse("my_case", args=[case.pk]),
        ),
        Column("title", gettext_lazy("申请"), order_by=("title",)),
        Column("status", gettext_lazy("状态"), value=lambda case: STATUSES[case.status]),
        Column("waiting", gettext_lazy("由谁办"), value=lambda case: case.get_waiting_for_display()),
        Column(
            "due", gettext_lazy("最晚"), value=lambda case: case.next_due_date, kind="day", order_by=("next_due_date",)
        ),
        Column("opened_at", gettext_lazy("提交时间"), kind="moment", order_by=("opened_at",)),
    )


@requires("own_case.view")
@require_GET
def my_cases(request: HttpRequest) -> HttpResponse:
    """List the reader's cases and drafts; the cases also as xlsx."""
    table = MyCases(cases_for(request.user, "own_case.view").filter(kind="connection"), request.GET)
    if table.wants_xlsx:
        mark = panels.installation_mark(installation_kind())
        return xlsx_response(table, "my-cases", on=local_date(installation_now()), mark=mark)
    drafts = queries.own_drafts(_user(request))
    return render(request, "connection/my_cases.html", {"table": table, "drafts": drafts})


@requires("own_case.view")
@require_GET
def submitted(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Confirm a submission: number, what happens next, the receipt."""
    case = find_case(request.user, "own_case.view", case_id)
    return render(request, "connection/submitted.html", case_context(case, now=installation_now()))


@requires("own_case.view")
@require_GET
def my_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show one case: what to do, the clock, the scheme, papers, the timeline."""
    case = find_case(request.user, "own_case.view", case_id)
    now = installation_now()
    context = case_context(case, now=now) | {"offered": offered_to(_user(request), case, now=now)}
    _role, authority = reader_role(_user(request), case, now=now)
    context["authority"] = authority
    context["authority_scopes"] = scope_words(authority.scopes) if authority else ""
    context["acts_url"], context["case_url"] = "my_act", "my_case"
    context["again_url"] = reverse("my_again", args=[case.pk])
    context["turn"] = acts.awaited(context["offered"], case, by=Case.WaitingFor.CUSTOMER)
    context["entries"] = panels.timeline(case, context["events"], shows_people=False)
    return render(request, "connection/my_case.html", context)


@requires("own_case.act")
@require_http_methods(["GET", "POST"])
@at_most(300, timedelta(hours=1), what="case.act")
def my_act(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Do one thing the case waits for."""
    case = find_case(request.user, "own_case.act", case_id)
    now = installation_now()
    act = next((each for each in offered_to(_user(request), case, now=now) if each.name == name), None)
    if act is None:
        messages.info(request, _("这一步现在不需要办理，可能已经办过了。"))
        return redirect("my_case", case.pk)
    form = act.form(case, request.POST or None, request.FILES or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        acting = acting_as(_user(request), case, version=form.cleaned_data["version"], now=now)
        if acts.attempt(act, case, form, acting):
            messages.success(request, str(act.done))
            return redirect("my_case", case.pk)
    context = {"case": case, "act": act, "form": form, "back": "my_case", "rule_url": rule_url(case, act.events)}
    return render(request, "connection/act.html", context)


@requires("own_case.document")
@require_GET
def receipt_pdf(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Print the receipt in the reader's language."""
    case = find_case(request.user, "own_case.document", case_id)
    facts = paper_facts(case, "application.submitted")
    if facts is None:
        raise Http404
    try:
        return pdf_response(receipt(facts), name=f"{case.number}-receipt.pdf")
    except UnableToRenderPdf:
        messages.error(request, _("申请内容中有字体里没有的字，回执暂时不能生成，请联系客户经理更正。"))
        return redirect("my_case", case.pk)


@requires("application.submit")
@require_POST
@at_most(30, timedelta(hours=1), what="draft.begin")
def again(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin an application that takes a withdrawn case up again."""
    case = find_case(request.user, "own_case.withdraw", case_id)
    try:
        draft = operations.take_up_again(case, owner=_user(request), now=installation_now())
    except operations.NotPossible:
        messages.info(request, _("办件没有撤回，不需要重新申请。"))
        return redirect("my_case", case.pk)
    messages.info(request, _("原来填写的内容都在，请核对后提交。"))
    return redirect("apply_tasks", draft.pk)


@requires("own_case.document")
@require_GET
def contract_pdf(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Print the standard contract of a low-voltage case, to be read before it is signed."""
    case = find_case(request.user, "own_case.document", case_id)
    if not acts.is_low_voltage(case):
        raise Http404
    try:
        return pdf_response(standard_contract_of(case), name=f"{case.number}-contract.pdf")
    except UnableToRenderPdf:
        messages.error(request, _("申请内容中有字体里没有的字，合同暂时不能生成，请联系供电企业更正。"))
        return redirect("my_case", case.pk)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", my_cases, name="my_cases"),
    path("<uuid:case_id>/", my_case, name="my_case"),
    path("<uuid:case_id>/submitted/", submitted, name="apply_submitted"),
    path("<uuid:case_id>/receipt.pdf", receipt_pdf, name="my_receipt"),
    path("<uuid:case_id>/contract.pdf", contract_pdf, name="my_contract"),
    path("<uuid:case_id>/again/", again, name="my_again"),
    path("<uuid:case_id>/<slug:name>/", my_act, name="my_act"),
]
