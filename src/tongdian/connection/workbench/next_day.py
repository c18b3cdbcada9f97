"""The next-day product on the desk: who qualified, kept or not, with working days beside the calendar days."""

from datetime import date
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tongdian.case import panels
from tongdian.case.models import Case
from tongdian.case.queries import calendar, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.connection import queries
from tongdian.connection.queries import NextDayCount
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.access import requires
from tongdian.ui.components import Figure
from tongdian.ui.tables import Column, Table
from tongdian.ui.xlsx import xlsx_response


class NextDayTable(Table):
    """Cases of the next-day product, the latest first."""

    caption = gettext_lazy("次日接电办件")
    empty_title = gettext_lazy("还没有次日接电的办件")
    default_sort = "-opened_at"

    @classmethod
    def for_day(cls, today: date, known: WorkingCalendar) -> type["NextDayTable"]:
        """Return the table with its days counted up to a day for what still runs."""
        columns = (
            Column(
                "number",
                gettext_lazy("办件编号"),
                kind="code",
                order_by=("number",),
                url=lambda case: reverse("desk_case", args=[case.pk]),
            ),
            Column("title", gettext_lazy("申请")),
            Column("opened_at", gettext_lazy("提交时间"), kind="moment", order_by=("opened_at",)),
            Column("closed_at", gettext_lazy("办结时间"), kind="moment", order_by=("closed_at",)),
            Column("outcome", gettext_lazy("次日接电"), value=outcome),
            Column("calendar_days", gettext_lazy("自然日"), value=partial(_calendar_days, today=today), kind="number"),
            Column(
                "working_days",
                gettext_lazy("工作日"),
                value=partial(_working_days, today=today, known=known),
                kind="number",
            ),
        )
        return type("NextDayTableOfDay", (cls,), {"columns": columns})


def outcome(case: Case) -> str:
    """Say what became of the promise."""
    if case.has_been_late:
        return _("未做到")
    if case.is_open:
        return _("进行中")
    return _("做到") if case.status == "energised" else _("已撤回")


def _until(case: Case, today: date) -> date:
    return local_date(case.closed_at) if case.closed_at else today


def _calendar_days(case: Case, *, today: date) -> int:
    return (_until(case, today) - local_date(case.opened_at)).days


def _working_days(case: Case, *, today: date, known: WorkingCalendar) -> int:
    return known.count(local_date(case.opened_at), _until(case, today)).days


@requires("case.view")
@require_GET
def next_day(request: HttpRequest) -> HttpResponse:
    """List who qualified for next-day connection, and what became of it; also as xlsx."""
    cases = queries.next_day_cases(request.user)
    table = NextDayTable.for_day(local_date(installation_now()), calendar())(cases, request.GET)
    if table.wants_xlsx:
        mark = panels.installation_mark(installation_kind())
        return xlsx_response(table, "next-day", on=local_date(installation_now()), mark=mark)
    figures = _figures(queries.next_day_count(cases))
    return render(request, "connection/next_day.html", {"table": table, "figures": figures})


def _figures(count: NextDayCount) -> list[Figure]:
    return [
        Figure(count.qualified, _("符合条件")),
        Figure(count.kept, _("次日接电做到")),
        Figure(count.missed, _("未做到")),
        Figure(count.running, _("进行中")),
        Figure(count.withdrawn, _("已撤回")),
    ]


urlpatterns = [path("next-day/", next_day, name="desk_next_day")]
