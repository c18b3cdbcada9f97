"""Made-up values for the gallery; the dates are fixed, so that two pictures of it can be compared."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tongdian.kernel.calendar import packaged_calendar
from tongdian.ui.components import (
    Change,
    Clock,
    Figure,
    LampColour,
    Stage,
    SummaryRow,
    Tab,
    Task,
    TimelineEntry,
    Wait,
    Words,
)
from tongdian.ui.tables import Column, Filters, Table

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HASH = "9f2c4e7ab01d33586ce4f7d0917b2a6c5e8841fd30c29b7755aa01be64d7c3f2"
CHANGES = (Change(_("客户经理"), _("申请容量"), START + timedelta(hours=5)),)


def _after(days: int, hours: int = 0) -> datetime:
    return START + timedelta(days=days, hours=hours)


STAGES = (
    Stage(_("业务受理"), "done", started_at=START, stopped_at=_after(1), used_days=1, limit_days=1),
    Stage(_("供电方案答复"), "late", started_at=_after(1), stopped_at=_after(10), used_days=7, limit_days=5),
    Stage(_("设计审查"), "waiting", owner="customer", started_at=_after(10), limit_days=3, attempts=2),
    Stage(_("竣工检验"), "current", started_at=_after(14), due_date=date(2026, 12, 10), used_days=1, limit_days=3),
    Stage(
        _("装表接电"), "overdue", started_at=_after(16), due_date=date(2027, 1, 6), is_provisional=True, limit_days=2
    ),
    Stage(_("合同签订"), "future"),
)
WAITS = (
    Wait("customer", _("补齐申请资料"), START, _after(2), days=2),
    Wait("agency", _("等待道路挖掘许可"), _after(9), None, days=3, url="#"),
)
CLOCK = Clock(
    utility_days=6,
    limit_days=11,
    customer_days=2,
    agency_days=3,
    whole_days=11,
    owner="utility",
    lamp="on_track",
    due_date=date(2026, 12, 8),
    due_ordinal=11,
    waits=WAITS,
    calendar=packaged_calendar().explain(date(2026, 11, 23), 11),
    calendar_version=packaged_calendar().version,
    clause=_("示例条款"),
    as_of=_after(12),
)
CLOCKS = (
    CLOCK,
    replace(
        CLOCK,
        utility_days=8,
        owner="customer",
        lamp="waiting",
        due_date=date(2027, 1, 7),
        due_ordinal=9,
        is_provisional=True,
        waits=(),
        calendar=packaged_calendar().explain(date(2026, 12, 24), 9),
    ),
    Clock(utility_days=13, limit_days=11, force_majeure_days=1, whole_days=19, lamp="overdue"),
    Clock(utility_days=0, owner="utility"),
)
TIMELINE = (
    TimelineEntry(
        5,
        _("更正了受理时间"),
        _("客户经理"),
        _after(3),
        _("工作台"),
        corrects=3,
        event_hash=HASH,
        detail=_("录入有误，附营业厅叫号记录。"),
    ),
    TimelineEntry(
        3, _("受理申请"), _("营业厅受理员"), _after(1), _("营业厅"), event_hash=HASH[::-1], url="#", corrected_by=5
    ),
    TimelineEntry(
        1,
        _("提交用电申请"),
        _("用电申请人"),
        START,
        _("网上"),
        occurred_at=START - timedelta(hours=20),
        event_hash=HASH,
    ),
)


@dataclass(frozen=True)
class SampleRow:
    number: str
    firm: Words
    capacity_kva: int
    due_date: date | None
    colour: LampColour


class SampleFilters(Filters):
    lamp = forms.ChoiceField(
        label=_("灯"), required=False, choices=[("", _("全部")), ("on_track", _("正常")), ("overdue", _("超期"))]
    )
    until = forms.DateField(label=_("最晚办结日不晚于"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


class SampleTable(Table):
    caption = _("在办案件")
    default_sort = "capacity_kva"
    columns = (
        Column("number", _("编号"), order_by=("number",), kind="code", url=lambda row: f"#{row.number}"),
        Column("firm", _("单位")),
        Column("capacity_kva", _("容量（千伏安）"), order_by=("capacity_kva",), kind="number"),
        Column("due_date", _("最晚办结日"), kind="day"),
        Column("colour", _("灯"), kind="lamp"),
    )
    empty_text = _("换一个筛选条件，或清除筛选。")


def rows() -> list[SampleRow]:
    """Make 60 rows: three pages."""
    colours: tuple[LampColour, ...] = ("on_track", "due_soon", "overdue", "waiting")
    return [
        SampleRow(
            number=f"370102-2026-{serial:05d}",
            firm=_("示例企业"),
            capacity_kva=200 + 15 * serial,
            due_date=date(2026, 11, 24) + timedelta(days=serial % 20) if serial % 7 else None,
            colour=colours[serial % 4],
        )
        for serial in range(1, 61)
    ]


def everything() -> dict[str, Any]:
    """Give the template one value of every component and state."""
    return {
        "stages": STAGES,
        "clocks": CLOCKS,
        "timeline": TIMELINE,
        "changes": CHANGES,
        "due": date(2026, 12, 8),
        "figures": (
            Figure(11, _("平均用时"), _("个工作日"), url="#"),
            Figure("98.2%", _("按时率"), note=_("环节和总时限都按时才算")),
            Figure("—", _("尚无数据")),
        ),
        "summary": (
            SummaryRow(_("单位名称"), _("示例企业"), "#"),
            SummaryRow(_("申请容量"), "630 kVA", "#", note=_("按变压器容量")),
            SummaryRow(_("用户分类"), _("10千伏单电源用户")),
        ),
        "to_do": (
            Task(_("您是谁"), "done", "#"),
            Task(_("用电地址"), "started", "#", hint=_("还差房产证明")),
            Task(_("用电设备"), "todo", "#"),
            Task(_("上传资料"), "error", "#"),
            Task(_("核对并提交"), "blocked"),
        ),
        "tabs": (
            Tab(_("在办"), "#a", is_current=True, count=12),
            Tab(_("已办结"), "#b", count=0),
            Tab(_("全部"), "#c"),
        ),
    }
