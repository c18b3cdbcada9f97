"""Read visits at the counter, and the drafts and cases of the customer who is there."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tongdian.case.models import Case
from tongdian.connection.models import CounterVisit
from tongdian.people.models import User


def open_visits(clerk: User, *, now: datetime) -> list[CounterVisit]:
    """List the visits a clerk has open, the latest first, with the customer loaded. Causes one query."""
    visits = CounterVisit.objects.filter(clerk=clerk, closes_at__gt=now).select_related("customer", "organisation")
    return list(visits.order_by("-opened_at", "pk"))


def open_visit_of(clerk: User, visit_id: UUID, *, now: datetime) -> CounterVisit:
    """Return one open visit of a clerk, with the customer loaded.

    Raises CounterVisit.DoesNotExist when there is none, it is a colleague's, or it is closed.
    """
    visits = CounterVisit.objects.select_related("customer", "organisation")
    return visits.get(pk=visit_id, clerk=clerk, closes_at__gt=now)


def phoneless_applicant(number: str, *, utility_id: int) -> User | None:
    """Return who applied for a case of a utility without a phone; None when there is no such case or they have one."""
    found = Case.objects.select_related("applicant").filter(
        number=number, utility=utility_id, applicant__phone_lookup=None
    )
    case = found.first()
    return case.applicant if case else None


def cases_at(visit: CounterVisit) -> QuerySet[Case]:
    """Return the customer's cases with the utility the counter belongs to, the latest first."""
    own = Case.objects.filter(kind="connection", applicant=visit.customer_id, utility=visit.organisation.top_id)
    return own.select_related("utility", "assignee", "project_manager", "applicant").order_by("-opened_at", "pk")
