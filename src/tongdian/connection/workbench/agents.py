"""Staff read an agent's written authority before they accept: good, or refused."""

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
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import installation_now
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection import acts
from tongdian.connection.forms.agents import CheckAuthorityForm, scope_words
from tongdian.connection.models import AgentAuthority
from tongdian.connection.operations import Acting
from tongdian.connection.operations.agents import AgentNotPossible, check_authority, release_agent
from tongdian.connection.pages import find_case
from tongdian.connection.queries.agents import unchecked
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope


@requires("case.work")
@require_http_methods(["GET", "POST"])
def desk_agent(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show the written authority of a case; find it good, or refuse it with a reason."""
    case = find_case(request.user, "case.work", case_id)
    authority = unchecked(case)
    if authority is None:
        messages.info(request, _("没有需要核对的授权书。"))
        return redirect("desk_case", case.pk)
    form = CheckAuthorityForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid() and _is_done(request, case, authority, form):
        messages.success(request, _("已记录。"))
        return redirect("desk_case", case.pk)
    context = {"case": case, "authority": authority, "scopes": scope_words(authority.scopes), "form": form}
    return render(request, "connection/agents/check.html", context)


def _is_done(request: HttpRequest, case: Case, authority: AgentAuthority, form: CheckAuthorityForm) -> bool:
    acting, chosen = _acting(request, case, form.cleaned_data["version"]), form.cleaned_data
    try:
        if chosen["outcome"] == "good":
            check_authority(authority, acting=acting)
        else:
            release_agent(authority, acting=acting, granted_at=timezone.now(), reason=chosen["reason"])
    except StaleCase as error:
        form.report_conflict(acts.changes_of(case, error), version=error.version)
        form.add_error(None, _("其他人刚刚更新了这个办件。请看上面的变化，确认后再提交一次。"))
    except AgentNotPossible:
        form.add_error(None, _("这份授权已经由其他人处理，或已被解除。"))
    except PersonalData:
        form.add_error("reason", _("这里写的会永久留在办件记录中，不能含手机号、身份证号或电子邮箱。请删去后再提交。"))
    return form.is_valid()


def _acting(request: HttpRequest, case: Case, version: int) -> Acting:
    reach = scope(request.user, "case.work")
    right = reach.right_for(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)
    assert right is not None  # noqa: S101 - the case was found by the same scope
    user = cast("User", request.user)
    return Acting(user, right.role, "desk", version, installation_now(), on_behalf_of=right.on_behalf_of)


urlpatterns = [path("cases/<uuid:case_id>/agent/", desk_agent, name="desk_agent")]
