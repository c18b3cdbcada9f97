"""What the guide says in its own words: classes for people, first words of an answer, what was answered."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.connection.apps import STAGES
from tongdian.connection.guidance.classes import ClassGuide
from tongdian.connection.guidance.dates import StageDate
from tongdian.connection.portal.guide_forms import EquipmentForm, GuideForm, Questions, plain
from tongdian.policy import Ruling
from tongdian.ui import formats
from tongdian.ui.components import Figure, SummaryRow, Words

WHAT: Mapping[str, Words] = {
    "lv_no_works": gettext_lazy("表箱和线路都在、容量也够，只需装表：今天申请，明天有电。居民和商铺都可以。"),
    "lv_resident": gettext_lazy("居民家庭用电，供电企业把线接到表箱。"),
    "lv_three_zero": gettext_lazy("商铺、个体户和小微企业：零上门、零审批、零投资，从申请到通电一分钱不花。"),
    "lv_other": gettext_lazy("其他单位的低压用电：手续简单，自家室内外线路由您自己准备。"),
    "hv10_single": gettext_lazy("容量较大、用一路 10 千伏线路供电的工厂、商场、学校等；自己有变压器。"),
    "hv10_dual": gettext_lazy("用两路 10 千伏线路供电，一路停电时另一路顶上，例如医院和重要生产线。"),
    "hv35_single": gettext_lazy("很大的工厂或园区，用一路 35 千伏及以上线路供电。"),
    "hv35_dual": gettext_lazy("很大且不能停电的用户，用两路 35 千伏及以上线路供电。"),
}
FAILED: Mapping[str, Words] = {
    "voltage": gettext_lazy("电压等级不同"),
    "sources": gettext_lazy("电源数量不同"),
    "customer": gettext_lazy("用户类别不同"),
    "within": gettext_lazy("容量超过上限"),
    "needs_works": gettext_lazy("需要配套工程，或要到现场看过才能确定"),
}
URLS = {"who": "guide", "equipment": "guide_equipment", "load": "guide_load"}


def first_words(guide: ClassGuide, dates: tuple[StageDate, ...]) -> list[Figure]:
    """Say first what a small shop asks first: what it costs, by when, what is needed."""
    last = dates[-1]
    waits = "" if guide.is_whole else _("您自己确认、设计和施工的时间不计入")
    provisional = _("放假安排尚未公布，暂定") if last.is_provisional else ""
    free = Figure("0", _("接电费用"), _("元"), _("供电企业投资到电能表"), "#costs")
    charged = Figure(_("见下表"), _("接电费用"), note=_("只收公布的项目，未公布的一律不收"), url="#costs")
    nothing = Figure(_("无"), _("需要您准备的资料"), note=_("证照由我们查询"), url="#papers")
    some = Figure(str(len(guide.papers[0].asked)), _("申请时需要准备的资料"), _("项"), url="#papers")
    due = Figure(formats.short_day(last.due_date), _("今天申请，最晚通电"), note=provisional or waits, url="#dates")
    return [free if guide.is_free else charged, due, nothing if guide.needs_nothing else some]


def dated(dates: tuple[StageDate, ...], guide: ClassGuide) -> list[tuple[Words, StageDate, Ruling]]:
    """Put the title of each stage before its date, and the ruling that limits it behind."""
    limits = {each.stage: each.limit for each in guide.stages}
    return [(STAGES[each.stage], each, limits[each.stage]) for each in dates]


def told_back(asked: Questions, query: str) -> list[SummaryRow]:
    """Show what was answered, each with the page to change it on."""
    equipment = cast("EquipmentForm", asked.forms["equipment"])
    there = [each for each in equipment.ticked() if each.count]
    listed = [f"{formats.in_language(each.appliance.title)} × {each.count}" for each in there]
    ticked = SummaryRow(_("用电设备"), "\n".join(listed) or _("没有勾选"), address(URLS["equipment"], query))
    return [*_rows(asked, "who", query), ticked, *_rows(asked, "load", query)]


def _rows(asked: Questions, name: str, query: str) -> list[SummaryRow]:
    form, url = asked.forms[name], address(URLS[name], query)
    answered = [(field, form.cleaned_data[field]) for field in form.fields]
    return [
        SummaryRow(form.fields[field].label or "", _in_words(form, field, value, asked.on), url)
        for field, value in answered
        if value not in ("", None, [])
    ]


def _in_words(form: GuideForm, field: str, value: Any, on: date) -> str:
    if field == "county":
        return formats.place_name(value, on)
    titles = dict(getattr(form.fields[field], "choices", ()))
    comma = ", " if formats.is_english() else "、"
    values = [plain(each) for each in (value if isinstance(value, list) else [value])]
    return comma.join(str(titles.get(each, each)) for each in values)


def address(url_name: str, query: str) -> str:
    """Return the address of a page with its answers."""
    return f"{reverse(url_name)}?{query}" if query else reverse(url_name)
