"""The queue by time left; its address is its whole state."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tongdian.case import panels
from tongdian.case.models import Case, SavedFilter
from tongdian.case.queries import cases
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import State, installation_state
from tongdian.case.queries.saved import Kept, bounded_counts, filters_for
from tongdian.case.queries.search import is_broad
from tongdian.connection.workbench.queue_list import QueueFilters, QueueTable
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.ui.components import Tab
from tongdian.ui.xlsx import xlsx_response

# What a row of the queue shows; nothing else is read.
SHOWN = (
    *("number", "title", "status", "waiting_for", "next_due_date", "opened_at"),
    *(f"{manager}__{column}" for manager in cases.MANAGERS for column in ("username", "display_name", "phone")),
)
# What is part of the address and no part of a filter.
BESIDE = ("page", "sort", "format", "more", "all")
MOST_TABS, COUNTED_TO = 8, 99


def queue_query(request: HttpRequest, *, permission: str = "case.view") -> QuerySet[Case]:
    """Return the cases in reach that the filters in the address choose, in the queue's order."""
    return queue_rows(cast("User", request.user), request.GET, permission=permission)


def queue_rows(user: User, params: QueryDict, *, permission: str = "case.view") -> QuerySet[Case]:
    """Return the cases a user reaches that an address's filters choose, in the queue's order."""
    state = installation_state()
    today = local_date(state.now)
    return _rows(user, QueueFilters(params, user=user, today=today), permission, today, state.calendar)


def _rows(user: User, filters: QueueFilters, permission: str, today: date, calendar: WorkingCalendar) -> QuerySet[Case]:
    chosen = filters.chosen()
    is_open = None if chosen.pop("closed", False) else True
    return cases.queue(
        user, permission=permission, kind="connection", today=today, calendar=calendar, is_open=is_open, **chosen
    )


@requires("case.view")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the cases in reach, filtered, paged; those one may export also as xlsx."""
    user = cast("User", request.user)
    kept = filters_for(user)
    if kept.opening and not request.GET:
        return redirect(f"{request.path}?{kept.opening.query}")
    state = installation_state()
    today = local_date(state.now)
    is_export = request.GET.get("format") == "xlsx"
    if is_export and not scope(user, "case.export").is_allowed:
        raise PermissionDenied
    filters = QueueFilters(request.GET, user=user, today=today)
    rows = _rows(user, filters, "case.export" if is_export else "case.view", today, state.calendar).only(*SHOWN)
    layout = QueueTable.for_day(
        today,
        state.calendar,
        has_choice=not is_export and scope(user, "case.work").is_allowed,
        is_found=not is_broad(request.GET.get("text", "")),
    )
    table = layout(rows, request.GET, filters=filters)
    if is_export:
        return xlsx_response(table, "queue", on=today, mark=panels.installation_mark(state.kind))
    table.offers_xlsx = scope(user, "case.export").is_allowed
    table.clear_query = "all=1" if kept.opening else ""
    table.further_query = "" if filters.is_wide else "&".join(filter(None, [table.page_query, "more=1"]))
    return render(request, "connection/queue.html", _context(user, table, kept, state))


def _context(user: User, table: QueueTable, kept: Kept, state: State) -> dict[str, Any]:
    query = filter_query(table.params)
    return {
        "table": table,
        "tabs": _tabs(user, kept.filters[:MOST_TABS], query, state),
        "query": query,
        "has_saved": bool(kept.filters),
        "is_saved": any(each.query == query for each in kept.filters),
        "installation_kind": state.kind,
        "has_choice": table.columns[0].kind == "choice",
        "may_assign": scope(user, "case.assign").is_allowed,
    }


def filter_query(params: QueryDict) -> str:
    """Return what of an address is a filter, in a fixed order, so that equal filters are equal texts."""
    kept = QueryDict(mutable=True)
    for name in sorted(params):
        if name not in BESIDE and (value := params.get(name, "").strip()):
            kept[name] = value
    return kept.urlencode()


def _tabs(user: User, saved: Sequence[SavedFilter], query: str, state: State) -> list[Tab]:
    """Return a tab for all cases and one for each saved filter, counted no further than a glance needs."""
    if not saved:
        return []
    today = local_date(state.now)
    asked = [QueueFilters(QueryDict(each.query), user=user, today=today) for each in saved]
    lists = [_rows(user, filters, "case.view", today, state.calendar) for filters in asked]
    counts = bounded_counts(lists, limit=COUNTED_TO + 1)
    return [
        Tab(_("全部"), "?all=1", is_current=not query),
        *(
            Tab(each.name, f"?{each.query}", is_current=each.query == query, count=_count(count))
            for each, count in zip(saved, counts, strict=True)
        ),
    ]


def _count(count: int) -> int | str:
    return f"{COUNTED_TO}+" if count > COUNTED_TO else count


urlpatterns = [path("", queue, name="desk_queue")]
