"""Who looks after a case: handing it to another manager with the reason, lending one's right to it."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongdian.case.models import Case
from tongdian.case.operations.frame import AlreadyAssigned, StaleCase
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection import acts, forms, operations
from tongdian.connection.operations import Acting
from tongdian.connection.pages import find_case
from tongdian.connection.queries.assigning import holders_of, loads_of
from tongdian.people import operations as people_operations
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.people.queries.team import colleagues_near, lendable_grants
from tongdian.people.rules import Role, Territory
from tongdian.people.workbench.team import DELEGATION_PROBLEMS
from tongdian.people.workbench.team_forms import DelegationForm


@requires("case.assign")
@require_http_methods(["GET", "POST"])
def managers(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Hand an open case to another account or project manager."""
    case = find_case(request.user, "case.assign", case_id)
    if not case.is_open:
        messages.info(request, _("办件已经办结，不再更换经办人。"))
        return redirect("desk_case", case.pk)
    form = _form(request, case)
    if request.method == "POST" and form.is_valid() and _is_handed(request, case, form):
        messages.success(request, _("已更换经办人，理由已记入时间线。"))
        return redirect("desk_case", case.pk)
    return render(request, "connection/managers.html", {"case": case, "form": form})


def _form(request: HttpRequest, case: Case) -> forms.ManagerForm:
    holders, on = holders_of(case), local_date(installation_now())
    words = {
        load.user_id: _("（在办 %(cases)d 件，工作量 %(weight)s）")
        % {"cases": load.cases, "weight": f"{load.weight:.1f}"}
        for role, users in holders.items()
        for load in loads_of(users, role, on=on)
    }
    return forms.ManagerForm(request.POST or None, holders=holders, words=words, initial={"version": case.version})


def _is_handed(request: HttpRequest, case: Case, form: forms.ManagerForm) -> bool:
    chosen = form.cleaned_data
    try:
        operations.reassign(
            case,
            role=Role(chosen["role"]),
            to=chosen["to"],
            reason=chosen["reason"],
            acting=_acting(request, case, chosen["version"]),
        )
    except StaleCase as error:
        form.report_conflict(acts.changes_of(case, error), version=error.version)
        form.add_error(None, _("其他人刚刚更新了这个办件。请看上面的变化，确认后再提交一次。"))
    except AlreadyAssigned:
        form.add_error("to", _("这个办件现在就由这位负责，请选择其他人。"))
    except operations.ManagerNotPossible as error:
        problems = {"role": _("所选人员已不再担任这个岗位。"), "absent": _("所选人员今天离岗，请选择其他人。")}
        form.add_error("to", problems[error.problem])
    except PersonalData:
        form.add_error("reason", _("这里写的会永久留在办件记录中，不能含手机号、身份证号或电子邮箱。请删去后再提交。"))
    return form.is_valid()


@requires("case.work")
@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Lend one's right to a single case to a colleague for a time."""
    case, user, today = find_case(request.user, "case.work", case_id), cast("User", request.user), timezone.localdate()
    grants = [each for each in lendable_grants(user) if Territory(each.territory_code).covers(case.county_code)]
    form = DelegationForm(request.POST or None, grants=grants, colleagues=colleagues_near(user), today=today)
    if request.method == "POST" and form.is_valid():
        try:
            people_operations.delegate(
                form.grants[form.cleaned_data["grant"]],
                to=form.people[form.cleaned_data["to"]],
                territory_code=case.county_code,
                case_id=case.pk,
                valid_until=form.until,
                reason=form.cleaned_data["reason"],
                actor=user,
                now=timezone.now(),
            )
        except people_operations.DelegationNotPossible as error:
            field, words = DELEGATION_PROBLEMS[error.problem]
            form.add_error(field if field in form.fields else None, words)
        else:
            messages.success(request, _("已转交。对方办理时，时间线会写明代您办理。"))
            return redirect("team")
    return render(request, "connection/lend.html", {"case": case, "form": form})


def _acting(request: HttpRequest, case: Case, version: int) -> Acting:
    reach = scope(request.user, "case.assign")
    right = reach.right_for(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)
    assert right is not None  # noqa: S101 - the case was found by the same scope
    user = cast("User", request.user)
    return Acting(user, right.role, "desk", version, installation_now(), on_behalf_of=right.on_behalf_of)


urlpatterns = [
    path("cases/<uuid:case_id>/managers/", managers, name="desk_managers"),
    path("cases/<uuid:case_id>/lend/", lend, name="desk_lend"),
]
