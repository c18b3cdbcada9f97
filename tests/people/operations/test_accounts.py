import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from support import people
from tongdian.people import operations
from tongdian.people.models import User
from tongdian.people.rules import InvalidPhone

PHONE = "13800001234"
PASSWORD = "a long pass phrase"


@pytest.mark.django_db
class TestCreateStaff:
    def test_makes_an_account_without_rights(self):
        user = operations.create_staff(username="clerk", password=PASSWORD, organisation=people.organisation())

        assert (user.kind, user.check_password(PASSWORD), user.grants.count()) == ("staff", True, 0)

    def test_makes_sign_in_impossible_without_a_password(self):
        user = operations.create_staff(username="clerk", password=None, organisation=people.organisation())

        assert not user.has_usable_password()

    def test_refuses_a_name_in_use(self):
        people_at = people.organisation()
        operations.create_staff(username="clerk", password=None, organisation=people_at)

        with pytest.raises(operations.UsernameTaken, match="clerk"):
            operations.create_staff(username="clerk", password=None, organisation=people_at)

    @pytest.mark.parametrize("password", ["short", "password1234", "123456789012"])
    def test_refuses_a_weak_password(self, password):
        with pytest.raises(ValidationError):
            operations.create_staff(username="clerk", password=password, organisation=people.organisation())


@pytest.mark.django_db
class TestCreateMachine:
    def test_makes_an_account_nobody_can_sign_in_to(self):
        machine = operations.create_machine(username="park-system", organisation=people.organisation())

        assert (machine.kind, machine.has_usable_password()) == ("machine", False)

    def test_refuses_a_name_in_use(self):
        operations.create_machine(username="x", organisation=people.organisation())

        with pytest.raises(operations.UsernameTaken):
            operations.create_machine(username="x", organisation=people.organisation())


@pytest.mark.django_db
class TestPersonForPhone:
    def test_creates_the_account_on_first_use_and_finds_it_afterwards(self):
        first = operations.person_for_phone("138 0000 1234", language="en", now=people.NOW)
        again = operations.person_for_phone("+8613800001234", language="zh-hans", now=people.NOW)

        assert first == again
        assert (first.kind, first.phone, first.phone_verified_at, first.language) == ("person", PHONE, people.NOW, "en")
        assert PHONE not in first.username

    def test_refuses_what_is_no_mobile_number(self):
        with pytest.raises(InvalidPhone):
            operations.person_for_phone("12345", language="en", now=people.NOW)


class TestPersonForPhoneAtTheSameMoment:
    def test_creates_one_account(self, django_db_setup, django_db_blocker):
        with django_db_blocker.unblock():
            start, found = threading.Barrier(4), []

            def sign_in() -> None:
                start.wait()
                found.append(operations.person_for_phone("13700000001", language="en", now=people.NOW).pk)
                connection.close()

            threads = [threading.Thread(target=sign_in) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            User.objects.filter(phone_lookup="13700000001").delete()
            connection.close()

        assert len(found) == 4
        assert len(set(found)) == 1


@pytest.mark.django_db
class TestSetPhone:
    def test_moves_the_account_to_the_new_number(self):
        user = people.person(PHONE)

        operations.set_phone(user, phone="139 0000 9999", now=people.NOW)

        assert User.objects.get(phone_lookup="13900009999") == user
        assert not User.objects.filter(phone_lookup=PHONE).exists()

    def test_refuses_a_number_of_another_account(self):
        people.person(PHONE)

        with pytest.raises(operations.PhoneTaken):
            operations.set_phone(people.person(), phone=PHONE, now=people.NOW)

    def test_refuses_staff(self):
        with pytest.raises(operations.NotAPerson):
            operations.set_phone(people.staff(), phone=PHONE, now=people.NOW)

    def test_refuses_what_is_no_mobile_number(self):
        with pytest.raises(InvalidPhone):
            operations.set_phone(people.person(), phone="1", now=people.NOW)


@pytest.mark.django_db
class TestSetPreferences:
    def test_changes_what_is_named(self):
        user = operations.set_preferences(people.person(), language="en", has_large_type=True, display_name="张三")

        user.refresh_from_db()
        assert (user.language, user.has_large_type, user.display_name) == ("en", True, "张三")

    def test_refuses_anything_else(self):
        with pytest.raises(TypeError, match="kind"):
            operations.set_preferences(people.person(), kind="staff")

    def test_refuses_a_value_that_is_not_allowed(self):
        with pytest.raises(ValidationError):
            operations.set_preferences(people.person(), language="fr")


@pytest.mark.django_db
class TestChangePassword:
    def test_replaces_the_old_one(self):
        user = people.staff(password=PASSWORD)

        operations.change_password(user, "another long phrase")

        assert User.objects.get(pk=user.pk).check_password("another long phrase")

    def test_refuses_a_weak_one(self):
        with pytest.raises(ValidationError):
            operations.change_password(people.staff(password=PASSWORD), "short")


@pytest.mark.django_db
class TestDeactivate:
    def test_ends_the_sessions_and_the_sign_in(self, client):
        user = people.person()
        client.force_login(user)

        operations.deactivate(user)

        assert client.get("/accounts/").status_code == 302
        assert not user.has_usable_password()
