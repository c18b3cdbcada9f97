"""Cases for other systems: the case, its stages by the clock, its deadlines, its events. Reads only, nobody's name.

Titles, addresses and parties stay on the pages: what a machine needs is the number, the place and the clock.
"""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja import Query, Router, Schema

from tongdian.case.api.answers import (
    MOST,
    CaseFilters,
    CaseOut,
    ClockOut,
    DeadlineOut,
    DueFilters,
    DueOut,
    EventFeed,
    EventOut,
    Page,
    case_out,
    clock_out,
    due_out,
    event_out,
)
from tongdian.case.models import Case, Deadline
from tongdian.case.queries import case_for, feeds, installation_now, reading
from tongdian.people.api import Refused, get
from tongdian.people.models import TokenScope

router = Router(tags=["cases"])
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@get(
    router,
    "/cases",
    name="api_cases",
    permission="api.case",
    token_scope=TokenScope.CASES,
    answer=Page[CaseOut],
    may_be_missing=True,
    summary=gettext_noop("授权范围内的办件，按提交时间排列"),
)
def list_cases(request: HttpRequest, filters: Query[CaseFilters]) -> Page[CaseOut]:
    """Pages by cursor. To follow changes read the events instead."""
    columns = _columns(filters, "county_code", "customer_class", "status", "kind")
    if filters.is_open is not None:
        columns["closed_at__isnull"] = filters.is_open
    if filters.opened_from is not None:
        columns["opened_at__gte"] = _aware(filters.opened_from, "opened_from")
    after = _after(filters.cursor, datetime.fromisoformat)
    rows = feeds.case_feed(request.user, permission="api.case", columns=columns, after=after, limit=filters.limit + 1)
    return Page(items=[case_out(each) for each in rows[: filters.limit]], next=_next(rows, filters.limit, "opened_at"))


@get(
    router,
    "/cases/{case_id}",
    name="api_case",
    permission="api.case",
    token_scope=TokenScope.CASES,
    answer=CaseOut,
    may_be_missing=True,
    summary=gettext_noop("一个办件"),
)
def one_case(request: HttpRequest, case_id: UUID) -> CaseOut:
    """The case as it stands."""
    return case_out(_find(request, case_id, "api.case"))


@get(
    router,
    "/cases/{case_id}/stages",
    name="api_case_stages",
    permission="api.case",
    token_scope=TokenScope.CASES,
    answer=ClockOut,
    may_be_missing=True,
    summary=gettext_noop("一个办件的时钟：各环节、扣除的时间、结论"),
)
def case_stages(request: HttpRequest, case_id: UUID) -> ClockOut:
    """Computed now, from the events."""
    return clock_out(reading(_find(request, case_id, "api.case"), as_of=installation_now()))


@get(
    router,
    "/cases/{case_id}/deadlines",
    name="api_case_deadlines",
    permission="api.case",
    token_scope=TokenScope.CASES,
    answer=list[DeadlineOut],
    may_be_missing=True,
    summary=gettext_noop("一个办件的全部期限，包括被替代的版本"),
)
def case_deadlines(request: HttpRequest, case_id: UUID) -> list[Deadline]:
    """Each version with the calendar and the rules it was computed with."""
    return feeds.deadlines_of(_find(request, case_id, "api.case"))


@get(
    router,
    "/cases/{case_id}/events",
    name="api_case_events",
    permission="api.event",
    token_scope=TokenScope.EVENTS,
    answer=list[EventOut],
    may_be_missing=True,
    summary=gettext_noop("一个办件的时间线"),
)
def case_events(request: HttpRequest, case_id: UUID) -> list[EventOut]:
    """In order, with the hash that chains each to the one before."""
    case = _find(request, case_id, "api.event")
    return [event_out(each, each.log_index) for each in feeds.events_of(case)]  # type: ignore[attr-defined]


@get(
    router,
    "/events",
    name="api_events",
    permission="api.event",
    token_scope=TokenScope.EVENTS,
    answer=EventFeed,
    summary=gettext_noop("授权范围内的全部事件，按签名日志的顺序，可断点续读"),
)
def list_events(
    request: HttpRequest,
    after: int = Query(-1, ge=-1, le=2**62, description=gettext_noop("上次返回的 next；-1 为从头读。")),
    limit: int = Query(100, ge=1, le=MOST, description=gettext_noop("每页最多多少条。")),
) -> EventFeed:
    """An event appears once it is sealed; nothing is ever put in before what was read."""
    page = feeds.event_feed(request.user, permission="api.event", after=after, limit=limit)
    items = [event_out(leaf.event, leaf.index) for leaf in page.leaves]
    return EventFeed(items=items, next=page.next_index, has_more=page.has_more)


@get(
    router,
    "/deadlines",
    name="api_deadlines",
    permission="api.case",
    token_scope=TokenScope.CASES,
    answer=Page[DueOut],
    may_be_missing=True,
    summary=gettext_noop("在办办件的下一个期限，最近的在前"),
)
def list_deadlines(request: HttpRequest, filters: Query[DueFilters]) -> Page[DueOut]:
    """Of every open case whose clock runs."""
    columns = _columns(filters, "county_code", "customer_class")
    if filters.stage:
        columns["next_stage"] = filters.stage
    if filters.due_until:
        columns["next_due_date__lte"] = filters.due_until
    after = _after(filters.cursor, date.fromisoformat)
    rows = feeds.due_feed(request.user, permission="api.case", columns=columns, after=after, limit=filters.limit + 1)
    return Page(
        items=[due_out(each) for each in rows[: filters.limit]], next=_next(rows, filters.limit, "next_due_date")
    )


def _find(request: HttpRequest, case_id: UUID, permission: str) -> Case:
    try:
        return case_for(request.user, permission, case_id)
    except Case.DoesNotExist as error:
        detail = gettext("没有这个办件，或不在该账号的授权范围内。")
        raise Refused(404, "not_found", detail, field="case_id", value=str(case_id)) from error


def _columns(filters: Schema, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(filters, name))}


def _aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        detail = gettext("请写明时区，例如 2026-03-02T09:00:00+08:00。")
        raise Refused(422, "time_zone_missing", detail, field=field, value=moment.isoformat())
    return _utc(moment)


def _utc(moment: datetime) -> datetime:
    """Return the instant in UTC; the database does not know every offset a caller may write."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return EARLIEST if moment.year == 1 else LATEST


def _next(rows: list[Case], limit: int, column: Literal["opened_at", "next_due_date"]) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return base64.urlsafe_b64encode(json.dumps([getattr(last, column).isoformat(), last.pk.hex]).encode()).decode()


def _after(cursor: str | None, parse: Any) -> Any:
    if cursor is None:
        return None
    try:
        place, case_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return _zoned(parse(place)), UUID(case_id)
    except (ValueError, TypeError, AttributeError) as error:
        detail = gettext("cursor 只能使用上一页返回的 next；请从第一页重新读取。")
        raise Refused(404, "cursor_unknown", detail, field="cursor", value=cursor) from error


def _zoned(place: Any) -> Any:
    if not isinstance(place, datetime):
        return place
    if place.tzinfo is None:
        raise ValueError("a cursor's instant has its zone")
    return _utc(place)
