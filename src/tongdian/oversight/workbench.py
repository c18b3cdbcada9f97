"""What is late or about to be, for those who watch: counts by place and rule, the cases behind each number."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tongdian.case import kinds, panels
from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.queries import calendar as working_calendar
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.engine.formats.csv_file import csv_lines
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.kernel.divisions import UnknownDivision, division
from tongdian.oversight import rules
from tongdian.oversight.queries import alerts, book
from tongdian.oversight.queries.alerts import Place
from tongdian.oversight.queries.notices import last_sweep
from tongdian.people.access import requires
from tongdian.people.models import Organisation
from tongdian.ui import formats
from tongdian.ui.components import Figure
from tongdian.ui.tables import Column, Filters, Table, plain
from tongdian.ui.xlsx import xlsx_response

ANY = ("", _("全部"))


class PlacesTable(Table):
    """Counties and utilities in reach, the worst first."""

    caption = _("预警，按县和供电企业")
    empty_title = _("辖区内没有在办的办件")

    @classmethod
    def of(cls, watched: Sequence[rules.AlertRule], today: date) -> type["PlacesTable"]:
        """Return the table with one column for each rule."""
        language = get_language() or ""
        columns = (
            Column("county", _("县（市、区）"), value=partial(_place_name, on=today), order_by=("county",)),
            Column(
                "utility",
                _("供电企业"),
                value=lambda place: _utility_name(place.utility),
                order_by=("utility",),
            ),
            *(_count_column(rule, book.title(rule.name, language)) for rule in watched),
            Column("open_cases", _("在办"), kind="number", order_by=("open_cases",)),
        )
        return type("PlacesTableOfRules", (cls,), {"columns": columns})


def _count_column(rule: rules.AlertRule, title: str) -> Column:
    return Column(
        rule.name,
        title,
        value=lambda place: place.counts.get(rule.name, 0),
        kind="number",
        order_by=(rule.name,),
        url=lambda place: _cases_url(rule.name, place) if place.counts.get(rule.name) else "",
    )


def _cases_url(rule: str, place: Place) -> str:
    return f"{reverse('alert_cases')}?rule={rule}&county_code={place.county_code}&utility={place.utility.pk}"


def _place_name(place: Place | Case, *, on: date) -> str:
    return _division_name(place.county_code, on)


def _utility_name(utility: Organisation) -> str:
    return utility.name_en or utility.name if formats.is_english() else utility.name


class CaseFilters(Filters):
    """Which rule, and where."""

    rule = django_forms.ChoiceField(label=_("事由"))
    county_code = django_forms.ChoiceField(label=_("区域"), required=False)
    utility = django_forms.ChoiceField(label=_("供电企业"), required=False)

    def __init__(
        self, *args: Any, watched: Sequence[rules.AlertRule], places: Sequence[Place], on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        utilities = {place.utility.pk: place.utility for place in places}
        self._offer("rule", [(rule.name, book.title(rule.name, get_language() or "")) for rule in watched])
        self._offer("county_code", [ANY, *_divisions({place.county_code for place in places}, on)])
        self._offer("utility", [ANY, *((str(pk), _utility_name(each)) for pk, each in utilities.items())])

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def _divisions(county_codes: set[str], on: date) -> list[tuple[str, str]]:
    """Return the cities of the counties, each before its own, by code."""
    cities = {f"{code[:4]}00" for code in county_codes}
    return [(code, _division_name(code, on)) for code in sorted(county_codes | cities)]


def _division_name(code: str, on: date) -> str:
    try:
        return formats.division_name(division(code, on)) if code.endswith("00") else formats.place_name(code, on)
    except UnknownDivision:
        return code


class CasesTable(Table):
    """The cases behind a number."""

    caption = _("预警办件")
    default_sort = "due"
    empty_text = _("这一事由下现在没有办件。")

    @classmethod
    def of_day(cls, today: date, calendar: WorkingCalendar) -> type["CasesTable"]:
        """Return the table with its lamps and days left computed for a day."""
        lamp = partial(_lamp, today=today, calendar=calendar)
        left = partial(_days_left, today=today, calendar=calendar)
        columns = (
            Column("lamp", _("时限"), value=lamp, kind="lamp"),
            Column("number", _("办件编号"), value=str, kind="code", order_by=("number",), url=_case_url),
            Column("county", _("县（市、区）"), value=partial(_place_name, on=today), order_by=("county_code",)),
            Column("utility", _("供电企业"), value=lambda case: _utility_name(case.utility)),
            Column("stage", _("环节或状态"), value=_stage),
            Column("waiting", _("由谁办"), value=lambda case: case.get_waiting_for_display()),
            Column(
                "due",
                _("最晚办理日"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date",),
            ),
            Column("left", _("剩余工作日"), value=left, kind="number"),
            Column("assignee", _("客户经理"), value=lambda c: c.assignee.get_full_name() if c.assignee else ""),
        )
        return type("CasesTableOfDay", (cls,), {"columns": columns})


def _lamp(case: Case, *, today: date, calendar: WorkingCalendar) -> str:
    lit = case_rules.lamp(
        waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=calendar
    )
    return lit or ""


def _days_left(case: Case, *, today: date, calendar: WorkingCalendar) -> int | None:
    return case.next_due_date and case_rules.days_left(case.next_due_date, today=today, calendar=calendar)


def _case_url(case: Case) -> str:
    name = kinds.get(case.kind).staff_url
    return reverse(name, args=[case.pk]) if name else ""


def _stage(case: Case) -> str:
    kind = kinds.get(case.kind)
    return str(kind.stages.get(case.next_stage) or kind.statuses.get(case.status, case.status))


@requires("alert.view")
@require_GET
def alerts_page(request: HttpRequest) -> HttpResponseBase:
    """Count cases by rule for each county and utility in reach; also as xlsx or csv."""
    today, calendar = local_date(installation_now()), working_calendar()
    watched = alerts.watched_rules(today)
    places = alerts.by_place(request.user, watched, today=today, calendar=calendar)
    table = PlacesTable.of(watched, today)(places, request.GET)
    if download := _download(request, table, "alerts", on=today):
        return download
    context = {
        "table": table,
        "figures": _figures(watched, places),
        "rules": [(f"{book.PREFIX}{rule.name}", book.title(rule.name, get_language() or "")) for rule in watched],
        "sweep": last_sweep(),
        "csv_query": _csv_query(request),
    }
    return render(request, "oversight/alerts.html", context)


@requires("alert.view")
@require_GET
def alert_cases(request: HttpRequest) -> HttpResponseBase:
    """List the cases behind a number; also as xlsx or csv."""
    today, calendar = local_date(installation_now()), working_calendar()
    watched = alerts.watched_rules(today)
    asked = request.GET if "rule" in request.GET else {"rule": watched[0].name}
    filters = CaseFilters(asked, watched=watched, places=alerts.places(request.user), on=today)
    chosen = filters.chosen()
    rule = next((each for each in watched if each.name == chosen.get("rule")), watched[0])
    rows = alerts.cases_of(
        request.user,
        rule,
        today=today,
        calendar=calendar,
        county_code=chosen.get("county_code", ""),
        utility_id=int(chosen["utility"]) if "utility" in chosen else None,
    )
    table = CasesTable.of_day(today, calendar)(rows, request.GET, filters=filters)
    if download := _download(request, table, f"alerts-{rule.name}", on=today):
        return download
    context = {
        "table": table,
        "title": book.title(rule.name, get_language() or ""),
        "rule_id": f"{book.PREFIX}{rule.name}",
        "csv_query": _csv_query(request),
    }
    return render(request, "oversight/alert_cases.html", context)


def _figures(watched: Sequence[rules.AlertRule], places: Sequence[Place]) -> list[Figure]:
    """Add up the places of a reader: what stands above the table."""
    language, base = get_language() or "", reverse("alert_cases")
    return [
        Figure(
            sum(place.counts.get(rule.name, 0) for place in places),
            book.title(rule.name, language),
            url=f"{base}?rule={rule.name}",
        )
        for rule in watched
    ]


def _download(request: HttpRequest, table: Table, name: str, *, on: date) -> HttpResponseBase | None:
    mark = panels.installation_mark(installation_kind())
    if table.wants_xlsx:
        return xlsx_response(table, name, on=on, mark=mark)
    return _csv_response(table, name, on=on, mark=mark) if request.GET.get("format") == "csv" else None


def _csv_response(table: Table, name: str, *, on: date, mark: str) -> HttpResponseBase:
    """Answer with every row of the table, and below them what the reader must know of all of them."""
    rows = [[plain(value) for value in row] for row in table.all_rows()]
    if mark:
        rows.append([mark, *[""] * (len(table.columns) - 1)])
    lines = csv_lines([str(column.label) for column in table.columns], rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}-{on}.csv")
    return response


def _csv_query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query["format"] = "csv"
    return query.urlencode()


urlpatterns = [
    path("alerts/", alerts_page, name="alerts"),
    path("alerts/cases/", alert_cases, name="alert_cases"),
]
