"""Serve a customer at the counter: open and close a visit, within which a clerk writes for the customer."""

from datetime import datetime, timedelta

from django.db import transaction

from tongdian.connection.models import CounterVisit
from tongdian.people.models import Organisation, User
from tongdian.people.operations import person_known_by

# Long enough for the longest form, short enough that nobody writes for a customer who has left.
LASTS = timedelta(hours=2)


class ConsentMissing(ValueError):
    """Neither a code from the customer's phone nor a document that was looked at."""

    def __init__(self) -> None:
        super().__init__("neither phone nor identity of the customer is proven; look at a document or send a code")


class VisitOver(RuntimeError):
    def __init__(self, visit: CounterVisit) -> None:
        super().__init__(f"visit {visit} closed at {visit.closes_at}; open another one with the customer's consent")
        self.visit = visit


def open_visit(
    clerk: User,
    *,
    organisation: Organisation,
    phone: str | None,
    seen: str,
    has_code: bool,
    language: str,
    now: datetime,
    customer: User | None = None,
) -> CounterVisit:
    """Begin to serve a customer, known by phone or without one; their account is created on first use.

    seen: which document of theirs was looked at. has_code: whether they have told the code sent to that phone.
    customer: who has no phone and was here before; None takes the phone.

    Raises ConsentMissing; InvalidPhone.
    """
    if not has_code and seen == CounterVisit.Seen.NONE:
        raise ConsentMissing
    with transaction.atomic():
        return CounterVisit.objects.create(
            clerk=clerk,
            organisation=organisation,
            customer=customer or person_known_by(phone, language=language),
            consent=CounterVisit.Consent.CODE if has_code else CounterVisit.Consent.PRESENT,
            seen=seen,
            opened_at=now,
            closes_at=now + LASTS,
        )


def close_visit(visit: CounterVisit, *, now: datetime) -> CounterVisit:
    """End a visit: the clerk can write nothing more for the customer.

    Raises VisitOver when it was closed or its time was up.
    """
    with transaction.atomic():
        current = CounterVisit.objects.select_for_update().get(pk=visit.pk)
        if current.closes_at <= now:
            raise VisitOver(current)
        current.closes_at = now
        current.save(update_fields=["closes_at"])
    return current
