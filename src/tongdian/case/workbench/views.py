"""`/audit/views/`: who looked at whose data, when and why; unusual days are marked."""

import csv
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import quote

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongdian.case import kinds
from tongdian.case.models import ViewRecord
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.views import Busy, busy_days, views_for
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.policy import current_book
from tongdian.ui.tables import Column, Filters, Table, plain
from tongdian.ui.xlsx import xlsx_response

USUAL_PERIOD = timedelta(days=30)
PURPOSES = {"desk.party": gettext_lazy("查看当事人联系方式"), "document": gettext_lazy("打开材料")}
THRESHOLD = "operation.views.unusual_per_day"


class DayInput(forms.DateInput):
    input_type = "date"


class ViewFilters(Filters):
    """What the list can be narrowed to."""

    since = forms.DateField(label=gettext_lazy("从"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("到"), required=False, widget=DayInput)
    viewer = forms.CharField(label=gettext_lazy("查看人（用户名）"), required=False, max_length=64)
    number = forms.CharField(label=gettext_lazy("办件编号"), required=False, max_length=40)
    matter = forms.ChoiceField(
        label=gettext_lazy("查看内容"), required=False, choices=[("", gettext_lazy("全部")), *ViewRecord.Matter.choices]
    )
    unusual = forms.BooleanField(label=gettext_lazy("只看次数异常的"), required=False)
    public = forms.BooleanField(label=gettext_lazy("包括申请人本人"), required=False)


class ViewTable(Table):
    """Views of personal data, the latest first."""

    caption = gettext_lazy("个人信息查看记录")
    empty_text = gettext_lazy("可以换一段时间，或放宽筛选条件。")
    count_limit = 10_000

    @classmethod
    def marking(cls, busy: Busy) -> "type[ViewTable]":
        """Return the table with the days of many views marked."""
        columns = (
            Column("viewed_at", gettext_lazy("查看时间"), kind="moment", order_by=("viewed_at",)),
            Column("viewer", gettext_lazy("查看人"), value=lambda view: view.viewer.get_full_name()),
            Column("username", gettext_lazy("用户名"), value=lambda view: view.viewer.username, kind="code"),
            Column("organisation", gettext_lazy("所属单位"), value=lambda view: str(view.viewer.organisation or "")),
            Column("number", gettext_lazy("办件编号"), value=_number, kind="code", url=_case_url),
            Column("title", gettext_lazy("所涉办件"), value=lambda view: view.case.title),
            Column("matter", gettext_lazy("查看内容"), value=lambda view: view.get_matter_display()),
            Column("purpose", gettext_lazy("查看事由"), value=_purpose),
            Column("unusual", gettext_lazy("当日次数异常"), value=lambda view: _marked(view, busy)),
        )
        return cast("type[ViewTable]", type(cls.__name__, (cls,), {"columns": columns}))


@requires("view.audit")
@never_cache
@require_GET
def views(request: HttpRequest) -> HttpResponse:
    """List who looked at personal data within reach, as a page, xlsx or csv."""
    user, today = cast("User", request.user), timezone.localdate()
    filters = ViewFilters(request.GET)
    table, limit, busy = _table(user, request.GET, filters, today)
    if request.GET.get("format") == "csv":
        return _csv(table, on=today)
    if table.wants_xlsx:
        return xlsx_response(table, "views", on=today)
    context = {
        "table": table,
        "limit": limit,
        "busy": len(busy),
        "rule_url": reverse("policy_rule", args=[THRESHOLD]),
        "csv_query": table.xlsx_query.replace("format=xlsx", "format=csv"),
    }
    return render(request, "case/audit/views.html", context)


def _table(user: User, params: QueryDict, filters: ViewFilters, today: date) -> tuple[ViewTable, int, Busy]:
    chosen: dict[str, Any] = filters.chosen()
    until = chosen.pop("until", today)
    since = chosen.pop("since", until - USUAL_PERIOD)
    limit = int(current_book().lookup(THRESHOLD, on=today).value)
    busy = busy_days(user, since=since, until=until, at_least=limit)
    only = busy if chosen.pop("unusual", False) else None
    rows = views_for(user, since=since, until=until, on_days_of=only, **chosen)
    return ViewTable.marking(busy)(rows, params, filters=filters), limit, busy


def _csv(table: Table, *, on: date) -> HttpResponse:
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote('views')}-{on.isoformat()}.csv"
    writer = csv.writer(response)
    writer.writerow([str(column.label) for column in table.sheet_columns])
    for row in table.all_rows():
        writer.writerow([_harmless(plain(value)) for value in row])
    return response


def _harmless(value: Any) -> Any:
    # A text that begins like a formula would be run by the spreadsheet that opens it.
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _number(view: ViewRecord) -> str:
    return str(view.case.number or view.case_id) if view.case else ""


def _purpose(view: ViewRecord) -> str:
    return str(PURPOSES.get(view.purpose, view.purpose))


def _case_url(view: ViewRecord) -> str:
    name = kinds.get(view.case.kind).staff_url if view.case else ""
    return reverse(name, args=[view.case_id]) if name else ""


def _marked(view: ViewRecord, busy: Busy) -> str:
    times = busy.get((view.viewer_id, local_date(view.viewed_at)))
    return _("当日 %(times)d 次") % {"times": times} if times else ""


urlpatterns = [path("", views, name="audit_views")]
