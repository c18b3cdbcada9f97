"""Turn exported cases into tables: one row a case, one a stage, one an event, headings in the reader's language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from tongdian.case import kinds
from tongdian.case.models import Case
from tongdian.case.queries.export_cases import ExportedCase
from tongdian.case.queries.export_logs import case_facts, event_facts, stage_facts
from tongdian.engine.formats.xes import Value
from tongdian.policy.terms import code_words

CASES, STAGES, EVENTS, ABOUT = range(4)
HEADINGS: Mapping[str, object] = {
    "number": _("办件编号"),
    "title": _("单位"),
    "kind": _("办件类型"),
    "customer_class": _("用户类别"),
    "city_code": _("市"),
    "county_code": _("县（市、区）"),
    "zone": _("供电分区"),
    "utility": _("供电企业"),
    "status": _("状态"),
    "waiting_for": _("由谁办"),
    "opened_at": _("提交时间"),
    "accepted_at": _("受理时间"),
    "closed_at": _("办结时间"),
    "judged_date": _("适用规则日期"),
    "next_stage": _("当前环节"),
    "next_due_date": _("最晚日期"),
    "counting_unit": _("计时单位"),
    "verdict": _("时限结论"),
    "total_verdict": _("总时限结论"),
    "total_limit_days": _("总时限"),
    "utility_days": _("供电企业用时"),
    "customer_days": _("客户用时"),
    "agency_days": _("审批部门用时"),
    "force_majeure_days": _("不可抗力"),
    "whole_days": _("全过程用时"),
    "is_provisional": _("暂定日历"),
    "policy_digest": _("规则摘要"),
    "calendar_version": _("日历版本"),
    "version": _("版本"),
    "mark": _("数据性质"),
    "stage": _("环节"),
    "owner": _("时间归属"),
    "started_at": _("开始"),
    "stopped_at": _("结束"),
    "outcome": _("结果"),
    "used_days": _("用时"),
    "limit_days": _("时限"),
    "due_date": _("到期日"),
    "seq": _("序号"),
    "event": _("事件"),
    "at": _("计时时间"),
    "recorded_at": _("记录时间"),
    "claimed_at": _("申报时间"),
    "role": _("角色"),
    "organisation": _("单位代码"),
    "channel": _("渠道"),
    "source_system": _("来源系统"),
    "recorded_kind": _("原记录事件"),
    "corrects_seq": _("更正的事件"),
    "pause_owner": _("暂停归属"),
    "pause_reason": _("暂停原因"),
    "hash": _("事件哈希"),
}
CASE_COLUMNS = (
    *("number", "title", "kind", "customer_class", "city_code", "county_code", "zone", "utility", "status"),
    *("waiting_for", "opened_at", "accepted_at", "closed_at", "judged_date", "next_stage", "next_due_date"),
    *("counting_unit", "verdict", "total_verdict", "total_limit_days", "utility_days", "customer_days"),
    *("agency_days", "force_majeure_days", "whole_days", "is_provisional", "policy_digest", "calendar_version"),
    *("version", "mark"),
)
STAGE_COLUMNS = (
    *("number", "stage", "instance", "owner", "started_at", "stopped_at", "outcome", "verdict", "used_days"),
    *("limit_days", "due_date", "is_provisional"),
)
EVENT_COLUMNS = (
    *("number", "seq", "event", "at", "recorded_at", "claimed_at", "role", "organisation", "channel"),
    *("source_system", "recorded_kind", "corrects_seq", "pause_owner", "pause_reason", "hash"),
)


def headings(columns: Iterable[str]) -> list[str]:
    """Return the headings of columns in the language in use; a column without one keeps its name."""
    return [str(HEADINGS.get(name, name)) for name in columns]


def case_row(exported: ExportedCase, *, mark: str) -> list[Value]:
    """Return a case's row under CASE_COLUMNS, by stable names; the title of an organisation only, never of a person."""
    facts = case_facts(exported) | {
        "number": exported.name,
        "title": exported.case.title if exported.names_firm else None,
        "mark": mark or None,
    }
    return [facts.get(name) for name in CASE_COLUMNS]


def book_rows(exported: ExportedCase, *, mark: str, language: str) -> Iterator[tuple[int, Sequence[Value]]]:
    """Yield a case's rows of a workbook, with the words of its language instead of the codes."""
    say = _Words(exported.case, language)
    row = dict(zip(CASE_COLUMNS, case_row(exported, mark=mark), strict=True))
    yield CASES, [say.word(name, value) for name, value in row.items()]
    for instance in exported.reading.stages if exported.reading else ():
        told = stage_facts(instance) | {"instance": instance.number, "number": exported.name}
        told["due_date"] = instance.due.date if instance.due else None
        yield STAGES, [say.word(name, told.get(name)) for name in STAGE_COLUMNS]
    for event in exported.events:
        told = event_facts(event, exported) | {"number": exported.name}
        yield EVENTS, [say.word(name, told.get(name)) for name in EVENT_COLUMNS]


class _Words:
    """Words of codes: those of the case's kind, then those of the policy book; a code without one stays."""

    def __init__(self, case: Case, language: str) -> None:
        self.kind, self.language = kinds.get(case.kind), language
        self.words: Mapping[str, Mapping[str, object]] = {
            "kind": {case.kind: self.kind.label},
            "status": self.kind.statuses,
            "stage": self.kind.stages,
            "next_stage": self.kind.stages,
            "event": self.kind.events,
            "recorded_kind": self.kind.events,
            "waiting_for": dict(Case.WaitingFor.choices),
            "verdict": VERDICTS,
            "total_verdict": VERDICTS,
            "outcome": OUTCOMES,
        }

    def word(self, column: str, value: Value) -> Value:
        if not isinstance(value, str) or column in {"number", "title", "mark", "hash"}:
            return value
        known = self.words.get(column, {})
        return str(known[value]) if value in known else code_words(value, self.language)


VERDICTS: Mapping[str, object] = {
    "not_started": _("未开始"),
    "running": _("办理中"),
    "on_time": _("按时"),
    "late": _("超时"),
    "withdrawn": _("已撤回"),
    "unclear": _("无法判定"),
    "no_limit": _("无时限"),
}
OUTCOMES: Mapping[str, object] = {
    "open": _("未结束"),
    "passed": _("通过"),
    "failed": _("未通过"),
    "cut": _("提前终止"),
}
