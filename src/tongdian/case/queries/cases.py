"""Read cases: one in reach, what changed since a version, the queue, the search."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from tongdian.case import rules
from tongdian.case.models import Case, CaseTerms, Event, FirmTerms, Party
from tongdian.case.terms import wanted_terms
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.kernel.identifiers import InvalidIdentifier, parse_case_number
from tongdian.people.models import Organisation, User
from tongdian.people.queries import scope

IDENTIFIER_CHARACTERS = 15


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
    """Return one case with its utility, assignee and applicant loaded.

    Raises Case.DoesNotExist when there is none or it is out of the user's reach: the two look alike from outside.
    """
    return cases_for(user, permission).select_related("utility", "assignee", "applicant").get(pk=case_id)


def queue(
    user: User | AnonymousUser,
    *,
    permission: str = "case.view",
    today: date | None = None,
    calendar: WorkingCalendar | None = None,
    is_open: bool | None = True,
    kind: str = "",
    status: str = "",
    stage: str = "",
    county_code: str = "",
    utility: Organisation | None = None,
    customer_class: str = "",
    waiting_for: str = "",
    lamp: rules.Lamp | None = None,
    assignee: User | None = None,
    text: str = "",
) -> QuerySet[Case]:
    """Return the cases in reach, the one with the least time left first, with utility and assignee loaded.

    is_open: None takes closed cases too. county_code: a division and everything below it. lamp: needs `today` and
    `calendar`. text: see `matching`. A page of it costs one query, its count another.

    Raises ValueError when a lamp is asked for without day and calendar.
    """
    columns = {
        "kind": kind,
        "status": status,
        "next_stage": stage,
        "customer_class": customer_class,
        "waiting_for": waiting_for,
        "utility": utility,
        "assignee": assignee,
    }
    rows = cases_for(user, permission).filter(**{name: value for name, value in columns.items() if value})
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    if county_code:
        rows = rows.filter(county_code__startswith=_prefix(county_code))
    if lamp:
        rows = rows.filter(_lit(lamp, today, calendar))
    if text:
        sees_names = scope(user, "case.personal").is_allowed
        rows = rows.filter(matching(text, named=cases_for(user, "case.personal") if sees_names else None))
    return rows.select_related("utility", "assignee").order_by("next_due_date", "opened_at", "pk")


def matching(text: str, *, named: QuerySet[Case] | None = None) -> Q:
    """Return the condition for cases a text finds.

    A case number (or its end) finds its case; every word of another text must be in the title or address, as
    characters or pinyin. `named` are the cases whose parties the reader may see: among them a text also finds firms by
    parts of their name, and anybody by the exact name, identity number or phone.
    """
    if number := _number(text):
        return Q(number=number)
    wanted = wanted_terms(text)
    if not wanted:
        return Q(pk__in=[])
    # A union of index look-ups: conditions joined by OR would make the planner test every case in reach.
    found: list[QuerySet[Any, Any]] = [CaseTerms.objects.filter(terms__contains=wanted).values("case")]
    if text.strip().replace("-", "").isdigit():
        ending = Q(number__endswith=text.strip()) | Q(number__contains=f"-{text.strip()}-")
        found.append(Case.objects.filter(ending).values("pk"))
    if named is not None:
        reached = named.values("pk")
        found.append(FirmTerms.objects.filter(terms__contains=wanted, case__in=reached).values("case"))
        found.append(_parties(text).filter(case__in=reached).values("case"))
    return Q(pk__in=found[0].union(*found[1:], all=True))


def _number(text: str) -> str | None:
    try:
        return parse_case_number(text).text
    except InvalidIdentifier:
        return None


def _parties(text: str) -> QuerySet[Party]:
    exact = text.strip()
    condition = Q(name_lookup=exact)
    if len(exact) >= IDENTIFIER_CHARACTERS:
        condition |= Q(id_number_lookup=exact.upper())
    elif len(exact) == 11 and exact.isdigit() and exact.startswith("1"):
        condition |= Q(phone_lookup=exact)
    return Party.objects.filter(condition)


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
