"""Security keys beside one-time passwords; the ceremony itself is tried in a browser (tests/web)."""

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client, RequestFactory
from django.urls import reverse

from support import people
from tongdian.people.models import User
from tongdian.people.rules import Role
from tongdian.people.second_factor import is_last, is_required, must_enrol

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings):
    settings.REQUIRE_TOTP = True


def key_of(user: User, name: str = "one") -> Authenticator:
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


def confirmed(user: User) -> Client:
    """A browser whose owner has just proven who they are."""
    client = Client()
    client.force_login(user)
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    record_authentication(request, user, method="password", reauthenticated=True)
    request.session.save()
    return client


class TestMustEnrol:
    def test_is_satisfied_by_a_security_key_alone(self):
        user = people.staff(Role.COUNTER_CLERK)
        assert must_enrol(user)

        key_of(user)

        assert not must_enrol(user)

    def test_is_not_satisfied_by_recovery_codes(self):
        user = people.staff(Role.COUNTER_CLERK)
        Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "00"})

        assert must_enrol(user)


class TestIsRequired:
    def test_is_for_staff_roles_only(self):
        assert is_required(people.staff(Role.COUNTER_CLERK))
        assert not is_required(people.person())


class TestIsLast:
    def test_counts_keys_and_one_time_passwords(self):
        user = people.staff(Role.COUNTER_CLERK)
        key = key_of(user)
        assert is_last(key)

        TOTP.activate(user, generate_totp_secret())

        assert not is_last(key)


class TestRemoveKey:
    def test_refuses_the_last_second_factor_of_staff(self):
        user = people.staff(Role.COUNTER_CLERK)
        key = key_of(user)

        answer = confirmed(user).post(reverse("mfa_remove_webauthn", args=[key.pk]))

        assert "最后一个不能停用" in answer.content.decode()
        assert Authenticator.objects.filter(pk=key.pk).exists()

    def test_removes_one_of_two(self):
        user = people.staff(Role.COUNTER_CLERK)
        first, second = key_of(user, "one"), key_of(user, "two")

        answer = confirmed(user).post(reverse("mfa_remove_webauthn", args=[first.pk]))

        assert answer.status_code == 302
        assert list(Authenticator.objects.filter(user=user)) == [second]

    def test_asks_first_who_it_is(self):
        user = people.staff(Role.COUNTER_CLERK, password="a long enough password")
        client = Client()
        client.force_login(user)
        key = key_of(user)

        answer = client.get(reverse("mfa_remove_webauthn", args=[key.pk]))

        assert answer.status_code == 302
        assert "confirm" in answer.url

    @pytest.mark.parametrize("name", ["mfa_remove_webauthn", "mfa_edit_webauthn"])
    def test_does_not_find_the_key_of_a_colleague(self, name):
        key = key_of(people.staff(Role.COUNTER_CLERK))
        colleague = people.staff(Role.COUNTER_CLERK)
        key_of(colleague)

        assert confirmed(colleague).post(reverse(name, args=[key.pk]), {"name": "mine"}).status_code == 404


class TestDeactivateTotp:
    def test_is_possible_while_a_key_is_left(self):
        user = people.staff(Role.COUNTER_CLERK)
        TOTP.activate(user, generate_totp_secret())
        key = key_of(user)

        confirmed(user).post(reverse("mfa_deactivate_totp"))

        assert list(Authenticator.objects.filter(user=user)) == [key]
