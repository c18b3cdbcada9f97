"""Shadow mode: the cases of a utility's own system under our clocks, what will be late next week, what contradicts."""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case import panels
from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import calendar as working_calendar
from tongdian.case.queries import case_for, installation_now
from tongdian.case.queries.clock import local_date, reading, standard
from tongdian.case.queries.installation import installation_kind
from tongdian.case.queries.timeline import events
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection.apps import STAGES, STATUSES
from tongdian.connection.models import SourceConflict, SourceSystem
from tongdian.connection.operations import mirroring as operations
from tongdian.connection.operations.acting import Acting
from tongdian.connection.queries import mirroring as queries
from tongdian.gateway import jobs
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.ui.components import Figure
from tongdian.ui.formats import place_name
from tongdian.ui.forms import VersionedForm
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

SHOWN = [
    ("breaching", gettext_lazy("未来一周到期或已超期")),
    ("open", gettext_lazy("全部在办")),
    ("all", gettext_lazy("包括已办结")),
]


class ShadowFilters(Filters):
    """Which mirrored cases."""

    show = forms.ChoiceField(label=gettext_lazy("范围"), required=False, choices=SHOWN)


class ShadowTable(Table):
    """Mirrored cases, the least time left first."""

    caption = gettext_lazy("对接系统的办件")
    default_sort = "due"
    empty_title = gettext_lazy("没有这样的办件")
    empty_text = gettext_lazy("未来一周没有环节到期；也可以查看全部在办。")

    @classmethod
    def for_day(cls, today: Any, calendar: WorkingCalendar) -> type["ShadowTable"]:
        """Return the table with its lamp computed for a day."""
        columns = (
            Column("lamp", gettext_lazy("时限"), value=partial(_lamp, today=today, calendar=calendar), kind="lamp"),
            Column(
                "title",
                gettext_lazy("办件"),
                order_by=("title",),
                url=lambda case: reverse("desk_shadow_case", args=[case.pk]),
            ),
            Column("stage", gettext_lazy("环节"), value=lambda case: STAGES.get(case.next_stage, "")),
            Column(
                "due",
                gettext_lazy("最晚"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date", "opened_at", "pk"),
            ),
            Column("place", gettext_lazy("县（市、区）"), value=lambda case: place_name(case.county_code, today)),
            Column("utility", gettext_lazy("供电企业"), value=lambda case: case.utility.name),
            Column("status", gettext_lazy("状态"), value=lambda case: STATUSES[case.status]),
        )
        return type("ShadowTableOfDay", (cls,), {"columns": columns})


def _lamp(case: Case, *, today: Any, calendar: WorkingCalendar) -> str:
    lamp = case_rules.lamp(
        waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=calendar
    )
    return lamp or ""


class ConflictTable(Table):
    """Open conflicts."""

    caption = gettext_lazy("待处理的冲突")
    empty_title = gettext_lazy("没有冲突")
    empty_text = gettext_lazy("对方系统的内容与本平台一致。")
    default_sort = "-found_at"
    columns = (
        Column(
            "case",
            gettext_lazy("办件"),
            value=lambda each: each.case.title,
            url=lambda each: reverse("desk_shadow_case", args=[each.case_id]),
        ),
        Column("field", gettext_lazy("内容"), value=lambda each: field_title(each.field)),
        Column("ours", gettext_lazy("本平台")),
        Column("theirs", gettext_lazy("对方系统")),
        Column("found_at", gettext_lazy("发现时间"), kind="moment", order_by=("found_at", "id")),
    )


class SettleForm(VersionedForm):
    """The decision over one conflict."""

    resolution = forms.ChoiceField(
        label=gettext_lazy("处理"), choices=SourceConflict.Resolution.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=300, help_text=gettext_lazy("写入办件记录，请勿写姓名、电话等个人信息。")
    )


def field_title(name: str) -> str:
    """Name a field that may contradict."""
    titles = {
        "customer_class": _("用户分类"),
        "county_code": _("县（市、区）"),
        "title": _("单位"),
        "address": _("用电地址"),
        "record": _("已读入的记录被改写"),
    }
    return titles[name]


@requires("source.view")
@require_GET
def shadow(request: HttpRequest) -> HttpResponse:
    """Show what will be late next week, without anyone having typed anything."""
    user, today, calendar = _user(request), local_date(installation_now()), working_calendar()
    until = queries.ahead(today, calendar)
    filters = ShadowFilters(request.GET)
    show = filters.chosen().get("show") or "breaching"
    cases = queries.mirrored_cases(user)
    if show == "breaching":
        cases = queries.breaching(cases, until=until)
    elif show == "open":
        cases = cases.filter(closed_at=None)
    table = ShadowTable.for_day(today, calendar)(cases, request.GET, filters=filters)
    may_export = scope(user, "case.export").is_allowed
    if table.wants_xlsx:
        if not may_export:
            raise PermissionDenied
        return xlsx_response(table, "shadow", on=today, mark=panels.installation_mark(installation_kind()))
    table.offers_xlsx = may_export
    figures = _figures(queries.shadow_figures(user, today=today, until=until))
    return render(request, "connection/shadow.html", {"table": table, "figures": figures, "until": until})


def _figures(found: queries.ShadowFigures) -> list[Figure]:
    return [
        Figure(found.open, _("在办"), url=f"{reverse('desk_shadow')}?show=open"),
        Figure(found.breaching, _("未来一周到期"), url=f"{reverse('desk_shadow')}?show=breaching"),
        Figure(found.late, _("已超期"), url=f"{reverse('desk_shadow')}?show=breaching"),
        Figure(found.conflicts, _("待处理的冲突"), url=reverse("desk_shadow_conflicts")),
    ]


@requires("source.view")
@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """List what the two systems say differently."""
    table = ConflictTable(queries.conflicts_for(_user(request)), request.GET)
    return render(request, "connection/shadow_conflicts.html", {"table": table})


@requires("source.view")
@require_GET
def shadow_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a mirrored case: its clock by the other system's times, its timeline, its conflicts."""
    case = _find(request, "source.view", case_id)
    return render(request, "connection/shadow_case.html", _context(request, case))


def _context(request: HttpRequest, case: Case) -> dict[str, Any]:
    now = installation_now()
    by = standard(case, on=case.judged_date or local_date(case.opened_at))
    read = reading(case, as_of=now)
    found = queries.conflicts_of(case)
    may_settle = scope(_user(request), "source.settle").reaches(
        county=case.county_code, utility_id=case.utility_id, case_id=case.pk
    )
    return {
        "case": case,
        "mirrored": queries.mirrored(case),
        "status": STATUSES[case.status],
        "place": place_name(case.county_code, local_date(case.opened_at)),
        "stages": panels.stage_bar(case, by, read),
        "clock": panels.clock_panel(case, by, read, today=local_date(now)),
        "entries": panels.timeline(case, list(events(case.pk)), shows_people=False),
        "conflicts": [(each, field_title(each.field)) for each in found],
        "form": SettleForm(initial={"version": case.version}) if may_settle else None,
    }


@requires("source.settle")
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, case_id: UUID, conflict_id: int) -> HttpResponse:
    """Decide over one conflict, once."""
    case = _find(request, "source.settle", case_id)
    conflict = next((each for each in queries.conflicts_of(case) if each.pk == conflict_id), None)
    if conflict is None:
        raise Http404
    form = SettleForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid() and _settled(request, case, conflict, form):
        messages.success(request, _("冲突已处理。"))
        return redirect("desk_shadow_case", case.pk)
    context = {"case": case, "conflict": conflict, "field_title": field_title(conflict.field), "form": form}
    return render(request, "connection/shadow_settle.html", context)


def _settled(request: HttpRequest, case: Case, conflict: SourceConflict, form: SettleForm) -> bool:
    role = scope(_user(request), "source.settle").rights[0].role
    acting = Acting(_user(request), role, "desk", form.cleaned_data["version"], installation_now())
    try:
        operations.settle_conflict(
            conflict,
            resolution=SourceConflict.Resolution(form.cleaned_data["resolution"]),
            reason=form.cleaned_data["reason"],
            acting=acting,
        )
    except operations.AlreadySettled:
        messages.info(request, _("这个冲突已由他人处理。"))
        return True
    except operations.NotTakenOver:
        form.add_error("resolution", _("这项内容不能采用对方系统的：办件已办结，或该内容在开办时已固定。"))
    except PersonalData:
        form.add_error("reason", _("这里写的会永久留在办件记录中，不能含手机号、身份证号或电子邮箱。"))
    except StaleCase as error:
        form.report_conflict((), version=error.version)
        form.add_error(None, _("办件刚刚有变化，请核对后再提交一次。"))
    else:
        return True
    return False


@requires("source.manage")
@require_GET
def systems(request: HttpRequest) -> HttpResponse:
    """Show the systems that are read: when last, what went wrong, what could not be read."""
    found = list(queries.systems_for(_user(request)))
    return render(request, "connection/shadow_systems.html", {"systems": found})


class RecordTable(Table):
    """Records that could not be read."""

    caption = gettext_lazy("未能读入的记录")
    empty_title = gettext_lazy("没有未读入的记录")
    empty_text = gettext_lazy("对方系统发来的记录都已读入。")
    default_sort = "-taken_at"
    columns = (
        Column("record_id", gettext_lazy("记录编号"), kind="code"),
        Column("field", gettext_lazy("字段"), kind="code"),
        Column("value", gettext_lazy("内容")),
        Column("reason", gettext_lazy("原因")),
        Column("taken_at", gettext_lazy("时间"), kind="moment", order_by=("taken_at", "id")),
    )


@requires("source.manage")
@require_GET
def system(request: HttpRequest, code: str) -> HttpResponse:
    """Show one system with the records that could not be read, and why."""
    found = _system(request, code)
    table = RecordTable(queries.refused_records(found), request.GET)
    return render(request, "connection/shadow_system.html", {"system": found, "table": table})


@requires("source.manage")
@require_POST
def read_now(request: HttpRequest, code: str) -> HttpResponse:
    """Let a system be read at once."""
    found = _system(request, code)
    try:
        jobs.enqueue("connection.read_source", lock=f"source {found.pk}", once=f"source {found.pk}", system_id=found.pk)
    except jobs.AlreadyEnqueued:
        messages.info(request, _("已在等待读取，请稍候。"))
    else:
        messages.success(request, _("已安排读取，请稍后刷新本页。"))
    return redirect("desk_shadow_system", found.code)


def _find(request: HttpRequest, permission: str, case_id: UUID) -> Case:
    try:
        case = case_for(request.user, permission, case_id)
    except Case.DoesNotExist as error:
        raise Http404 from error
    if case.kind != queries.MIRROR:
        raise Http404
    return case


def _system(request: HttpRequest, code: str) -> SourceSystem:
    try:
        return queries.systems_for(_user(request)).get(code=code)
    except SourceSystem.DoesNotExist as error:
        raise Http404 from error


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", shadow, name="desk_shadow"),
    path("conflicts/", conflicts, name="desk_shadow_conflicts"),
    path("systems/", systems, name="desk_shadow_systems"),
    path("systems/<slug:code>/", system, name="desk_shadow_system"),
    path("systems/<slug:code>/read/", read_now, name="desk_shadow_read"),
    path("cases/<uuid:case_id>/", shadow_case, name="desk_shadow_case"),
    path("cases/<uuid:case_id>/conflicts/<int:conflict_id>/", settle, name="desk_shadow_settle"),
]
