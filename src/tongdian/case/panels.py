"""Turns a clock reading and a timeline into what the pages of every kind of case show."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tongdian.case import kinds, rules
from tongdian.case.models import Case, Event
from tongdian.case.queries.calendar import calendar_of
from tongdian.case.queries.clock import TOTAL, Standard, local_date
from tongdian.engine.clock import Reading, Span, StageInstance, explain
from tongdian.kernel.calendar import DayStep, WorkingCalendar
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.queries import full_names
from tongdian.people.rules import Role
from tongdian.policy import NoRuling, current_book
from tongdian.ui import formats
from tongdian.ui.components import Clock, Stage, StageState, TimelineEntry, Wait, Words

CHANNELS: dict[str, Words] = {
    "web": gettext_lazy("网上"),
    "counter": gettext_lazy("营业厅"),
    "desk": gettext_lazy("工作台"),
    "system": gettext_lazy("系统"),
    "import": gettext_lazy("系统导入"),
}


def stage_bar(case: Case, standard: Standard, reading: Reading) -> list[Stage]:
    """Return the stages of a case in order, with the running or last instance of each."""
    titles = kinds.get(case.kind).stages
    return [
        replace(
            _stage(titles[rule.id], rule.id, reading, standard.limits.get(rule.id)),
            limit_url=_rule_url(standard, rule.id),
            is_calendar=_counts_calendar_days(standard),
        )
        for rule in standard.definition.stages
    ]


def _stage(title: object, stage_id: str, reading: Reading, limit: int | None) -> Stage:
    instance = reading.current(stage_id)
    if instance is None:
        return Stage(title=str(title), state="future", limit_days=limit)
    return Stage(
        title=str(title),
        state=_state(instance),
        owner="utility",
        started_at=instance.started_at,
        stopped_at=instance.stopped_at,
        due_date=instance.due.date if instance.due else None,
        is_provisional=bool(instance.due and instance.due.is_provisional),
        used_days=instance.used_days,
        limit_days=instance.limit_days,
        attempts=reading.attempts(stage_id),
    )


def _state(instance: StageInstance) -> StageState:
    if instance.stopped_at is None:
        if instance.is_held:
            return "waiting"
        return "overdue" if instance.verdict == "late" else "current"
    return "late" if instance.verdict == "late" else "done"


def clock_panel(case: Case, standard: Standard, reading: Reading, *, today: date) -> Clock:
    """Return the clock of a case: days by owner, every wait with its reason, the next deadline and its working."""
    known = calendar_of(reading.calendar_version)
    due = reading.next_due
    instance = _due_instance(reading)
    cited = instance.stage if instance else TOTAL
    return Clock(
        utility_days=reading.utility_days,
        limit_days=reading.total_limit_days,
        customer_days=reading.customer_days,
        agency_days=reading.agency_days,
        force_majeure_days=reading.force_majeure_days,
        whole_days=reading.whole_days,
        owner=reading.waiting_for if reading.waiting_for in _OWNERS else None,  # type: ignore[arg-type]
        lamp=rules.lamp(
            waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=known
        ),
        due_date=due.date if due else None,
        due_ordinal=instance.limit_days if instance else None,
        is_provisional=due.is_provisional if due else reading.is_provisional,
        waits=[_wait(case, span) for span in reading.gaps if span.owner in _OWNERS],
        calendar=_calendar_days(reading, instance, known),
        calendar_version=reading.calendar_version[:12],
        clause=_clause(standard, cited),
        as_of=reading.as_of,
        limit_url=_rule_url(standard, TOTAL),
        clause_url=_rule_url(standard, cited),
        is_calendar=_counts_calendar_days(standard),
    )


def _counts_calendar_days(standard: Standard) -> bool:
    return standard.definition.counting.unit == "calendar_day"


_OWNERS = frozenset({"utility", "customer", "agency", "force_majeure"})


def _due_instance(reading: Reading) -> StageInstance | None:
    due = reading.next_due
    if due is None:
        return None
    return next(each for each in reading.stages if (each.stage, each.number) == (due.stage, due.number))


def _calendar_days(reading: Reading, instance: StageInstance | None, known: WorkingCalendar) -> list[DayStep]:
    """Return the deadline's working day by day; a day held by somebody else is shown as paused."""
    if instance is None:
        return []
    return [
        DayStep(
            date=line.date,
            is_working=line.is_working,
            ordinal=line.ordinal,
            holiday=_("暂停") if line.held_by else line.holiday,
            holiday_en=_("暂停") if line.held_by else line.holiday_en,
            notice=line.notice,
            is_provisional=line.is_provisional,
        )
        for line in explain(reading, instance, known)
    ]


def _clause(standard: Standard, stage: str) -> str:
    ruling = standard.clauses.get(stage)
    return ruling.clause.in_language(get_language() or "zh") if ruling else ""


def _rule_url(standard: Standard, stage: str) -> str:
    """Lead from a limit to its rule, with clause, certainty and history."""
    ruling = standard.clauses.get(stage)
    return reverse("policy_rule", args=[ruling.id]) if ruling else ""


def _wait(case: Case, span: Span) -> Wait:
    return Wait(
        owner=span.owner,  # type: ignore[arg-type]
        reason=_reason(case, span.label),
        url=_reason_rule(case, span.label),
        started_at=span.started_at,
        stopped_at=span.stopped_at,
        days=span.days,
    )


def _reason(case: Case, label: str) -> str:
    """Name a gap or a pause in the words of the book; a label the book does not know is shown as it is."""
    language = get_language() or "zh"
    on = case.judged_date or local_date(case.opened_at)
    book, prefix = current_book(), kinds.get(case.kind).policy_prefix
    try:
        return book.entry(f"{prefix}.pause_reason.{label}").title.in_language(language)
    except NoRuling:
        pass
    if label == "waiting":
        return _("补充资料")
    titles = {
        str(gap["id"]): gap["title"] for gap in book.lookup(f"{prefix}.gaps", on=on, place=case.county_code).value
    }
    return str(titles[label]["en" if language.startswith("en") else "zh"]) if label in titles else label


def _reason_rule(case: Case, label: str) -> str:
    """Lead from a pause to the rule that allows its reason; a gap follows from the clock's own definition."""
    rule = f"{kinds.get(case.kind).policy_prefix}.pause_reason.{label}"
    return reverse("policy_rule", args=[rule]) if rule in current_book().entries else ""


def timeline(case: Case, events: Iterable[Event], *, shows_people: bool) -> list[TimelineEntry]:
    """Return the events of a case for reading, newest last; names of staff only where the reader may see them."""
    titles = kinds.get(case.kind).events
    events = list(events)
    lenders = full_names({lender for each in events if (lender := each.facts.get("on_behalf_of_user_id"))})
    corrected = {each.facts.get("corrects_seq"): each.seq for each in events if each.kind == "event.corrected"}
    return [
        TimelineEntry(
            seq=each.seq,
            title=str(titles.get(each.kind) or FRAME_EVENTS.get(each.kind, each.kind)),
            actor=_actor(each, lenders, shows_people=shows_people),
            recorded_at=each.recorded_at,
            channel=CHANNELS.get(each.channel, each.channel),
            occurred_at=each.occurred_at,
            # A remark is written by staff for staff.
            detail=each.facts.get("remark", "") if shows_people and each.kind == "note.added" else "",
            event_hash=bytes(each.hash).hex(),
            url=reverse("verify", args=[bytes(each.hash).hex()]),
            corrects=each.facts.get("corrects_seq"),
            corrected_by=corrected.get(each.seq),
        )
        for each in events
    ]


FRAME_EVENTS: dict[str, Words] = {
    "agent.checked": gettext_lazy("核对代办授权书"),
    "agent.named": gettext_lazy("授权代办人"),
    "agent.released": gettext_lazy("解除代办授权"),
    "assignment.changed": gettext_lazy("变更经办人"),
    "contact.joined": gettext_lazy("计入申请前的接触"),
    "deadline.recomputed": gettext_lazy("重新计算时限"),
    "document.added": gettext_lazy("补充材料"),
    "event.corrected": gettext_lazy("更正"),
    "note.added": gettext_lazy("备注"),
    "party.changed": gettext_lazy("变更当事人信息"),
    "party.erased": gettext_lazy("删除当事人信息"),
}


def _actor(event: Event, lenders: Mapping[int, str], *, shows_people: bool) -> str:
    if event.actor is None:
        return _("系统")
    role = str(ROLE_TITLES[Role(event.role)]) if event.role else ""
    if not shows_people:
        return role or _("工作人员")
    named = f"{role} {event.actor.get_full_name()}".strip()
    if lender := lenders.get(event.facts.get("on_behalf_of_user_id", 0)):
        return _("%(actor)s（代%(lender)s）") % {"actor": named, "lender": lender}
    return named


INSTALLATION_MARKS: dict[str, Words] = {
    "demonstration": gettext_lazy("演示数据，不具有法律效力"),
    "test": gettext_lazy("测试数据，不具有法律效力"),
}


def installation_mark(kind: str) -> str:
    """Say on a paper or an export that its records are not real; "" for a production installation."""
    return str(INSTALLATION_MARKS.get(kind, ""))


def utility_name(case: Case) -> str:
    """Name the utility in the reader's language; in its own where no other is registered."""
    return (formats.is_english() and case.utility.name_en) or case.utility.name


def next_words(case: Case) -> tuple[str, str]:
    """Say what happens next and who acts, in one phrase each; ("", "") for a closed case."""
    who = {
        "utility": _("供电企业"),
        "customer": _("客户"),
        "agency": _("审批部门"),
        "force_majeure": _("暂停（不可抗力）"),
        "closed": "",
    }[str(case.waiting_for)]
    if case.waiting_for == Case.WaitingFor.CLOSED:
        return "", ""
    kind = kinds.get(case.kind)
    stage = kind.stages.get(case.next_stage) if case.waiting_for == Case.WaitingFor.UTILITY else None
    return str(stage or kind.statuses[case.status]), who
