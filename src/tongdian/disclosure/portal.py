"""The public pages of the monthly files: the months, the versions of one, its figures, the files themselves."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongdian.case.panels import installation_mark
from tongdian.case.queries.installation import installation_kind
from tongdian.disclosure.models import MonthFile
from tongdian.disclosure.queries.months import columns_of, content, months, version, versions
from tongdian.disclosure.rules.cells import ALL
from tongdian.disclosure.rules.months import Month, NotAMonth
from tongdian.kernel import divisions
from tongdian.kernel.divisions import PROVINCE, UnknownDivision
from tongdian.people.access import requires
from tongdian.policy import NoRuling, current_book
from tongdian.ui import formats
from tongdian.ui.components import Figure

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@dataclass(frozen=True)
class GroupRow:
    """A line of the summary: cases of one city and class, with shares in per cent."""

    city: str
    customer_class: str
    cases: int
    measured: int
    share: str
    median: str
    p90: str
    provisional: int


@requires("public")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the published months."""
    context = {"months": list(months()), "mark": installation_mark(installation_kind())}
    return render(request, "disclosure/months.html", context)


@requires("public")
@require_safe
def one(request: HttpRequest, month: str) -> HttpResponse:
    """Show a month: figures of its latest version, every version with what changed, the definition of its columns."""
    asked = _month(month)
    found = versions(asked)
    if not found:
        raise Http404
    latest = found[0]
    context = {
        "month": asked,
        "latest": latest,
        "versions": [(each, _why(each)) for each in found],
        "groups": [_group(each, asked) for each in latest.groups],
        "figures": _figures(latest),
        "columns": [(each, *_words(each)) for each in columns_of(asked)],
        "mark": installation_mark(installation_kind()),
    }
    return render(request, "disclosure/month.html", context)


@requires("public")
@require_safe
def file(request: HttpRequest, month: str, number: int, ending: str) -> HttpResponseBase:
    """Give the file of a version, as it was published."""
    try:
        found = version(_month(month), number)
    except MonthFile.DoesNotExist as error:
        raise Http404 from error
    mark = {"demonstration": "demonstration-", "test": "test-"}.get(installation_kind(), "")
    name = f"{mark}tongdian-{month}-v{number}.{ending}"
    response = StreamingHttpResponse(content(found, ending), content_type=MEDIA_TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(found.csv_bytes if ending == "csv" else found.json_bytes)
    return response


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except NotAMonth as error:
        raise Http404 from error


def _figures(latest: MonthFile) -> list[Figure]:
    measured = sum(each["measured"] for each in latest.groups)
    on_time = sum(each["on_time"] for each in latest.groups)
    shown = [Figure(f"{latest.rows:,}", _("公开的办件"), _("件"))]
    if measured:
        note = _("%(on_time)s / %(measured)s 件，月末在办超时计入") % {"on_time": on_time, "measured": measured}
        shown.append(Figure(f"{on_time / measured:.1%}", _("按时率"), "", note))
    return shown


def _group(group: dict[str, Any], month: Month) -> GroupRow:
    share = group["on_time"] / group["measured"] if group["measured"] else None
    return GroupRow(
        city=_place(group["city"], month),
        customer_class=_class(group["customer_class"]),
        cases=group["cases"],
        measured=group["measured"],
        share="" if share is None else f"{share:.1%}",
        median=_days(group["median_days"]),
        p90=_days(group["p90_days"]),
        provisional=group["provisional"],
    )


def _days(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _place(code: str, month: Month) -> str:
    if code == PROVINCE:
        return _("全省（合并）")
    try:
        return formats.division_name(divisions.division(code, month.first))
    except UnknownDivision:
        return code


def _class(code: str) -> str:
    if code == ALL:
        return _("不区分类别")
    try:
        return current_book().entry(f"connection.class.{code}").title.in_language(get_language() or "zh")
    except NoRuling:
        return code


def _words(column: Any) -> tuple[str, str]:
    language = get_language() or "zh"
    return column.title.in_language(language), column.meaning.in_language(language)


WHY = {
    "rules": gettext_lazy("规则有变"),
    "calendar": gettext_lazy("日历有变"),
    "threshold": gettext_lazy("合并门槛有变"),
    "events": gettext_lazy("办件有新记录"),
}


def _why(each: MonthFile) -> str:
    return (", " if formats.is_english() else "、").join(str(WHY[name]) for name in each.changes.get("why", ()))


urlpatterns = [
    path("", listed, name="month_files"),
    path("<str:month>/", one, name="month_file"),
    path("<str:month>/v<int:number>.csv", file, {"ending": "csv"}, name="month_csv"),
    path("<str:month>/v<int:number>.json", file, {"ending": "json"}, name="month_json"),
]
