"""The peer of the alert sweep: one case after the other, with a query for whatever it needs to know."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongdian.case.models import Case
    from tongdian.oversight.models import Reminder
    from tongdian.oversight.rules import AlertRule, Step


def remind(case: "Case", *, as_of: datetime) -> "list[Reminder]":
    """Return the reminders of one case, got or created one by one."""
    from tongdian.case.queries import calendar
    from tongdian.case.queries.clock import local_date
    from tongdian.oversight import rules
    from tongdian.oversight.models import Reminder, Sweep
    from tongdian.oversight.queries import book

    today = local_date(as_of)
    sweep = Sweep.objects.order_by("id").first()
    found = []
    for rule in book.alert_rules(today):
        for version, measured in _found(case, rule, as_of):
            told: dict[int, tuple[int, str]] = {}
            for window in rules.windows(rule, today=today, calendar=calendar()):
                if (window.first is None or window.first <= measured) and measured <= window.last:
                    for user, audience in _people(case, rule, window.step):
                        told[user] = (window.step.number, audience)
            for user, (step, audience) in told.items():
                reminder, _ = Reminder.objects.get_or_create(
                    case=case, rule=rule.name, recipient_id=user, step=step, **version,
                    defaults={
                        "audience": audience, "due_date": case.next_due_date, "is_immediate": False, "is_news": False,
                        "sweep": sweep, "raised_at": as_of,
                    },
                )  # fmt: skip
                found.append(reminder)
    return found


def _found(case: "Case", rule: "AlertRule", as_of: datetime) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the version and the day that decides, for each occasion the rule finds in the case."""
    from tongdian.case.models import Deadline, Event
    from tongdian.case.queries.clock import local_date
    from tongdian.oversight.queries import book
    from tongdian.oversight.rules import Condition

    if rule.condition in {Condition.DUE, Condition.OVERDUE}:
        deadline = Deadline.objects.filter(case=case, stage=case.next_stage, superseded_at=None).last()
        if deadline and case.next_due_date:
            version = {"stage": deadline.stage, "instance": deadline.instance, "revision": deadline.revision}
            yield version | {"event_seq": 0}, deadline.due_date
        return
    events = Event.objects.filter(case=case, kind__in=[*rule.events, *rule.settled_by]).order_by("seq")
    if rule.condition is Condition.EVENT:
        hours = book.news_hours(local_date(as_of))
        chosen = [each for each in events if (as_of - each.recorded_at).total_seconds() <= hours * 3600]
    else:
        latest = events.last()
        chosen = [latest] if latest and latest.kind in rule.events else []
    for event in chosen:
        if not (rule.is_for_unassigned and case.assignee_id):
            yield {"stage": "", "instance": 0, "revision": 0, "event_seq": event.seq}, local_date(event.recorded_at)


def _people(case: "Case", rule: "AlertRule", step: "Step") -> Iterator[tuple[int, str]]:
    from tongdian.people.models import Grant, User
    from tongdian.people.queries import in_force
    from tongdian.people.rules import UTILITY_ROLES, Role, Territory

    for audience in step.audiences:
        if audience == "applicant":
            if case.applicant_id:
                yield case.applicant_id, audience
            continue
        if audience == "assignee" and case.assignee_id and User.objects.get(pk=case.assignee_id).is_active:
            yield case.assignee_id, audience
            continue
        if audience == "assignee" and rule.is_news:
            continue
        role = "account_manager" if audience == "assignee" else audience
        for grant in in_force(Grant.objects.filter(role=role)):
            if not Territory(grant.territory_code).covers(case.county_code):
                continue
            if Role(role) not in UTILITY_ROLES or (grant.organisation and grant.organisation.top_id == case.utility_id):
                yield grant.user_id, role
