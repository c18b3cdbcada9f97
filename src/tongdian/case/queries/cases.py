"""Read cases: one in reach, what changed since a version, the queue."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypedDict, Unpack
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from tongdian.case import rules
from tongdian.case.models import Case, Event
from tongdian.case.queries.search import closeness, is_broad, matching
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.models import Organisation, User
from tongdian.people.queries import scope

Whose = Literal["mine", "team", "unassigned"]
# The columns in which a case has a manager.
MANAGERS = ("assignee", "project_manager")
# The least time left first, those without a deadline last; the key settles ties, so that pages never overlap.
BY_TIME_LEFT = ("next_due_date", "opened_at", "pk")


@dataclass(frozen=True)
class ChangeSince:
    """One event somebody else recorded since a version; `actor` None is the system."""

    seq: int
    kind: str
    actor: User | None
    role: str
    organisation: Organisation | None
    recorded_at: datetime


def changes_since(case: Case, version: int) -> list[ChangeSince]:
    """List the events recorded after a version, oldest first. Causes one query."""
    events = Event.objects.filter(case=case, seq__gt=version).select_related("actor", "organisation").order_by("seq")
    return [
        ChangeSince(each.seq, each.kind, each.actor, each.role, each.organisation, each.recorded_at) for each in events
    ]


def cases_for(user: User | AnonymousUser, permission: str) -> QuerySet[Case]:
    """Return the cases a user reaches under a permission: none unless a grant or ownership says so."""
    return scope(user, permission).filter(
        Case.objects.all(), county="county_code", utility="utility", case="id", owner="applicant"
    )


def case_for(user: User | AnonymousUser, permission: str, case_id: UUID) -> Case:
    """Return one case with its utility, managers and applicant loaded.

    Raises Case.DoesNotExist when there is none or it is out of the user's reach: the two look alike from outside.
    """
    return (
        cases_for(user, permission)
        .select_related("utility", "assignee", "project_manager", "applicant")
        .get(pk=case_id)
    )


class Columns(TypedDict, total=False):
    """What a case can be chosen by as it stands in its row; an empty value chooses nothing."""

    kind: str
    status: str
    customer_class: str
    waiting_for: str
    utility: Organisation | None


def queue(
    user: User | AnonymousUser,
    *,
    permission: str = "case.view",
    today: date | None = None,
    calendar: WorkingCalendar | None = None,
    is_open: bool | None = True,
    stage: str = "",
    county_code: str = "",
    lamp: rules.Lamp | None = None,
    manager: User | int | None = None,
    whose: Whose | None = None,
    opened_from: date | None = None,
    opened_until: date | None = None,
    text: str = "",
    **columns: Unpack[Columns],
) -> QuerySet[Case]:
    """Return the cases in reach, the one with the least time left first, with the people who manage them loaded.

    is_open: None takes closed cases too. stage: the running one. county_code: a division and everything below it. lamp:
    needs `today` and `calendar`. manager: in either role. whose: the user's own, those of the user's organisation,
    those without an account manager. opened_from, opened_until: days, both included. text: see `search.matching`; then
    the nearest come first. A page of it costs one query, its count another.

    Raises ValueError when a lamp is asked for without day and calendar.
    """
    equal = {"next_stage": stage, **columns}
    rows = cases_for(user, permission).filter(**{name: value for name, value in equal.items() if value})
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    if county_code:
        rows = rows.filter(county_code__startswith=_prefix(county_code))
    if lamp:
        rows = rows.filter(_lit(lamp, today, calendar))
    if manager:
        rows = rows.filter(managed_by(manager))
    if whose:
        rows = rows.filter(_of(whose, user))
    rows = rows.filter(_opened(opened_from, opened_until)).select_related(*MANAGERS)
    if not text:
        return rows.order_by(*BY_TIME_LEFT)
    sees_names = scope(user, "case.personal").is_allowed
    found = rows.filter(matching(text, named=cases_for(user, "case.personal") if sees_names else None))
    nearest = () if is_broad(text) else (closeness(text),)
    return found.order_by(*nearest, *BY_TIME_LEFT)


def managed_by(manager: User | int) -> Q:
    """Return the condition for the cases somebody manages, in either role."""
    condition = Q()
    for column in MANAGERS:
        condition |= Q(**{column: manager})
    return condition


def _of(whose: Whose, user: User | AnonymousUser) -> Q:
    if not isinstance(user, User):
        return Q(pk__in=[])
    if whose == "mine":
        return managed_by(user)
    if whose == "unassigned":
        return Q(assignee=None)
    return Q(assignee__organisation=user.organisation_id) if user.organisation_id else Q(pk__in=[])


def _opened(from_date: date | None, until_date: date | None) -> Q:
    condition = Q()
    if from_date:
        condition &= Q(opened_at__gte=_midnight(from_date))
    if until_date:
        condition &= Q(opened_at__lt=_midnight(until_date + timedelta(days=1)))
    return condition


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))


def _prefix(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")


def _lit(lamp: rules.Lamp, today: date | None, calendar: WorkingCalendar | None) -> Q:
    """Return what `rules.lamp` decides, as a condition."""
    if today is None or calendar is None:
        raise ValueError("the lamp depends on the day: pass today and calendar")
    if lamp == "waiting":
        return Q(next_due_date=None) & ~Q(waiting_for__in=["utility", "closed"])
    if lamp == "overdue":
        return Q(next_due_date__lt=today)
    soon = rules.due_soon_until(today, calendar)
    if lamp == "due_soon":
        return Q(next_due_date__range=(today, soon))
    return Q(next_due_date__gt=soon) | Q(next_due_date=None, waiting_for="utility")
