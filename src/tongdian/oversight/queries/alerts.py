"""Read what is late or about to be, straight from the clock, within a reader's reach."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from tongdian.case.models import Case
from tongdian.case.queries import alerts, cases_for
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.oversight import rules
from tongdian.oversight.queries import book
from tongdian.oversight.queries.found import rows_of
from tongdian.people.models import Organisation, User

PERMISSION = "alert.view"


@dataclass
class Place:
    """Open cases in one county of one utility, in all and by rule."""

    county_code: str
    utility: Organisation
    open_cases: int
    counts: dict[str, int] = field(default_factory=dict)


def watched_rules(on: date) -> tuple[rules.AlertRule, ...]:
    """Return the rules whose cases somebody in office has to look after: no news, not only the applicant's."""
    return tuple(rule for rule in book.alert_rules(on) if not rule.is_news and _is_told_in_office(rule))


def _is_told_in_office(rule: rules.AlertRule) -> bool:
    return any(set(step.audiences) - {rules.APPLICANT} for step in rule.steps)


def alerted(cases: QuerySet[Case], rule: rules.AlertRule, *, today: date, calendar: WorkingCalendar) -> QuerySet[Case]:
    """Keep the cases a rule finds today, at any of its steps. Raises CalendarEnds as `rules.windows`."""
    windows = rules.windows(rule, today=today, calendar=calendar)
    firsts = [window.first for window in windows]
    first = None if None in firsts else min(each for each in firsts if each is not None)
    return alerts.cases_measured(rows_of(rule), cases, first=first, last=max(window.last for window in windows))


def places(user: User | AnonymousUser) -> list[Place]:
    """List the counties and utilities with open cases in a reader's reach, by code. Causes two queries."""
    totals = _counted(_reached(user))
    utilities = Organisation.objects.in_bulk({utility_id for _, utility_id in totals})
    return [Place(county, utilities[utility], total) for (county, utility), total in sorted(totals.items())]


def by_place(
    user: User | AnonymousUser, watched: Sequence[rules.AlertRule], *, today: date, calendar: WorkingCalendar
) -> list[Place]:
    """Count the open cases in a reader's reach by county, utility and rule, the worst place first.

    Causes one query for each rule and two more.
    """
    found = {(place.county_code, place.utility.pk): place for place in places(user)}
    for rule in watched:
        for where, count in _counted(alerted(_reached(user), rule, today=today, calendar=calendar)).items():
            found[where].counts[rule.name] = count
    return sorted(found.values(), key=lambda each: (-sum(each.counts.values()), each.county_code, each.utility.pk))


def _reached(user: User | AnonymousUser) -> QuerySet[Case]:
    return cases_for(user, PERMISSION).filter(closed_at=None)


def _counted(cases: QuerySet[Case]) -> dict[tuple[str, int], int]:
    rows = cases.order_by().values_list("county_code", "utility_id").annotate(cases=Count("pk"))
    return {(county_code, utility_id): count for county_code, utility_id, count in rows}


def cases_of(
    user: User | AnonymousUser,
    rule: rules.AlertRule,
    *,
    today: date,
    calendar: WorkingCalendar,
    county_code: str = "",
    utility_id: int | None = None,
) -> QuerySet[Case]:
    """Return the cases a rule finds in a reader's reach, the earliest deadline first, with utility and assignee.

    county_code: a division and everything below it.
    """
    reached = _reached(user)
    if county_code:
        reached = reached.filter(county_code__startswith=county_code.removesuffix("00").removesuffix("00"))
    if utility_id:
        reached = reached.filter(utility=utility_id)
    found = alerted(reached, rule, today=today, calendar=calendar)
    return found.select_related("utility", "assignee").order_by("next_due_date", "opened_at", "pk")
