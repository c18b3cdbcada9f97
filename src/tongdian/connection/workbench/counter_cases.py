"""The customer's cases at the counter: the receipt, and the acts a customer may do there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.case.queries.paper_codes import paper_code
from tongdian.connection import acts
from tongdian.connection.acts import Act
from tongdian.connection.acts.customer import CUSTOMER_ACTS
from tongdian.connection.models import CounterVisit
from tongdian.connection.operations import Acting
from tongdian.connection.pages import case_context, paper_facts, pdf_response, rule_url, standard_contract_of
from tongdian.connection.papers import receipt
from tongdian.connection.queries.counter import cases_at
from tongdian.connection.workbench.counter import clerk_of, consent_facts, customer_name, role_at, with_visit
from tongdian.people.access import requires
from tongdian.ui.pdf import UnableToRenderPdf

# Handing over papers needs the customer there; deciding, signing and withdrawing need the code from their own phone.
IN_PRESENCE = frozenset(
    {"complete", "hand-in", "design-review", "interim-inspection", "completion-inspection", "resume"}
)
BY_CODE = IN_PRESENCE | {"confirm-scheme", "sign-standard-contract", "sign-contract", "withdraw"}


def _case(visit: CounterVisit, case_id: UUID) -> Case:
    try:
        return cases_at(visit).get(pk=case_id)
    except Case.DoesNotExist as error:
        raise Http404 from error


def _offered(visit: CounterVisit, case: Case) -> list[Act]:
    possible = BY_CODE if visit.consent == CounterVisit.Consent.CODE else IN_PRESENCE
    return [act for act in acts.offered(CUSTOMER_ACTS, case) if act.name in possible]


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
def case_page(request: HttpRequest, visit: CounterVisit, case_id: UUID) -> HttpResponse:
    """Show the case with its receipt and what the customer may do here."""
    case = _case(visit, case_id)
    context: dict[str, Any] = case_context(case, now=installation_now())
    context |= {"visit": visit, "customer": customer_name(visit), "offered": _offered(visit, case)}
    context["look_up_code"] = paper_code(case)
    return render(request, "connection/counter/case.html", context)


@requires("counter.serve")
@never_cache
@require_http_methods(["GET", "POST"])
@with_visit
def case_act(request: HttpRequest, visit: CounterVisit, case_id: UUID, name: str) -> HttpResponse:
    """Do one thing the case waits for, for the customer who is there."""
    case = _case(visit, case_id)
    act = next((each for each in _offered(visit, case) if each.name == name), None)
    if act is None:
        messages.info(request, _("这一步现在不能在营业厅办理，可能已经办过，或须客户提供手机验证码。"))
        return redirect("counter_case", visit.pk, case.pk)
    form = act.form(case, request.POST or None, request.FILES or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        acting = Acting(
            clerk_of(request),
            role_at(request),
            "counter",
            form.cleaned_data["version"],
            installation_now(),
            on_behalf_of=visit.customer_id,
            facts=consent_facts(visit),
        )
        if acts.attempt(act, case, form, acting):
            messages.success(request, str(act.done))
            return redirect("counter_case", visit.pk, case.pk)
    context = {"visit": visit, "case": case, "act": act, "form": form, "rule_url": rule_url(case, act.events)}
    return render(request, "connection/counter/act.html", context)


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
def case_receipt(request: HttpRequest, visit: CounterVisit, case_id: UUID) -> HttpResponse:
    """Print the very receipt the portal prints."""
    case = _case(visit, case_id)
    facts = paper_facts(case, "application.submitted")
    if facts is None:
        raise Http404
    try:
        return pdf_response(receipt(facts), name=f"{case.number}-receipt.pdf")
    except UnableToRenderPdf:
        messages.error(request, _("申请内容中有字体里没有的字，回执暂时不能生成，请先更正。"))
        return redirect("counter_case", visit.pk, case.pk)


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
def case_contract(request: HttpRequest, visit: CounterVisit, case_id: UUID) -> HttpResponse:
    """Print the standard contract of a low-voltage case, to be read before it is signed."""
    case = _case(visit, case_id)
    if not acts.is_low_voltage(case):
        raise Http404
    try:
        return pdf_response(standard_contract_of(case), name=f"{case.number}-contract.pdf")
    except UnableToRenderPdf:
        messages.error(request, _("申请内容中有字体里没有的字，合同暂时不能生成，请先更正。"))
        return redirect("counter_case", visit.pk, case.pk)


urlpatterns = [
    path("<uuid:visit_id>/cases/<uuid:case_id>/", case_page, name="counter_case"),
    path("<uuid:visit_id>/cases/<uuid:case_id>/receipt.pdf", case_receipt, name="counter_receipt"),
    path("<uuid:visit_id>/cases/<uuid:case_id>/contract.pdf", case_contract, name="counter_case_contract"),
    path("<uuid:visit_id>/cases/<uuid:case_id>/<slug:name>/", case_act, name="counter_act"),
]
