"""Reads of contacts: in reach, by number, and how long the way to acceptance was."""

from datetime import timedelta

import pytest

from support import connections, people
from tongdian.case.models import Contact
from tongdian.case.operations.contacts import log_contact, save_guide_result
from tongdian.case.queries import contacts, installation_now
from tongdian.case.queries.clock import local_date

pytestmark = pytest.mark.django_db

PHONE = connections.WHO["contact_phone"]


def called(*, days_ago: int = 0, phone: str = PHONE) -> Contact:
    utility, now = connections.utility(), installation_now()
    return log_contact(
        kind="call", channel="supply_hotline", topic="cost", county_code=connections.COUNTY, utility_id=utility.pk,
        by=people.staff(at=utility), at=now - timedelta(days=days_ago), now=now, phone=phone,
    )  # fmt: skip


class TestContactsFor:
    def test_reach_territory_and_utility(self) -> None:
        contact = called()
        near = people.staff(at=connections.utility())
        elsewhere = people.staff(at=connections.utility(), territory="370202")
        stranger = people.staff(at=people.organisation("other-grid"))

        seen = [list(contacts.contacts_for(user)) for user in (near, elsewhere, stranger, people.person())]

        assert seen == [[contact], [], [], []]

    @pytest.mark.parametrize("text", [PHONE, "138 0000 1111"])
    def test_find_a_phone_however_it_is_written(self, text: str) -> None:
        contact = called()
        called(phone="13900009999")

        assert list(contacts.contacts_for(people.staff(at=connections.utility()), text=text)) == [contact]

    def test_find_no_part_of_a_phone(self) -> None:
        called()

        assert not contacts.contacts_for(people.staff(at=connections.utility()), text=PHONE[:8])

    def test_find_by_the_case_they_led_to(self) -> None:
        contact = called()
        walk = connections.submitted().accepted()

        found = contacts.contacts_for(walk.manager, text=walk.case.number)

        assert list(found) == [contact]

    def test_filter_by_what_they_led_to(self) -> None:
        joined = called()
        walk = connections.submitted().accepted()
        waiting = called()

        assert list(contacts.contacts_for(walk.manager, joined=True)) == [joined]
        assert list(contacts.contacts_for(walk.manager, joined=False)) == [waiting]


class TestGuideResult:
    def test_is_found_however_the_code_is_written(self) -> None:
        connections.utility()
        saved = save_guide_result(answers={}, county_code=connections.COUNTY, now=installation_now())
        code = f" {saved.code[:4].lower()}-{saved.code[4:].lower()} "

        assert contacts.guide_result(code, now=installation_now()) == saved

    def test_is_gone_once_expired(self) -> None:
        connections.utility()
        saved = save_guide_result(answers={}, county_code=connections.COUNTY, now=installation_now())

        assert contacts.guide_result(saved.code, now=saved.expires_at) is None


class TestFirstContact:
    def test_counts_calendar_days_to_acceptance(self) -> None:
        called(days_ago=9)
        called(days_ago=2)

        found = contacts.first_contact(connections.submitted().accepted().case)

        assert found is not None
        assert found.days == 9
        assert len(found.links) == 2

    def test_is_unknown_without_a_contact(self) -> None:
        assert contacts.first_contact(connections.submitted().accepted().case) is None


class TestContactFigures:
    def test_give_median_p90_and_count_per_county_class_and_month(self) -> None:
        for days in (1, 4, 9):
            called(days_ago=days)
            connections.submitted().accepted()
        now = installation_now()

        (figure,) = contacts.contact_figures(since=now - timedelta(days=1), until=now + timedelta(days=1))

        assert (figure.county_code, figure.customer_class) == (connections.COUNTY, "hv10_single")
        assert figure.month == local_date(now).replace(day=1)
        assert (figure.cases, figure.median_days, figure.p90_days) == (3, 4, 9)

    def test_leave_out_cases_nobody_called_about(self) -> None:
        connections.submitted().accepted()
        now = installation_now()

        assert contacts.contact_figures(since=now - timedelta(days=1), until=now + timedelta(days=1)) == []
