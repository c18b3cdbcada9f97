"""Read contacts: those in reach, those that led to a case, how long it took from the first to acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q, QuerySet

from tongdian.case.models import Case, Contact, ContactLink, Party
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.people.rules import InvalidPhone, normalise_phone
from tongdian.policy import current_book

# An agent calls for many; what he asked last month may have been for somebody else.
CUSTOMERS = (Party.Role.APPLICANT, Party.Role.CONTACT)


@dataclass(frozen=True)
class FirstContact:
    """The contacts of a case, oldest first, and the calendar days from the first to acceptance (None before it)."""

    links: tuple[ContactLink, ...]
    first_at: datetime
    days: int | None


@dataclass(frozen=True)
class ContactFigure:
    """First contact → acceptance [calendar days] of the cases accepted in a month, by county and class."""

    county_code: str
    customer_class: str
    month: date
    cases: int
    median_days: int
    p90_days: int


_FIGURES = f"""
WITH first AS (
    SELECT link.case_id, min(contact.at) AS at
    FROM {ContactLink._meta.db_table} link JOIN {Contact._meta.db_table} contact ON contact.id = link.contact_id
    GROUP BY link.case_id
), counted AS (
    SELECT c.county_code, c.customer_class, date_trunc('month', c.accepted_at AT TIME ZONE %(zone)s)::date AS month,
           (c.accepted_at AT TIME ZONE %(zone)s)::date - (first.at AT TIME ZONE %(zone)s)::date AS days
    FROM {Case._meta.db_table} c JOIN first ON first.case_id = c.id
    WHERE c.accepted_at >= %(since)s AND c.accepted_at < %(until)s
)
SELECT county_code, customer_class, month, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY days), percentile_disc(0.9) WITHIN GROUP (ORDER BY days)
FROM counted GROUP BY county_code, customer_class, month ORDER BY month, county_code, customer_class
"""  # noqa: S608 - the table names are ours


def contacts_for(
    user: User | AnonymousUser,
    permission: str = "contact.view",
    *,
    text: str = "",
    kind: str = "",
    topic: str = "",
    county_code: str = "",
    joined: bool | None = None,
) -> QuerySet[Contact]:
    """Return the contacts in reach, newest first, with the case each led to and who wrote it down.

    text: a whole phone number, a guide code or a case number (or its end). county_code: a division and everything
    below it. joined: whether it led to a case; None takes both.
    """
    rows = scope(user, permission).filter(Contact.objects.all(), county="county_code", utility="utility")
    chosen = {name: value for name, value in (("kind", kind), ("topic", topic)) if value}
    rows = rows.filter(**chosen)
    if county_code:
        rows = rows.filter(county_code__startswith=county_code.removesuffix("00").removesuffix("00"))
    if joined is not None:
        rows = rows.filter(link__isnull=not joined)
    if text:
        rows = rows.filter(_matching(text))
    return rows.select_related("by", "utility", "link__case").order_by("-at", "pk")


def contact_for(user: User | AnonymousUser, permission: str, contact_id: UUID) -> Contact:
    """Return one contact in reach.

    Raises Contact.DoesNotExist when there is none or it is out of reach.
    """
    return contacts_for(user, permission).get(pk=contact_id)


def case_of_number(user: User | AnonymousUser, number: str) -> Case | None:
    """Return the case of a number that the user may join contacts to, None when there is none in reach."""
    return cases_for(user, "contact.work").filter(number=number.strip()).first()


def _matching(text: str) -> Q:
    wanted = text.strip()
    found = Q(code=guide_code(wanted)) | Q(link__case__number__endswith=wanted)
    try:
        return found | Q(phone_lookup=normalise_phone(wanted))
    except InvalidPhone:
        return found


def guide_code(text: str) -> str:
    """Return a code as it is kept, however it was written down."""
    return "".join(each for each in text.upper() if each.isalnum())


def guide_result(code: str, *, now: datetime) -> Contact | None:
    """Return a saved result of the guide, None when there is none of that code or it has expired."""
    return Contact.objects.filter(code=guide_code(code), kind=Contact.Kind.GUIDE, expires_at__gt=now).first()


def matching_phones(case: Case, *, now: datetime) -> QuerySet[Contact]:
    """Return the contacts made from the phone of a case's applicant or contact person, in its city and lately enough.

    How far before the application counts is policy (`case.contact.match_days`). Causes one query and opens the phones.
    """
    days = current_book().lookup("case.contact.match_days", on=local_date(now), place=case.county_code).value
    # The digest of a phone is another in every table: only the phone itself finds its contacts.
    by_phone = Q(pk__in=[])
    for party in Party.objects.filter(case=case, role__in=CUSTOMERS, phone_lookup__isnull=False):
        by_phone |= Q(phone_lookup=party.phone)
    since = case.opened_at - timedelta(days=days)
    return Contact.objects.filter(by_phone, at__gte=since, at__lte=now, county_code__startswith=case.county_code[:4])


def of_case(case: Case) -> list[ContactLink]:
    """List the contacts that led to a case, oldest first, with who wrote them down. Causes one query."""
    links = ContactLink.objects.filter(case=case).select_related("contact", "contact__by", "by")
    return list(links.order_by("contact__at", "pk"))


def first_of(contacts: Sequence[Contact]) -> Contact:
    """Return the earliest of some contacts."""
    return min(contacts, key=lambda each: (each.at, each.pk))


def first_contact(case: Case) -> FirstContact | None:
    """Return how a case began before it was one, None when nothing is known. Causes one query."""
    links = of_case(case)
    if not links:
        return None
    first_at = links[0].contact.at
    days = (local_date(case.accepted_at) - local_date(first_at)).days if case.accepted_at else None
    return FirstContact(tuple(links), first_at, days)


def contact_figures(*, since: datetime, until: datetime) -> list[ContactFigure]:
    """Compute first contact → acceptance for cases accepted in [since, until): median, 90th percentile, count.

    Cases without a known contact are not in it. Causes one query over the links of those cases.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"zone": settings.TIME_ZONE, "since": since, "until": until})
        return [ContactFigure(*row) for row in cursor.fetchall()]
