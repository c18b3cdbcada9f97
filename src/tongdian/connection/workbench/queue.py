"""The queue by time left."""

from functools import partial
from typing import Any, cast

from django import forms as django_forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tongdian.case import panels
from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.queries import calendar as working_calendar
from tongdian.case.queries import cases, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.connection.apps import STAGES, STATUSES
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.ui.components import LAMP_WORDS
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

ANY = ("", gettext_lazy("全部"))


class QueueFilters(Filters):
    """What the queue can be narrowed to."""

    text = django_forms.CharField(
        label=gettext_lazy("查找"), required=False, help_text=gettext_lazy("编号、单位、地址或拼音")
    )
    stage = django_forms.ChoiceField(label=gettext_lazy("环节"), required=False, choices=[ANY, *STAGES.items()])
    lamp = django_forms.ChoiceField(label=gettext_lazy("时限"), required=False, choices=[ANY, *LAMP_WORDS.items()])
    waiting_for = django_forms.ChoiceField(
        label=gettext_lazy("由谁办"), required=False, choices=[ANY, *Case.WaitingFor.choices]
    )
    mine = django_forms.BooleanField(label=gettext_lazy("只看我的"), required=False)
    closed = django_forms.BooleanField(label=gettext_lazy("包括已办结"), required=False)


class QueueTable(Table):
    """Cases in reach, the least time left first."""

    caption = gettext_lazy("办件")
    default_sort = "due"
    empty_text = gettext_lazy("可以放宽筛选条件，或勾选“包括已办结”。")

    @classmethod
    def for_day(cls, today: Any, calendar: WorkingCalendar) -> type["QueueTable"]:
        """Return the table with its lamp and days left computed for a day."""
        lamp = partial(_lamp, today=today, calendar=calendar)
        left = partial(_days_left, today=today, calendar=calendar)
        columns = (
            Column("lamp", gettext_lazy("时限"), value=lamp, kind="lamp"),
            Column(
                "number",
                gettext_lazy("办件编号"),
                kind="code",
                order_by=("number",),
                url=lambda case: reverse("desk_case", args=[case.pk]),
            ),
            Column("title", gettext_lazy("单位"), order_by=("title",)),
            Column("status", gettext_lazy("状态"), value=lambda case: STATUSES[case.status]),
            Column("waiting", gettext_lazy("由谁办"), value=lambda case: case.get_waiting_for_display()),
            Column(
                "due",
                gettext_lazy("最晚"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date", "opened_at"),
            ),
            Column("left", gettext_lazy("剩余工作日"), value=left, kind="number"),
            Column(
                "assignee", gettext_lazy("客户经理"), value=lambda c: c.assignee.get_full_name() if c.assignee else ""
            ),
        )
        return type("QueueTableOfDay", (cls,), {"columns": columns})


def _lamp(case: Case, *, today: Any, calendar: WorkingCalendar) -> str:
    return (
        case_rules.lamp(
            waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=calendar
        )
        or ""
    )


def _days_left(case: Case, *, today: Any, calendar: WorkingCalendar) -> int | None:
    if case.next_due_date is None:
        return None
    return case_rules.days_left(case.next_due_date, today=today, calendar=calendar)


def queue_query(request: HttpRequest, *, permission: str = "case.view") -> QuerySet[Case]:
    """Return the cases in reach that the filters in the address choose, in the queue's order."""
    chosen = QueueFilters(request.GET).chosen()
    return cases.queue(
        cast("User", request.user),
        permission=permission,
        kind="connection",
        today=local_date(installation_now()),
        calendar=working_calendar(),
        is_open=None if chosen.pop("closed", False) else True,
        whose="mine" if chosen.pop("mine", False) else None,
        **chosen,
    )


@requires("case.view")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the cases in reach, filtered, paged; those one may export also as xlsx."""
    today, calendar = local_date(installation_now()), working_calendar()
    user = cast("User", request.user)
    is_export = request.GET.get("format") == "xlsx"
    if is_export and not scope(user, "case.export").is_allowed:
        raise PermissionDenied
    rows = queue_query(request, permission="case.export" if is_export else "case.view")
    table = QueueTable.for_day(today, calendar)(rows, request.GET, filters=QueueFilters(request.GET))
    if is_export:
        return xlsx_response(table, "queue", on=today, mark=panels.installation_mark(installation_kind()))
    table.offers_xlsx = scope(user, "case.export").is_allowed
    return render(request, "connection/queue.html", {"table": table})


urlpatterns = [path("", queue, name="desk_queue")]
