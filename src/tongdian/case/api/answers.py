"""What the API says of a case: nobody's name, title or address."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.utils.translation import gettext_noop
from ninja import Field, Schema

from tongdian.case.models import Case, Event
from tongdian.engine.clock import Reading, StageInstance

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


def case_out(case: Case) -> CaseOut:
    return CaseOut(
        **{name: getattr(case, name) for name in CaseOut.model_fields if name not in {"utility", "is_provisional"}},
        utility=case.utility.code,
        is_provisional=case.next_is_provisional,
    )


def due_out(case: Case) -> DueOut:
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


def clock_out(read: Reading) -> ClockOut:
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


def event_out(event: Event, log_index: int | None) -> EventOut:
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
