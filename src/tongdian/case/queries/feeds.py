"""Read cases, deadlines and events page by page, for other systems: in an order that loses and repeats nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet

from tongdian.case.models import Case, Deadline, Event, Leaf
from tongdian.case.queries.cases import cases_for
from tongdian.people.models import User


@dataclass(frozen=True)
class EventPage:
    """Sealed events after a place in the log, and the place to go on from: also past events out of reach."""

    leaves: list[Leaf]
    next_index: int
    has_more: bool


def case_feed(
    user: User | AnonymousUser,
    *,
    permission: str,
    columns: Mapping[str, Any],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Case]:
    """Return up to `limit` cases in reach in the order in which they were opened, from after a place.

    columns: values of the case's columns, in Django's look-up words. Causes one query besides the grants.
    """
    rows = cases_for(user, permission).filter(**columns)
    if after is not None:
        opened_at, case_id = after
        rows = rows.filter(Q(opened_at__gt=opened_at) | Q(opened_at=opened_at, pk__gt=case_id))
    return list(rows.select_related("utility").order_by("opened_at", "pk")[:limit])


def due_feed(
    user: User | AnonymousUser,
    *,
    permission: str,
    columns: Mapping[str, Any],
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Case]:
    """Return up to `limit` open cases in reach whose clock runs towards a deadline, the nearest first.

    Causes one query besides the grants.
    """
    rows = cases_for(user, permission).filter(closed_at=None, next_due_date__isnull=False, **columns)
    if after is not None:
        due, case_id = after
        rows = rows.filter(Q(next_due_date__gt=due) | Q(next_due_date=due, pk__gt=case_id))
    return list(rows.select_related("utility").order_by("next_due_date", "pk")[:limit])


def event_feed(user: User | AnonymousUser, *, permission: str, after: int, limit: int) -> EventPage:
    """Return up to `limit` sealed events of cases in reach, from after an index of the log (-1: from the beginning).

    The order is that of the signed tree: an event appears once it is sealed, and nothing is ever put in before it.
    Causes two queries besides the grants.
    """
    newest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    reached = cases_for(user, permission).values("pk")
    rows = (
        Leaf.objects.filter(index__gt=after, index__lte=-1 if newest is None else newest, event__case__in=reached)
        .select_related("event", "event__case", "event__organisation")
        .order_by("index")
    )
    leaves = list(rows[: limit + 1])
    has_more = len(leaves) > limit
    leaves = leaves[:limit]
    end = leaves[-1].index if has_more else max(after, -1 if newest is None else newest)
    return EventPage(leaves, end, has_more)


def events_of(case: Case) -> QuerySet[Event]:
    """Return the events of a case in order, with the index of each in the log where it is sealed. One query."""
    wanted = Event.objects.filter(case=case).select_related("organisation")
    return wanted.annotate(log_index=F("leaf__index")).order_by("seq")


def deadlines_of(case: Case) -> list[Deadline]:
    """Return every version of every deadline of a case, in order. Causes one query."""
    return list(Deadline.objects.filter(case=case).order_by("started_at", "stage", "instance", "revision"))
