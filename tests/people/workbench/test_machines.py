import pytest
from django.test import Client
from django.urls import reverse

from support import people
from tongdian.people.models import AccessToken, Grant, User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(people.staff(Role.ADMINISTRATOR, territory="370100"))
    return client


def opened(desk: Client, **answers):
    given = {"username": "city-bus", "organisation": people.organisation().pk, "territory_code": "370102"}
    return desk.post(reverse("desk_machines"), given | answers)


class TestMachines:
    def test_opens_an_account_that_reads_in_the_territory(self, desk):
        opened(desk)

        grant = Grant.objects.get(user__username="city-bus")
        assert (grant.role, grant.territory_code) == (Role.MACHINE, "370102")

    def test_says_that_a_name_is_taken(self, desk):
        opened(desk)

        assert "username" in opened(desk).context["form"].errors

    @pytest.mark.parametrize("name", ["ab", "City", "1st", "bus 2"])
    def test_says_what_a_name_may_be(self, desk, name):
        assert "username" in opened(desk, username=name).context["form"].errors

    @pytest.mark.parametrize("territory", ["370000", "370202", "370200"])
    def test_gives_no_territory_beyond_ones_own(self, desk, territory):
        assert "territory_code" in opened(desk, territory_code=territory).context["form"].errors
        assert not User.objects.filter(username="city-bus").exists()

    def test_gives_no_account_of_another_organisation(self, desk):
        other = people.organisation("other-grid")

        assert "organisation" in opened(desk, organisation=other.pk).context["form"].errors


class TestMachine:
    def test_shows_a_new_secret_once(self, desk):
        opened(desk)
        url = reverse("desk_machine", args=[User.objects.get(username="city-bus").pk])

        page = desk.post(url, {"name": "bus", "scopes": ["cases"], "days": "90"})
        secret = page.context["secret"]

        assert secret in page.text
        assert secret not in desk.get(url).text
        assert AccessToken.objects.get().scopes == ["cases"]

    def test_asks_for_a_scope(self, desk):
        opened(desk)
        url = reverse("desk_machine", args=[User.objects.get(username="city-bus").pk])

        assert "scopes" in desk.post(url, {"name": "bus", "days": "90"}).context["form"].errors
        assert not AccessToken.objects.exists()


class TestRevoke:
    def test_ends_a_token_and_says_so_the_second_time(self, desk):
        machine = people.machine()
        people.token(machine)
        token = AccessToken.objects.get()
        url = reverse("desk_token_revoke", args=[machine.pk, token.pk])

        desk.post(url)
        again = desk.post(url, follow=True)

        token.refresh_from_db()
        assert token.revoked_at is not None
        assert [str(each) for each in again.context["messages"]] != []

    def test_knows_no_token_of_another_account(self, desk):
        machine, other = people.machine(), people.machine()
        people.token(other)

        url = reverse("desk_token_revoke", args=[machine.pk, AccessToken.objects.get().pk])

        assert desk.post(url).status_code == 404
