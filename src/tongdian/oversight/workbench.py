"""What is late or about to be, for those who watch: counts by place and rule, the cases behind each number."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
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
from tongdian.kernel.divisions import UnknownDivision
from tongdian.oversight import rules
from tongdian.oversight.queries import alerts, book
from tongdian.oversight.queries.alerts import PlaceAlerts
from tongdian.oversight.queries.notices import last_sweep
from tongdian.people.access import requires
from tongdian.people.models import Organisation
from tongdian.ui import formats
from tongdian.ui.components import Figure
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

ANY = ("", _("全部"))


class PlacesTable(Table):
    """Counties and utilities in reach, the worst first."""

    caption = _("预警，按县和供电企业")
    empty_title = _("辖区内没有在办的办件")

    @classmethod
    def of(cls, watched: Sequence[rules.AlertRule], today: Any) -> type["PlacesTable"]:
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


def _cases_url(rule: str, place: PlaceAlerts) -> str:
    return f"{reverse('alert_cases')}?rule={rule}&county_code={place.county_code}&utility={place.utility.pk}"


def _place_name(place: PlaceAlerts | Case, *, on: Any) -> str:
    try:
        return formats.place_name(place.county_code, on)
    except UnknownDivision:
        return place.county_code


def _utility_name(utility: Organisation) -> str:
    return utility.name_en or utility.name if formats.is_english() else utility.name


class CaseFilters(Filters):
    """Which rule, and where."""

    rule = django_forms.ChoiceField(label=_("事由"))
    county_code = django_forms.RegexField(r"^[1-9]\d{5}$", label=_("区划代码"), required=False)
    utility = django_forms.IntegerField(label=_("供电企业"), required=False, widget=django_forms.HiddenInput)

    def __init__(self, *args: Any, watched: Sequence[rules.AlertRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(rule.name, book.title(rule.name, get_language() or "")) for rule in watched]
        self.fields["rule"].choices = choices  # type: ignore[attr-defined]


class CasesTable(Table):
    """The cases behind a number."""

    caption = _("预警办件")
    default_sort = "due"
    empty_text = _("这一事由下现在没有办件。")

    @classmethod
    def of_day(cls, today: Any, calendar: Any) -> type["CasesTable"]:
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
                _("最晚"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date",),
            ),
            Column("left", _("剩余工作日"), value=left, kind="number"),
            Column("assignee", _("客户经理"), value=lambda c: c.assignee.get_full_name() if c.assignee else ""),
        )
        return type("CasesTableOfDay", (cls,), {"columns": columns})


def _lamp(case: Case, *, today: Any, calendar: Any) -> str:
    lit = case_rules.lamp(
        waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=calendar
    )
    return lit or ""


def _days_left(case: Case, *, today: Any, calendar: Any) -> int | None:
    return case.next_due_date and case_rules.days_left(case.next_due_date, today=today, calendar=calendar)


def _case_url(case: Case) -> str:
    name = kinds.get(case.kind).staff_url
    return reverse(name, args=[case.pk]) if name else ""


def _stage(case: Case) -> str:
    kind = kinds.get(case.kind)
    return str(kind.stages.get(case.next_stage) or kind.statuses.get(case.status, case.status))


@requires("alert.view")
@require_GET
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Count cases by rule for each county and utility in reach; also as xlsx."""
    today, calendar = local_date(installation_now()), working_calendar()
    watched = alerts.watched_rules(today)
    places = alerts.by_place(request.user, watched, today=today, calendar=calendar)
    table = PlacesTable.of(watched, today)(places, request.GET)
    if table.wants_xlsx:
        return xlsx_response(table, "alerts", on=today, mark=panels.installation_mark(installation_kind()))
    context = {
        "table": table,
        "figures": _figures(watched, places),
        "rules": [(f"{book.PREFIX}{rule.name}", book.title(rule.name, get_language() or "")) for rule in watched],
        "sweep": last_sweep(),
    }
    return render(request, "oversight/alerts.html", context)


@requires("alert.view")
@require_GET
def alert_cases(request: HttpRequest) -> HttpResponse:
    """List the cases behind a number; also as xlsx."""
    today, calendar = local_date(installation_now()), working_calendar()
    watched = alerts.watched_rules(today)
    filters = CaseFilters(request.GET if "rule" in request.GET else {"rule": watched[0].name}, watched=watched)
    chosen = filters.chosen()
    rule = next((each for each in watched if each.name == chosen.get("rule")), watched[0])
    rows = alerts.cases_of(
        request.user,
        rule,
        today=today,
        calendar=calendar,
        county_code=chosen.get("county_code", ""),
        utility_id=chosen.get("utility"),
    )
    table = CasesTable.of_day(today, calendar)(rows, request.GET, filters=filters)
    if table.wants_xlsx:
        mark = panels.installation_mark(installation_kind())
        return xlsx_response(table, f"alerts-{rule.name}", on=today, mark=mark)
    context = {
        "table": table,
        "title": book.title(rule.name, get_language() or ""),
        "rule_id": f"{book.PREFIX}{rule.name}",
    }
    return render(request, "oversight/alert_cases.html", context)


def _figures(watched: Sequence[rules.AlertRule], places: Sequence[PlaceAlerts]) -> list[Figure]:
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


urlpatterns = [
    path("alerts/", alerts_page, name="alerts"),
    path("alerts/cases/", alert_cases, name="alert_cases"),
]
