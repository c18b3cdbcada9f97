import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from support import people
from tongdian.people.access import requires
from tongdian.people.permissions import UnknownPermission
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


@requires("case.view")
def desk(request):
    return HttpResponse("desk")


@requires("public")
def anyone(request):
    return HttpResponse("anyone")


@pytest.fixture
def opened(rf):
    def open_as(view, user, method="get", path="/desk/?lamp=overdue"):
        request = getattr(rf, method)(path)
        request.user = user
        return view(request)

    return open_as


class TestRequires:
    def test_declares_the_permission_on_the_view(self):
        assert (desk.permission, desk.__name__) == ("case.view", "desk")

    def test_refuses_an_unknown_name_at_once(self):
        with pytest.raises(UnknownPermission):
            requires("case.everything")

    def test_opens_for_whom_the_table_names(self, opened):
        assert opened(desk, people.staff()).content == b"desk"

    def test_opens_public_pages_for_everyone(self, opened):
        assert opened(anyone, AnonymousUser()).content == b"anyone"

    def test_sends_the_anonymous_to_sign_in_and_back_with_the_query(self, opened):
        response = opened(desk, AnonymousUser())

        assert response.url == "/accounts/login/?next=/desk/%3Flamp%3Doverdue"

    def test_sends_the_anonymous_back_to_the_page_of_a_form(self, opened):
        assert opened(desk, AnonymousUser(), method="post").url == "/accounts/login/?next=/desk/"

    @pytest.mark.parametrize("user", [people.person, lambda: people.staff(Role.CREW), lambda: people.staff(None)])
    def test_refuses_whom_the_table_does_not_name(self, opened, user):
        with pytest.raises(PermissionDenied):
            opened(desk, user())


class TestRequiresWithSecondFactor:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.REQUIRE_TOTP = True

    def test_sends_staff_without_one_to_enrol(self, opened):
        assert opened(desk, people.staff()).url == "/accounts/second-factor/enrol/"

    def test_opens_for_staff_who_have_one(self, opened):
        clerk = people.staff()
        TOTP.activate(clerk, generate_totp_secret())

        assert opened(desk, clerk).content == b"desk"

    def test_asks_the_public_for_none(self, client):
        client.force_login(people.person())

        assert client.get("/accounts/").status_code == 200

    def test_lets_staff_reach_the_enrolment_itself(self, client):
        client.force_login(people.staff())

        assert client.get("/accounts/second-factor/enrol/").status_code == 200
