"""Calls and visits at the desk: written down, found, joined, erased."""

import pytest
from django.test import Client

from support import connections, people
from tongdian.case.models import Contact, ContactLink
from tongdian.case.operations.contacts import log_contact
from tongdian.case.queries import installation_now
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db

CALL = {
    "how": "call.supply_hotline",
    "topic": "cost",
    "phone": "13800001111",
    "county": connections.COUNTY,
    "note": "问费用",
}


@pytest.fixture
def clerk(client: Client):
    """A counter clerk of the utility, signed in."""
    user = people.staff(Role.COUNTER_CLERK, at=connections.utility())
    client.force_login(user)
    return user


def called(by, *, phone: str = "13800001111") -> Contact:
    return log_contact(
        kind="call",
        channel="supply_hotline",
        topic="cost",
        county_code=connections.COUNTY,
        utility_id=connections.utility().pk,
        by=by,
        now=installation_now(),
        phone=phone,
    )


class TestLog:
    def test_keeps_who_wrote_it_down_and_for_whom(self, client: Client, clerk) -> None:
        response = client.post("/desk/contacts/", CALL)

        contact = Contact.objects.get()
        assert response["Location"] == "/desk/contacts/"
        assert (contact.kind, contact.channel, contact.phone) == ("call", "supply_hotline", "13800001111")
        assert (contact.by, contact.utility) == (clerk, connections.utility())

    def test_needs_no_phone(self, client: Client, clerk) -> None:
        client.post("/desk/contacts/", CALL | {"phone": "", "how": "visit.counter"})

        assert Contact.objects.get().kind == "visit"

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"phone": "123"}, "phone"),
            ({"note": "请打 13900002222"}, "note"),
            ({"at": "2099-01-01T08:00"}, "at"),
            ({"county": "370202"}, "county"),
            ({"how": ""}, "how"),
        ],
    )
    def test_says_what_is_wrong(self, client: Client, clerk, changed: dict[str, str], field: str) -> None:
        page = client.post("/desk/contacts/", CALL | changed)

        assert field in page.context["form"].errors
        assert not Contact.objects.exists()

    def test_is_not_for_those_who_only_watch(self, client: Client) -> None:
        bureau = people.organisation("bureau", "bureau")
        client.force_login(people.staff(Role.SUPERVISOR_COUNTY, at=bureau))

        assert client.get("/desk/contacts/").context["form"] is None
        assert client.post("/desk/contacts/", CALL).status_code == 403


class TestList:
    def test_masks_the_phone_and_finds_it_whole(self, client: Client, clerk) -> None:
        called(clerk)
        called(clerk, phone="13900009999")

        page = client.get("/desk/contacts/?text=13800001111").content.decode()

        assert "138****1111" in page
        assert "139****9999" not in page
        assert "13800001111" not in page.partition("<tbody")[2].partition("</tbody>")[0]

    @pytest.mark.parametrize("more", [0, 5])
    def test_costs_a_fixed_number_of_queries(
        self, client: Client, clerk, more: int, django_assert_max_num_queries
    ) -> None:
        for _ in range(more + 1):
            called(clerk)

        with django_assert_max_num_queries(10):
            client.get("/desk/contacts/")

    def test_exports_the_same_rows(self, client: Client, clerk) -> None:
        called(clerk)

        response = client.get("/desk/contacts/?format=xlsx")

        assert response["Content-Type"].startswith("application/vnd.openxmlformats")


class TestJoin:
    def test_names_the_case_and_shows_it(self, client: Client, clerk) -> None:
        contact, walk = called(clerk, phone=""), connections.submitted()

        client.post(f"/desk/contacts/{contact.pk}/join/", {"number": walk.case.number})

        page = client.get(f"/desk/contacts/{contact.pk}/").content.decode()
        assert walk.case.number in page
        assert ContactLink.objects.get().by == clerk

    def test_shows_on_the_page_of_the_case(self, client: Client, clerk) -> None:
        called(clerk)
        walk = connections.submitted().accepted()
        client.force_login(walk.manager)

        page = client.get(f"/desk/cases/{walk.case.pk}/").content.decode()

        assert "首次接触" in page
        assert "到受理共 0 天" in page

    @pytest.mark.parametrize("number", ["370102-2026-999999-9", "?"])
    def test_says_that_there_is_no_such_case(self, client: Client, clerk, number: str) -> None:
        contact = called(clerk)

        page = client.post(f"/desk/contacts/{contact.pk}/join/", {"number": number})

        assert "number" in page.context["form"].errors

    def test_says_that_the_contact_came_too_late(self, client: Client, clerk) -> None:
        walk = connections.submitted().accepted()
        contact = called(clerk)

        page = client.post(f"/desk/contacts/{contact.pk}/join/", {"number": walk.case.number})

        assert "number" in page.context["form"].errors

    def test_says_where_the_contact_led_before(self, client: Client, clerk) -> None:
        contact = called(clerk)
        walk, other = connections.submitted().accepted(), connections.submitted()

        page = client.post(f"/desk/contacts/{contact.pk}/join/", {"number": other.case.number})

        assert walk.case.number in page.content.decode()


class TestErase:
    def test_drops_the_phone(self, client: Client, clerk) -> None:
        contact = called(clerk)

        client.post(f"/desk/contacts/{contact.pk}/erase/")

        contact.refresh_from_db()
        assert contact.phone is None
