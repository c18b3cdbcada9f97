from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from support import people
from tongdian.people.models import AccessToken, TokenScope
from tongdian.people.operations.tokens import AlreadyRevoked, NotAMachine, issue_token, note_use, revoke_token
from tongdian.people.queries.tokens import token_of

pytestmark = pytest.mark.django_db


def issued(**fields):
    machine = people.machine()
    wanted = {"name": "bus", "scopes": [TokenScope.CASES], "expires_at": timezone.now() + timedelta(days=1)}
    return issue_token(machine, by=machine, **(wanted | fields))


class TestIssueToken:
    def test_keeps_nothing_the_secret_could_be_read_from(self):
        token, secret = issued()

        kept = [str(value) for value in AccessToken.objects.values_list().get()]
        assert not any(secret in value for value in kept)
        assert secret.startswith(token.prefix)

    def test_refuses_the_account_of_a_person(self):
        person = people.person()

        with pytest.raises(NotAMachine):
            issue_token(person, name="bus", scopes=["cases"], expires_at=timezone.now(), by=person)

    @pytest.mark.parametrize("fields", [{"scopes": []}, {"expires_at": timezone.now() - timedelta(days=1)}])
    def test_refuses_a_token_that_could_open_nothing(self, fields):
        with pytest.raises(IntegrityError):
            issued(**fields)


class TestRevokeToken:
    def test_ends_it_at_once(self):
        token, secret = issued()

        revoke_token(token, now=timezone.now())

        assert token_of(secret, now=timezone.now()) is None

    def test_says_that_it_has_ended(self):
        token, _ = issued()
        revoke_token(token, now=timezone.now())

        with pytest.raises(AlreadyRevoked):
            revoke_token(token, now=timezone.now())


class TestNoteUse:
    def test_writes_at_most_once_a_minute(self):
        token, _ = issued()
        first = timezone.now()

        for seconds in (0, 30, 59, 61):
            note_use(token, now=first + timedelta(seconds=seconds))

        assert AccessToken.objects.get().use.used_at == first + timedelta(seconds=61)
