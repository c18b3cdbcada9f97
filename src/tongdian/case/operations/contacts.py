"""Write contacts before a case, and join them to the case they led to."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from tongdian.case.models import Case, Contact, ContactLink, Event
from tongdian.case.operations import frame, timeline
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.contacts import first_of, matching_phones, of_case
from tongdian.case.timeline.personal import refuse_personal
from tongdian.people.models import Organisation, User
from tongdian.people.queries import NoUtility, utility_for
from tongdian.people.rules import normalise_phone
from tongdian.policy import current_book

# Without what looks alike when it is read out: 0 O, 1 I L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
JOINED = "contact.joined"


class ContactAhead(ValueError):
    """A contact was said to lie in the future."""

    def __init__(self, at: datetime, now: datetime) -> None:
        super().__init__(f"a contact at {at} lies after {now}; enter when it happened")
        self.at, self.now = at, now


class AlreadyJoined(ValueError):
    """The contact has led to a case; `case` is that one."""

    def __init__(self, contact: Contact, case: Case) -> None:
        super().__init__(f"contact {contact.pk} is joined to case {case}; a contact leads to one case")
        self.contact, self.case = contact, case


class ContactAfterCase(ValueError):
    """The contact came after the case was accepted, so it did not lead to it."""

    def __init__(self, contact: Contact, case: Case) -> None:
        super().__init__(f"contact {contact.pk} at {contact.at} came after case {case} was accepted; choose another")
        self.contact, self.case = contact, case


def log_contact(
    *,
    kind: str,
    channel: str,
    topic: str,
    county_code: str,
    utility_id: int | None,
    by: User,
    now: datetime,
    at: datetime | None = None,
    phone: str = "",
    note: str = "",
) -> Contact:
    """Write down a call, visit, enquiry or appointment; `at` None is now, `utility_id` whom it was made to.

    Raises ContactAhead when it lies in the future; InvalidPhone when the phone is no mobile number; PersonalData when
    the note holds a mobile number, an identity number or an e-mail address.
    """
    happened_at = at or now
    if happened_at > now:
        raise ContactAhead(happened_at, now)
    refuse_personal({"note": note})
    return Contact.objects.create(
        kind=kind,
        channel=channel,
        topic=topic,
        at=happened_at,
        recorded_at=now,
        by=by,
        county_code=county_code,
        utility_id=utility_id,
        phone=normalise_phone(phone) if phone else None,
        note=note,
    )


def save_guide_result(*, answers: Mapping[str, Sequence[str]], county_code: str, now: datetime) -> Contact:
    """Keep the answers of the guide under a new code until it expires by policy.

    Raises PersonalData when an answer holds personal data.
    """
    refuse_personal({"answers": answers})
    days = current_book().lookup("guide.saved_days", on=local_date(now), place=county_code).value
    while True:
        try:
            with transaction.atomic():
                return Contact.objects.create(
                    kind=Contact.Kind.GUIDE,
                    channel=Contact.Channel.WEB,
                    topic=Contact.Topic.CONNECTION,
                    at=now,
                    recorded_at=now,
                    county_code=county_code,
                    utility=_utility(county_code, now),
                    code=_new_code(),
                    answers=answers,
                    expires_at=now + timedelta(days=days),
                )
        except IntegrityError as error:
            if "case_contact_code" not in str(error):
                raise


def _utility(county_code: str, now: datetime) -> Organisation | None:
    try:
        return utility_for(county_code, local_date(now))
    except NoUtility:
        return None


def _new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def erase_contact(contact: Contact, *, now: datetime) -> Contact:
    """Erase the phone of a contact; when and where it happened stays. Doing it twice changes nothing more."""
    with transaction.atomic():
        held = Contact.objects.select_for_update().get(pk=contact.pk)
        if held.erased_at is None:
            held.phone, held.erased_at = None, now
            held.save(update_fields=["phone", "phone_lookup", "erased_at"])
        return held


def erase_contacts_of(case: Case, *, phone: str, now: datetime) -> int:
    """Erase a phone from the contacts that led to a case, as when its owner is erased; return how many had it."""
    return _erased(Contact.objects.filter(link__case=case, phone_lookup=phone), now=now)


def forget_phones(*, now: datetime) -> int:
    """Erase the phones of contacts that led to no case and are too old to be found by phone; return how many."""
    days = current_book().lookup("case.contact.match_days", on=local_date(now)).value
    past = Contact.objects.filter(link=None, phone__isnull=False, at__lt=now - timedelta(days=days))
    return _erased(past, now=now)


def _erased(contacts: QuerySet[Contact], *, now: datetime) -> int:
    found = contacts.order_by("pk").values("pk")
    return Contact.objects.filter(pk__in=found).update(phone=None, phone_lookup=None, erased_at=now)


def carry_guide_result(case: Case, *, code: str, now: datetime) -> ContactLink | None:
    """Join a saved result of the guide to the case that was applied for with it; None when the code says nothing.

    The opening of the case goes on: its acceptance puts the contact on the timeline. Raises NotInTransaction outside
    `transaction.atomic()`.
    """
    if not connection.in_atomic_block:
        raise timeline.NotInTransaction("carry_guide_result")
    contact = Contact.objects.select_for_update().filter(code=code, kind=Contact.Kind.GUIDE).first() if code else None
    if contact is None or ContactLink.objects.filter(contact=contact).exists():
        return None
    return _link(contact, case, how=ContactLink.How.GUIDE, now=now)


def join_contacts(case: Case, *, now: datetime) -> dict[str, object]:
    """Join every contact of the same phone to a case that is being accepted; return what its event says of them.

    Nothing is said of a case without contacts. Raises NotInTransaction outside `transaction.atomic()`.
    """
    if not connection.in_atomic_block:
        raise timeline.NotInTransaction("join_contacts")
    # The case before its contacts, as everywhere: nobody waits in a circle.
    frame.lock(case.pk)
    # Two acceptances may find the same contact: the second waits here, and then sees that it is taken.
    found = list(matching_phones(case, now=now).select_for_update(of=("self",)).order_by("pk"))
    taken = set(ContactLink.objects.filter(contact__in=found).values_list("contact_id", flat=True))
    for contact in found:
        if contact.pk not in taken:
            _link(contact, case, how=ContactLink.How.PHONE, now=now)
    return _told([link.contact for link in of_case(case)])


def pick_contact(
    contact: Contact,
    case: Case,
    *,
    by: User,
    role: str,
    channel: str,
    expected_version: int | None,
    now: datetime,
) -> Event:
    """Join a contact to an open case by the word of a member of staff, and record it.

    Raises AlreadyJoined; ContactAfterCase when the case was accepted before; and as `frame.record`.
    """
    with transaction.atomic():
        frame.lock(case.pk, expected_version=expected_version)
        held = Contact.objects.select_for_update().get(pk=contact.pk)
        taken = ContactLink.objects.filter(contact=held).select_related("case").first()
        if taken is not None:
            raise AlreadyJoined(held, taken.case)
        if case.accepted_at is not None and held.at > case.accepted_at:
            raise ContactAfterCase(held, case)
        _link(held, case, how=ContactLink.How.STAFF, by=by, now=now)
        return frame.record(
            case,
            kind=JOINED,
            actor=by,
            role=role,
            channel=channel,
            body=_told([held]),
            expected_version=expected_version,
            now=now,
        )


def _link(contact: Contact, case: Case, *, how: str, now: datetime, by: User | None = None) -> ContactLink:
    return ContactLink.objects.create(contact=contact, case=case, how=how, by=by, linked_at=now)


def _told(contacts: Sequence[Contact]) -> dict[str, object]:
    """Name contacts by id and kind, and when the first was; nothing of who it was."""
    if not contacts:
        return {}
    return {
        "contact_ids": [str(each.pk) for each in contacts],
        "first_contact_at": first_of(contacts).at,
    }
