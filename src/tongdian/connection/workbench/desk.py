"""A case on the staff's desk, with only what is legal now."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case import panels
from tongdian.case.models import Case, Party
from tongdian.case.operations.parties import AlreadyErased, view_party
from tongdian.case.queries import installation_now
from tongdian.case.queries.contacts import first_contact
from tongdian.case.queries.parties import party_of
from tongdian.connection import acts
from tongdian.connection.operations import Acting
from tongdian.connection.pages import case_context, find_case, rule_url
from tongdian.connection.queries.agents import unchecked
from tongdian.connection.workbench.staff_acts import STAFF_ACTS
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope


@requires("case.view")
@require_GET
def desk_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a case to staff, with what is legal now."""
    case = find_case(request.user, "case.view", case_id)
    context = case_context(case, now=installation_now())
    context["offered"] = acts.offered(STAFF_ACTS, case) if _reaches(request, "case.work", case) else []
    context["may_see_parties"] = _reaches(request, "case.personal", case)
    context["unchecked_authority"] = unchecked(case) if _reaches(request, "case.work", case) else None
    context["may_assign"] = case.is_open and _reaches(request, "case.assign", case)
    context["hides_documents"] = not _reaches(request, "case.document", case)
    context["shows_viewers"] = True
    context["may_correct"] = _reaches(request, "case.work", case)
    context["first_contact"] = first_contact(case)
    context["acts_url"], context["case_url"] = "desk_act", "desk_case"
    context["turn"] = acts.awaited(context["offered"], case, by=Case.WaitingFor.UTILITY)
    context["entries"] = panels.timeline(case, context["events"], shows_people=True)
    return render(request, "connection/desk_case.html", context)


def _reaches(request: HttpRequest, permission: str, case: Case) -> bool:
    reach = scope(_user(request), permission)
    return reach.reaches(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)


@requires("case.personal")
@never_cache
@require_http_methods(["GET", "POST"])
def desk_party(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Show how to reach a party, on request, and record that it was looked at."""
    case = find_case(request.user, "case.personal", case_id)
    if request.method == "GET":
        return redirect("desk_case", case.pk)
    try:
        party = party_of(case, party_id)
        facts = view_party(party, viewer=_user(request), purpose="desk.party", now=timezone.now())
    except Party.DoesNotExist as error:
        raise Http404 from error
    except AlreadyErased:
        messages.info(request, _("该当事人的信息已经删除。"))
        return redirect("desk_case", case.pk)
    return render(request, "connection/party.html", {"case": case, "party": party, "facts": facts})


@requires("case.work")
@require_http_methods(["GET", "POST"])
def desk_act(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Do one legal thing to a case."""
    case = find_case(request.user, "case.work", case_id)
    act = next((each for each in acts.offered(STAFF_ACTS, case) if each.name == name), None)
    if act is None:
        messages.info(request, _("办件的状态已经变化，这一步现在不能办理。"))
        return redirect("desk_case", case.pk)
    form = act.form(case, request.POST or None, request.FILES or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        acting = _acting(request, case, form.cleaned_data["version"])
        if acts.attempt(act, case, form, acting):
            messages.success(request, str(act.done))
            return redirect("desk_case", case.pk)
    context = {"case": case, "act": act, "form": form, "back": "desk_case", "rule_url": rule_url(case, act.events)}
    return render(request, "connection/act.html", context)


def _acting(request: HttpRequest, case: Case, version: int) -> Acting:
    """Act by the right that reaches the case: one's own, else one that a colleague lends."""
    reach = scope(_user(request), "case.work")
    right = reach.right_for(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)
    assert right is not None  # noqa: S101 - the case was found by the same scope
    return Acting(_user(request), right.role, "desk", version, installation_now(), on_behalf_of=right.on_behalf_of)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("cases/<uuid:case_id>/", desk_case, name="desk_case"),
    path("cases/<uuid:case_id>/parties/<uuid:party_id>/", desk_party, name="desk_party"),
    path("cases/<uuid:case_id>/<slug:name>/", desk_act, name="desk_act"),
]
