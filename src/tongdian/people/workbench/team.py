"""Absence, cover and delegation: one's own, and for a lead the team's."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.people import operations
from tongdian.people.access import requires
from tongdian.people.models import Absence, Delegation, User
from tongdian.people.queries import scope
from tongdian.people.queries.absences import absence_of, absences_since, covered_by, delegation_of, delegations_of
from tongdian.people.queries.team import colleagues_near, cover_candidates, lendable_grants, team_of
from tongdian.people.workbench.team_forms import AbsenceForm, TerritoryDelegationForm, territory_words
from tongdian.ui.components import Words

ABSENCE_PROBLEMS: dict[str, tuple[str | None, Words]] = {
    "period": ("last_day", gettext_lazy("最后一天不能早于第一天。")),
    "past": ("last_day", gettext_lazy("这段时间已经过去，不再补登。")),
    "overlap": (None, gettext_lazy("与已登记的离岗时间重叠。请先结束那一段，或改变日期。")),
    "covers": ("cover", gettext_lazy("请选择至少一位替代人。")),
}
COVER_PROBLEMS: dict[str, Words] = {
    "self": gettext_lazy("不能替代自己。"),
    "closed": gettext_lazy("%(name)s的账号已停用，请选择其他人。"),
    "absent": gettext_lazy("%(name)s在这段时间也离岗，请选择其他人或改变日期。"),
    "role": gettext_lazy("%(name)s没有担任相同的岗位，请选择其他人。"),
}
DELEGATION_PROBLEMS: dict[str, tuple[str | None, Words]] = {
    "role": ("grant", gettext_lazy("这个岗位只能由系统管理员授予，不能转交。")),
    "ended": ("grant", gettext_lazy("您已不再担任这个岗位。")),
    "colleague": ("to", gettext_lazy("只能转交给本单位在用账号的同事。")),
    "territory": ("territory_code", gettext_lazy("这个区域不在所选岗位的范围内。")),
    "case": (None, gettext_lazy("这个岗位只限于一个办件，不能转交其他办件。")),
    "period": ("last_day", gettext_lazy("结束时间须晚于现在。")),
    "circle": ("to", gettext_lazy("对方已把同一岗位直接或间接转交给您，不能互相转交。")),
    "twice": ("to", gettext_lazy("这段时间已经转交给同一位同事。")),
}


@requires("team.own")
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """Show one's absences, cover and delegations; to a lead also the team's absences."""
    user, today, now = _user(request), timezone.localdate(), timezone.now()
    is_lead = scope(user, "team.lead").is_allowed
    context = {
        "absences": absences_since([user], today),
        "covering": covered_by(user, today),
        "delegations": [(each, territory_words(each.territory_code, today)) for each in delegations_of(user, now=now)],
        "is_lead": is_lead,
        "today": today,
        "user": user,
    }
    if is_lead:
        members = team_of(user)
        context |= {"members": members, "team_absences": absences_since(members, today).exclude(user=user)}
    return render(request, "people/team.html", context)


@requires("team.own")
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    """Enter one's own absence."""
    return _enter(request, of=_user(request))


@requires("team.lead")
@require_http_methods(["GET", "POST"])
def member_absence(request: HttpRequest, user_id: int) -> HttpResponse:
    """Enter the absence of a member of the team."""
    try:
        member = team_of(_user(request)).get(pk=user_id)
    except User.DoesNotExist as error:
        raise Http404 from error
    return _enter(request, of=member)


def _enter(request: HttpRequest, *, of: User) -> HttpResponse:
    form = AbsenceForm(request.POST or None, covers=cover_candidates(of))
    if request.method == "POST" and form.is_valid() and _is_entered(request, form, of):
        messages.success(request, _("已登记离岗。期间的新办件和提醒交给替代人。"))
        return redirect("team")
    return render(request, "people/absence.html", {"form": form, "of": of, "is_own": of == request.user})


def _is_entered(request: HttpRequest, form: AbsenceForm, of: User) -> bool:
    first, back = form.period
    try:
        operations.enter_absence(
            of,
            valid_from=first,
            valid_until=back,
            reason=form.cleaned_data["reason"],
            covers=form.cleaned_data["covers"],
            actor=_user(request),
            now=timezone.now(),
            today=timezone.localdate(),
        )
    except operations.AbsenceNotPossible as error:
        field, words = ABSENCE_PROBLEMS[error.problem]
        form.add_error(field, words)
    except operations.CoverNotPossible as error:
        form.add_error("cover", str(COVER_PROBLEMS[error.problem]) % {"name": error.cover.get_full_name()})
    return form.is_valid()


@requires("team.own")
@require_POST
def end_absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Be back from today on, or cancel what has not begun; one's own or, for a lead, the team's."""
    user = _user(request)
    try:
        found = absence_of([user, *team_of(user)], absence_id)
        operations.end_absence(found, back_on=timezone.localdate(), actor=user, now=timezone.now())
    except Absence.DoesNotExist as error:
        raise Http404 from error
    except operations.AbsenceNotPossible:
        messages.info(request, _("这段离岗已经结束。"))
    else:
        messages.success(request, _("离岗已结束。"))
    return redirect("team")


@requires("team.own")
@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest) -> HttpResponse:
    """Lend a role to a colleague for a time."""
    user = _user(request)
    form = TerritoryDelegationForm(
        request.POST or None,
        grants=lendable_grants(user),
        colleagues=colleagues_near(user),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid() and _is_lent(request, form):
        messages.success(request, _("已转交。对方办理时，时间线会写明代您办理。"))
        return redirect("team")
    return render(request, "people/delegation.html", {"form": form})


def _is_lent(request: HttpRequest, form: TerritoryDelegationForm) -> bool:
    chosen = form.cleaned_data
    try:
        operations.delegate(
            form.grants[chosen["grant"]],
            to=form.people[chosen["to"]],
            territory_code=chosen["territory_code"],
            valid_until=form.until,
            reason=chosen["reason"],
            actor=_user(request),
            now=timezone.now(),
        )
    except operations.DelegationNotPossible as error:
        field, words = DELEGATION_PROBLEMS[error.problem]
        form.add_error(field, words)
    return form.is_valid()


@requires("team.own")
@require_POST
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Take back what one lends, or give back what one has borrowed."""
    user = _user(request)
    try:
        found = delegation_of(user, delegation_id)
        operations.revoke_delegation(found, actor=user, reason="ended on the page", now=timezone.now())
    except Delegation.DoesNotExist as error:
        raise Http404 from error
    except operations.DelegationNotPossible:
        messages.info(request, _("这项转交已经结束。"))
    else:
        messages.success(request, _("转交已结束，权限立即收回。"))
    return redirect("team")


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", team, name="team"),
    path("absence/", absence, name="team_absence"),
    path("absence/<int:user_id>/", member_absence, name="team_member_absence"),
    path("absences/<int:absence_id>/end/", end_absence, name="team_absence_end"),
    path("delegation/", delegate, name="team_delegation"),
    path("delegations/<int:delegation_id>/end/", end_delegation, name="team_delegation_end"),
]
