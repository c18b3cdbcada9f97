"""Cases for other systems: the case, its stages by the clock, its deadlines, its events. Reads only, nobody's name.

Titles, addresses and parties stay on the pages: what a machine needs is the number, the place and the clock.
"""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from ninja import Field, Query, Router, Schema

from tongdian.case.models import Case, Deadline, Event
from tongdian.case.queries import case_for, feeds, installation_now, reading
from tongdian.engine.clock import Reading, StageInstance
from tongdian.people.api import Refused, get
from tongdian.people.models import TokenScope

router = Router(tags=["cases"])
Item = TypeVar("Item")
COUNTY = r"^[1-9][0-9]{5}$"
MOST = 500


class Page(Schema, Generic[Item]):
    """Part of a list, and how to get the next part."""

    items: list[Item]
    next: str | None = Field(None, description=gettext_noop("下一页的 cursor 参数；没有下一页时为空。"))


class CaseOut(Schema):
    """One case."""

    id: UUID = Field(description=gettext_noop("办件的唯一标识。"))
    number: str | None = Field(description=gettext_noop("办件编号。"))
    kind: str = Field(description=gettext_noop("办件种类，例如 connection（用电报装）。"))
    status: str = Field(description=gettext_noop("状态代码。"))
    customer_class: str = Field(description=gettext_noop("用户分类代码。"))
    county_code: str = Field(description=gettext_noop("县级行政区划代码。"))
    utility: str = Field(description=gettext_noop("供电企业代码。"))
    version: int = Field(description=gettext_noop("最后一个事件的序号。"))
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    waiting_for: str = Field(description=gettext_noop("由谁办：utility、customer、agency、force_majeure 或 closed。"))
    next_stage: str = Field(description=gettext_noop("正在计时的环节，没有时为空字符串。"))
    next_due_date: date | None = Field(description=gettext_noop("该环节最晚日期。"))
    is_provisional: bool = Field(description=gettext_noop("日期落在尚未公布放假安排的年份，为暂定。"))
    has_been_late: bool
    policy_digest: str = Field(description=gettext_noop("所依据规则库的摘要。"))
    calendar_version: str = Field(description=gettext_noop("所依据工作日历的版本。"))


class HoldOut(Schema):
    """Time inside a stage that is not its owner's."""

    owner: str
    label: str
    started_at: datetime
    stopped_at: datetime | None
    days: int


class StageOut(Schema):
    """One instance of a stage; a re-review is a further instance."""

    stage: str
    number: int
    owner: str
    started_at: datetime
    stopped_at: datetime | None
    outcome: str = Field(description=gettext_noop("open、passed、failed 或 cut。"))
    used_days: int = Field(description=gettext_noop("已用天数，单位见 unit。"))
    limit_days: int | None
    due_date: date | None
    is_provisional: bool
    verdict: str = Field(description=gettext_noop("running、on_time、late、withdrawn、unclear 或 no_limit。"))
    holds: list[HoldOut]


class ClockOut(Schema):
    """The clock of a case at one moment, computed from its events alone."""

    as_of: datetime
    unit: str = Field(description=gettext_noop("天数的单位：workday（工作日）或 calendar_day（自然日）。"))
    verdict: str
    total_verdict: str
    utility_days: int = Field(description=gettext_noop("供电企业各环节合计。"))
    whole_days: int | None = Field(description=gettext_noop("受理到接电的全过程。"))
    total_limit_days: int | None
    customer_days: int
    agency_days: int
    force_majeure_days: int
    stages: list[StageOut]


class DeadlineOut(Schema):
    """One version of the deadline of a stage instance."""

    stage: str
    instance: int
    revision: int
    owner: str
    started_at: datetime
    limit_days: int
    due_date: date
    is_provisional: bool
    calendar_version: str
    policy_digest: str
    event_seq: int = Field(description=gettext_noop("使该版本产生的事件序号。"))
    superseded_at: datetime | None


class DueOut(Schema):
    """An open case and the deadline its clock runs towards."""

    case_id: UUID
    number: str | None
    customer_class: str
    county_code: str
    utility: str
    stage: str
    due_date: date
    is_provisional: bool
    waiting_for: str


class EventOut(Schema):
    """One event of a timeline, with what its hash covers."""

    case_id: UUID
    seq: int
    log_index: int | None = Field(description=gettext_noop("在签名日志中的位置；尚未封存时为空。"))
    kind: str
    role: str
    organisation: str | None = Field(description=gettext_noop("办理单位代码。"))
    channel: str
    occurred_at: datetime | None = Field(description=gettext_noop("声称的发生时间。"))
    recorded_at: datetime
    source_system: str | None
    source_event_id: str | None
    evidence: list[str] = Field(description=gettext_noop("每份佐证材料的 SHA-256。"))
    body: dict[str, Any]
    prev_hash: str
    hash: str


class EventFeed(Schema):
    """Sealed events, and where to go on."""

    items: list[EventOut]
    next: int = Field(description=gettext_noop("下次请求的 after 参数。"))
    has_more: bool = Field(description=gettext_noop("现在是否还有更多事件。"))


class Paging(Schema):
    """How much, from where."""

    cursor: str | None = Field(None, max_length=200, description=gettext_noop("上一页返回的 next。"))
    limit: int = Field(100, ge=1, le=MOST, description=gettext_noop("每页最多多少条。"))


class DueFilters(Paging):
    """Which deadlines."""

    county_code: str | None = Field(None, pattern=COUNTY, description=gettext_noop("只看一个县（市、区）。"))
    customer_class: str | None = Field(None, max_length=40, pattern=r"^[a-z0-9_]+$")
    stage: str | None = Field(None, max_length=40, pattern=r"^[a-z0-9_]+$")
    due_until: date | None = Field(None, description=gettext_noop("最晚日期不晚于这一天。"))


class CaseFilters(Paging):
    """Which cases."""

    county_code: str | None = Field(None, pattern=COUNTY, description=gettext_noop("只看一个县（市、区）。"))
    customer_class: str | None = Field(None, max_length=40, pattern=r"^[a-z0-9_]+$")
    status: str | None = Field(None, max_length=40, pattern=r"^[a-z0-9_]+$")
    kind: str | None = Field(None, max_length=40, pattern=r"^[a-z0-9_]+$")
    is_open: bool | None = Field(None, description=gettext_noop("true 只看在办，false 只看已办结。"))
    opened_from: datetime | None = Field(None, description=gettext_noop("提交时间不早于。"))


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
    return Page(items=[_case(each) for each in rows[: filters.limit]], next=_next(rows, filters.limit, "opened_at"))


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
    return _case(_find(request, case_id, "api.case"))


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
    return _clock(reading(_find(request, case_id, "api.case"), as_of=installation_now()))


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
    return [_event(each, each.log_index) for each in feeds.events_of(case)]  # type: ignore[attr-defined]


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
    items = [_event(leaf.event, leaf.index) for leaf in page.leaves]
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
    return Page(items=[_due(each) for each in rows[: filters.limit]], next=_next(rows, filters.limit, "next_due_date"))


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
        return (datetime.min if moment.year == 1 else datetime.max).replace(tzinfo=UTC)


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


def _case(case: Case) -> CaseOut:
    return CaseOut(
        **{name: getattr(case, name) for name in CaseOut.model_fields if name not in {"utility", "is_provisional"}},
        utility=case.utility.code,
        is_provisional=case.next_is_provisional,
    )


def _due(case: Case) -> DueOut:
    return DueOut(
        case_id=case.pk,
        number=case.number,
        customer_class=case.customer_class,
        county_code=case.county_code,
        utility=case.utility.code,
        stage=case.next_stage,
        due_date=case.next_due_date,
        is_provisional=case.next_is_provisional,
        waiting_for=case.waiting_for,
    )


def _clock(read: Reading) -> ClockOut:
    numbers = ("utility_days", "whole_days", "total_limit_days", "customer_days", "agency_days", "force_majeure_days")
    return ClockOut(
        as_of=read.as_of,
        unit=read.definition.counting.unit,
        verdict=read.verdict,
        total_verdict=read.total_verdict,
        stages=[_stage(each) for each in read.stages],
        **{name: getattr(read, name) for name in numbers},
    )


def _stage(each: StageInstance) -> StageOut:
    same = ("stage", "number", "owner", "started_at", "stopped_at", "outcome", "used_days", "limit_days", "verdict")
    return StageOut(
        **{name: getattr(each, name) for name in same},
        due_date=each.due.date if each.due else None,
        is_provisional=each.is_provisional,
        holds=[HoldOut.from_orm(hold) for hold in each.holds],
    )


def _event(event: Event, log_index: int | None) -> EventOut:
    same = ("case_id", "seq", "kind", "role", "channel", "occurred_at", "recorded_at")
    return EventOut(
        **{name: getattr(event, name) for name in same},
        log_index=log_index,
        organisation=event.organisation.code if event.organisation else None,
        source_system=event.source_system,
        source_event_id=event.source_event_id,
        evidence=list(event.evidence_hashes),
        body=event.facts,
        prev_hash=bytes(event.prev_hash).hex(),
        hash=event.hash_hex,
    )
