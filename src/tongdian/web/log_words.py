"""The words of the log report, Chinese and English, and what each figure counts.

They stand here and not in the message catalogues: the command judges a file without settings or a database.
"""

from collections.abc import Callable, Mapping

Words = Callable[[str], str]

WORDS: Mapping[str, tuple[str, str]] = {
    "heading": ("事件日志审核报告", "Report on an event log"),
    "summary": ("概要", "Summary"),
    "log": ("日志", "Log"),
    "mapping": ("映射", "Mapping"),
    "citation": ("数据来源", "Source of the log"),
    "as_of": ("判定时刻", "As of"),
    "calendar": ("日历", "Calendar"),
    "national": ("国家节假日日历", "national calendar of China"),
    "weekdays_only": ("仅周一至周五", "Monday to Friday"),
    "calendar_days": ("自然日", "every calendar day"),
    "zone": ("时区", "Time zone"),
    "due_counts": ("期限算到", "A due time counts"),
    "instant": ("该时刻为止", "to the moment"),
    "end_of_day": ("当日结束为止", "to the end of its day"),
    "limit": ("期限（日）", "Limit (days)"),
    "figure": ("指标", "Figure"),
    "number": ("件数", "Cases"),
    "events": ("事件数", "Events"),
    "definition": ("口径", "Definition"),
    "rate": ("比率", "Rate"),
    "share": ("值", "Value"),
    "fraction": ("分子 / 分母", "Numerator / denominator"),
    "rates": ("按期率", "Share on time"),
    "months": ("按月", "By month"),
    "month": ("月份", "Month"),
    "due_in_month": ("当月到期", "Due in month"),
    "closed_in_month": ("当月办结", "Closed in month"),
    "on_time": ("按期", "On time"),
    "share_due": ("按期率（按到期月）", "On time of those due"),
    "share_closed": ("按期率（按办结月）", "On time of those closed"),
    "durations": ("时长", "Durations"),
    "stage": ("阶段", "Stage"),
    "whole_case": ("全案（开始至办结）", "Whole case (start to end)"),
    "instances": ("完成次数", "Finished"),
    "open_instances": ("进行中", "Open"),
    "again": ("重复进入", "Entered again"),
    "late_instances": ("超期", "Late"),
    "counted_days": ("计日", "counted days"),
    "elapsed_days": ("历时（24小时为1日）", "elapsed days of 24 h"),
    "mean": ("平均", "mean"),
    "p50": ("中位数", "p50"),
    "p90": ("第90百分位", "p90"),
    "steps": ("步骤", "Steps"),
    "step": ("步骤", "Step"),
    "hours_since": ("距上一步小时数", "hours since the step before"),
    "findings": ("步骤问题", "Findings on steps"),
    "finding": ("问题", "Finding"),
    "out_of_order": ("顺序颠倒", "out of order"),
    "repeated": ("重复", "repeated"),
    "recorded_after": ("事后补录", "recorded after the fact"),
    "cases_sheet": ("案件", "Cases"),
    "case": ("案件", "Case"),
    "start": ("开始", "Start"),
    "due": ("期限", "Due"),
    "end": ("办结", "End"),
    "planned": ("计划办结", "Planned end"),
    "time": ("时间", "Time"),
    "recorded": ("记录时间", "Recorded"),
    "row": ("行号", "Row"),
    "evidence": ("依据", "Evidence"),
    "evidence_note": (
        "每个数字背后的案件见下；完整清单见工作簿。",
        "The cases behind each number follow; the workbook has the complete lists.",
    ),
    "bad_rows": ("问题行", "Rows with problems"),
    "bad_rows_none": ("没有问题行。", "Every row could be used."),
    "column": ("列", "Column"),
    "value": ("内容", "Value"),
    "reason": ("原因", "Reason"),
    "is_dropped": ("整行未采用", "Event left out"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "rows_read": ("读取行数", "Rows read"),
    "rows_dropped": ("未采用行数", "Rows left out"),
    "unknown_activities": ("映射中有而日志中没有的步骤", "Steps the mapping names and the log never has"),
    "not_judged": ("映射未要求审核", "Not judged (the mapping names nothing for it)"),
    "provenance": ("出处与版本", "Provenance and versions"),
    "log_digest": ("日志 SHA-256", "SHA-256 of the log"),
    "mapping_digest": ("映射 SHA-256", "SHA-256 of the mapping"),
    "calendar_digest": ("日历 SHA-256", "SHA-256 of the calendar"),
    "versions": ("版本", "Versions"),
    "made_at": ("生成时间", "Made at"),
    "percentile_note": (
        "百分位按线性插值；计日自开始次日起，至结束当日止；开始晚于办结的案件不计入时长，另行列出。",
        "Percentiles by linear interpolation; days are counted from the day after the start to the day of the end; "
        "cases that end before they start are left out of the durations and listed.",
    ),
    "more": ("其余 {n} 件见工作簿", "{n} more in the workbook"),
    "none": ("无", "none"),
    "written": ("已写入", "Written"),
    "empty": ("空", "empty"),
    "not_a_time": ("不是时间", "not a time"),
    "year_out_of_range": ("年份超出 1900–2199", "the year lies outside 1900–2199"),
    "too_many_cells": ("单元格多于表头", "more cells than the header has"),
    "differs_within_case": ("与同案首个值不同，采用首个值", "differs from the first value of the case, which is used"),
}

# Name of a figure -> its label and what exactly it counts.
FIGURES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "cases": (("案件", "cases"), ("日志中至少有一条可用事件的案件", "cases with at least one usable event")),
    "closed": (("办结", "closed"), ("判定时刻前已办结", "with an end by the moment of judging")),
    "closed_with_due": (
        ("办结且有期限", "closed, with a due time"),
        ("已办结且有期限", "closed cases that have a due time"),
    ),
    "closed_on_time": (("按期办结", "closed on time"), ("办结不晚于期限", "closed no later than due")),
    "late": (("超期办结", "closed late"), ("办结晚于期限", "closed after due")),
    "open": (("未办结", "open"), ("判定时刻尚未办结", "without an end at the moment of judging")),
    "open_overdue": (
        ("逾期未办结", "open and overdue"),
        ("未办结且期限早于判定时刻", "open, and due before the moment of judging"),
    ),
    "open_in_time": (
        ("期限内未办结", "open, not yet due"),
        ("未办结且期限不早于判定时刻", "open, and not due before the moment of judging"),
    ),
    "without_due": (("无期限", "without a due time"), ("不计入任何按期率", "in none of the rates")),
    "end_before_start": (
        ("办结早于开始", "ended before it began"),
        ("办结时间早于开始时间，不计入时长", "the end lies before the start; not in the durations"),
    ),
    "end_after_planned": (("晚于计划", "later than planned"), ("办结晚于计划办结时间", "closed after the planned end")),
    "cases_out_of_order": (
        ("有步骤顺序颠倒", "with a step out of order"),
        ("某步骤首次出现晚于同链后续步骤的首次出现", "a step first occurs after a later one of its chain"),
    ),
    "cases_repeated": (
        ("有步骤重复", "with a repeated step"),
        ("同一步骤在同一案件中出现两次以上", "a step occurs more than once in the case"),
    ),
    "cases_recorded_after": (
        ("有事后补录", "with a record made after the fact"),
        ("记录日比所称发生日晚出阈值以上的计日", "recorded more counted days after the claimed day than the threshold"),
    ),
    "required_missing": (
        ("缺少必经步骤", "without a required step"),
        ("已办结但缺少至少一个必经步骤", "closed without at least one required step"),
    ),
    "off_path": (
        ("偏离规定路径", "off the allowed paths"),
        ("出现任何规定路径都不允许的先后关系", "has a succession of steps that no allowed path has"),
    ),
}

RATES: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "on_time_of_closed": (
        ("按期率（仅已办结）", "On time, of closed cases"),
        ("按期办结 ÷ 有期限的办结案件", "closed on time ÷ closed cases with a due time"),
    ),
    "on_time_with_overdue": (
        ("按期率（计入逾期未办结）", "On time, open overdue cases counted"),
        (
            "按期办结 ÷（有期限的办结案件 + 逾期未办结）",
            "closed on time ÷ (closed cases with a due time + open overdue)",
        ),
    ),
}


def words(language: str) -> Words:
    """Return the look-up of one language, "zh" or "en". Raises: KeyError for a word that is not there."""
    place = ("zh", "en").index(language)
    return lambda word: WORDS[word][place]


def label(table: Mapping[str, tuple[tuple[str, str], tuple[str, str]]], name: str, language: str) -> tuple[str, str]:
    """Return the label and the definition of a figure or rate in one language."""
    place = ("zh", "en").index(language)
    title, definition = table[name]
    return title[place], definition[place]
