"""Contacts before a case: written down once, erasable, joined to the case they led to."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from support import connections, people
from tongdian.case.models import Contact, ContactLink, Event, Party
from tongdian.case.operations.contacts import (
    CODE_ALPHABET,
    AlreadyJoined,
    ContactAfterCase,
    ContactAhead,
    carry_guide_result,
    erase_contact,
    erase_contacts_of,
    forget_phones,
    log_contact,
    pick_contact,
    save_guide_result,
)
from tongdian.case.operations.parties import erase_party
from tongdian.case.queries import installation_now
from tongdian.case.timeline.personal import PersonalData
from tongdian.gateway import jobs
from tongdian.people.rules import InvalidPhone, Role

pytestmark = pytest.mark.django_db

PHONE = connections.WHO["contact_phone"]


def logged(**changed) -> Contact:
    """A call from the phone of the walked case's contact, just now."""
    utility = connections.utility()
    facts = {
        "kind": "call",
        "channel": "supply_hotline",
        "topic": "connection",
        "county_code": connections.COUNTY,
        "utility_id": utility.pk,
        "by": people.staff(at=utility),
        "now": installation_now(),
        "phone": PHONE,
    }
    return log_contact(**facts | changed)


def saved(**answers: list[str]) -> Contact:
    return save_guide_result(answers=answers, county_code=connections.COUNTY, now=installation_now())


class TestLogContact:
    def test_seals_the_phone_and_finds_it_again(self) -> None:
        contact = logged(phone="138 0000 1111")

        with connection.cursor() as cursor:
            cursor.execute("SELECT phone FROM case_contact")
            assert PHONE.encode() not in bytes(cursor.fetchone()[0])
        assert Contact.objects.get(phone_lookup=PHONE) == contact

    def test_refuses_the_future(self) -> None:
        with pytest.raises(ContactAhead):
            logged(at=installation_now() + timedelta(minutes=1), now=installation_now())

    def test_refuses_a_phone_that_is_none(self) -> None:
        with pytest.raises(InvalidPhone):
            logged(phone="123")

    @pytest.mark.parametrize("note", ["回电 13900002222", "身份证 37010219900101001X", "a@example.com"])
    def test_refuses_personal_data_in_the_note(self, note: str) -> None:
        with pytest.raises(PersonalData):
            logged(note=note)

    def test_needs_no_phone(self) -> None:
        assert logged(phone="").phone is None


class TestKept:
    @pytest.mark.parametrize("column", ["note", "kind", "at", "county_code"])
    def test_cannot_be_rewritten(self, column: str) -> None:
        contact = logged()

        with pytest.raises(DatabaseError), transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(
                **{column: {"at": contact.at - timedelta(days=1)}.get(column, "x")}
            )

    def test_cannot_be_deleted(self) -> None:
        contact = logged()

        with pytest.raises(DatabaseError), transaction.atomic():
            Contact.objects.filter(pk=contact.pk).delete()

    def test_can_lose_its_phone(self) -> None:
        contact = erase_contact(logged(), now=installation_now())

        contact.refresh_from_db()
        assert (contact.phone, contact.phone_lookup) == (None, None)
        assert contact.erased_at is not None

    def test_loses_it_once(self) -> None:
        contact = erase_contact(logged(), now=installation_now())

        assert erase_contact(contact, now=installation_now()).erased_at == contact.erased_at


class TestEraseContactsOf:
    def test_goes_with_the_party_of_that_phone(self) -> None:
        contact = logged()
        walk = connections.submitted().accepted()
        party = Party.objects.get(case=walk.case, role=Party.Role.CONTACT)

        erase_party(party, reason="asked", actor=walk.manager, channel="desk", now=installation_now())

        contact.refresh_from_db()
        assert (contact.phone, contact.phone_lookup) == (None, None)

    def test_leaves_contacts_of_other_cases(self) -> None:
        walk = connections.submitted().accepted()
        later = logged()

        assert erase_contacts_of(walk.case, phone=PHONE, now=installation_now()) == 0
        assert Contact.objects.get(pk=later.pk).phone == PHONE


class TestForgetPhones:
    def test_takes_those_nothing_came_of(self) -> None:
        past = installation_now() - timedelta(days=181)
        joined = logged()
        connections.submitted().accepted()
        fresh, old = logged(phone="13900009999"), logged(phone="13900009999", at=past)

        assert forget_phones(now=installation_now()) == 1

        kept = {each.pk for each in Contact.objects.exclude(phone_lookup=None)}
        assert kept == {joined.pk, fresh.pk}
        assert Contact.objects.get(pk=old.pk).erased_at is not None

    def test_happens_every_night(self) -> None:
        assert "case.forget_phones" in jobs.names()


class TestSaveGuideResult:
    def test_gives_a_code_one_can_read_out(self) -> None:
        contact = saved(who=["shop"])

        assert contact.code is not None
        assert len(contact.code) == 8
        assert set(contact.code) <= set(CODE_ALPHABET)

    def test_expires_by_policy(self) -> None:
        contact = saved(who=["shop"])

        assert contact.expires_at - contact.at == timedelta(days=180)

    def test_names_the_utility_of_the_place(self) -> None:
        utility = connections.utility()

        assert saved(who=["shop"]).utility == utility

    def test_holds_nothing_personal(self) -> None:
        with pytest.raises(PersonalData):
            saved(who=["13900002222"])


class TestJoinContacts:
    def test_finds_calls_from_the_phone_of_the_case(self) -> None:
        contact, other = logged(), logged(phone="13900009999")

        case = connections.submitted().accepted().case

        assert list(ContactLink.objects.values_list("contact", "case", "how")) == [(contact.pk, case.pk, "phone")]
        assert not ContactLink.objects.filter(contact=other).exists()

    def test_puts_ids_and_nothing_else_on_the_timeline(self) -> None:
        contact = logged()

        case = connections.submitted().accepted().case

        facts = Event.objects.get(case=case, kind="application.accepted").facts
        assert facts["contact_ids"] == [str(contact.pk)]
        assert facts["first_contact_at"].startswith(contact.at.strftime("%Y-%m-%dT"))

    def test_says_nothing_of_a_case_without_contacts(self) -> None:
        case = connections.submitted().accepted().case

        assert "contact_ids" not in Event.objects.get(case=case, kind="application.accepted").facts

    @pytest.mark.parametrize(("days", "found"), [(179, True), (181, False)])
    def test_looks_back_as_far_as_policy_says(self, days: int, found: bool) -> None:
        logged(at=installation_now() - timedelta(days=days))

        connections.submitted().accepted()

        assert ContactLink.objects.exists() is found

    def test_takes_no_contact_of_another_city(self) -> None:
        logged(county_code="370202")

        connections.submitted().accepted()

        assert not ContactLink.objects.exists()

    def test_leaves_a_contact_with_the_case_it_led_to(self) -> None:
        logged()
        first = connections.submitted().accepted().case

        connections.submitted().accepted()

        assert ContactLink.objects.get().case == first


class TestCarryGuideResult:
    def test_joins_the_result_the_application_began_with(self) -> None:
        result = saved(who=["shop"])
        case = connections.submitted().case

        link = carry_guide_result(case, code=result.code, now=installation_now())

        assert link is not None
        assert (link.contact, link.how) == (result, "guide")

    @pytest.mark.parametrize("code", ["", "AAAAAAAA"])
    def test_says_nothing_of_an_unknown_code(self, code: str) -> None:
        case = connections.submitted().case

        assert carry_guide_result(case, code=code, now=installation_now()) is None

    def test_takes_a_result_once(self) -> None:
        result = saved(who=["shop"])
        carry_guide_result(connections.submitted().case, code=result.code, now=installation_now())

        assert carry_guide_result(connections.submitted().case, code=result.code, now=installation_now()) is None


class TestPickContact:
    def test_joins_and_records(self) -> None:
        walk, contact = connections.submitted(), logged(phone="13900009999")

        event = pick_contact(
            contact, walk.case, by=walk.manager, role=Role.ACCOUNT_MANAGER, channel="desk", expected_version=None,
            now=installation_now(),
        )  # fmt: skip

        assert event.kind == "contact.joined"
        assert event.facts["contact_ids"] == [str(contact.pk)]
        assert ContactLink.objects.get().by == walk.manager

    def test_refuses_a_contact_that_led_elsewhere(self) -> None:
        contact, walk = logged(), connections.submitted().accepted()
        other = connections.submitted()

        with pytest.raises(AlreadyJoined) as caught:
            pick_contact(
                contact, other.case, by=other.manager, role="", channel="desk", expected_version=None,
                now=installation_now(),
            )  # fmt: skip
        assert caught.value.case == walk.case

    def test_refuses_a_contact_after_acceptance(self) -> None:
        walk = connections.submitted().accepted()
        contact = logged()

        with pytest.raises(ContactAfterCase):
            pick_contact(
                contact, walk.case, by=walk.manager, role="", channel="desk", expected_version=None,
                now=installation_now(),
            )  # fmt: skip
