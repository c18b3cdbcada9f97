from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from pghistory.models import Context

from support import people
from tongdian.people import operations
from tongdian.people.models import Grant, User
from tongdian.people.rules import InvalidTerritory, Role

pytestmark = pytest.mark.django_db
NOW = people.NOW
CASE = UUID(int=7)


def grant(user: User, role: Role = Role.COUNTER_CLERK, **changes) -> Grant:
    wanted = {
        "organisation": people.organisation(),
        "territory_code": "370102",
        "actor": None,
        "reason": "joined the counter",
        "now": NOW,
    }
    return operations.grant(user, role=role, **wanted | changes)


class TestGrant:
    def test_holds_from_now_on(self):
        given = grant(people.staff(None), valid_until=NOW + timedelta(days=30))

        assert (given.valid_from, given.valid_until) == (NOW, NOW + timedelta(days=30))

    def test_is_kept_with_who_gave_it_and_why(self):
        administrator = people.staff(Role.ADMINISTRATOR)

        given = grant(people.staff(None), actor=administrator, reason="replaces a colleague")

        event = given.events.get()
        assert event.pgh_label == "insert"
        assert event.pgh_context.metadata == {"actor": administrator.pk, "reason": "replaces a colleague"}

    @pytest.mark.parametrize(
        ("user", "role", "changes", "reason"),
        [
            (people.person, Role.APPLICANT, {}, "never granted"),
            (people.person, Role.COUNTER_CLERK, {}, "kind person"),
            (lambda: people.staff(None), Role.AGENT, {"case_id": CASE}, "kind staff"),
            (lambda: people.staff(None), Role.MACHINE, {}, "kind staff"),
            (lambda: people.staff(None), Role.REGULATOR, {}, "kind utility"),
            (lambda: people.staff(None), Role.COUNTER_CLERK, {"organisation": None}, "needs an organisation"),
            (people.person, Role.AGENT, {"organisation": None}, "for one case"),
            (lambda: people.staff(None), Role.CREW, {"valid_until": NOW}, "not after its start"),
            (lambda: operations.deactivate(people.staff(None)), Role.CREW, {}, "closed"),
        ],
    )
    def test_is_refused(self, user, role, changes, reason):
        with pytest.raises(operations.GrantNotPossible, match=reason):
            grant(user(), role, **changes)

    def test_is_refused_outside_any_division(self):
        with pytest.raises(InvalidTerritory):
            grant(people.staff(None), territory_code="37")

    def test_is_refused_while_the_same_one_is_in_force(self):
        user = people.staff(None)
        grant(user)

        with pytest.raises(operations.GrantNotPossible, match="already holds it"):
            grant(user, now=NOW + timedelta(days=1))

    def test_is_possible_again_after_it_ended(self):
        user = people.staff(None)
        grant(user, valid_until=NOW + timedelta(days=1))

        again = grant(user, now=NOW + timedelta(days=1))

        assert again.valid_from == NOW + timedelta(days=1)

    def test_gives_a_machine_its_role(self):
        machine = operations.create_machine(username="m", organisation=people.organisation())

        assert grant(machine, Role.MACHINE).role == "machine"


class TestRevoke:
    def test_ends_the_grant_now_and_keeps_the_row(self):
        given = grant(people.staff(None))

        ended = operations.revoke(given, actor=None, reason="left", now=NOW + timedelta(days=1))

        assert ended.valid_until == NOW + timedelta(days=1)
        assert [event.pgh_label for event in given.events.order_by("pgh_id")] == ["insert", "update"]
        assert given.events.latest("pgh_id").pgh_context.metadata["reason"] == "left"

    def test_is_refused_for_a_grant_that_ended(self):
        given = grant(people.staff(None))
        operations.revoke(given, actor=None, reason="left", now=NOW + timedelta(days=1))

        with pytest.raises(operations.GrantNotPossible, match="already ended"):
            operations.revoke(given, actor=None, reason="left", now=NOW + timedelta(days=2))

    def test_is_refused_for_a_grant_that_begins_later(self):
        given = grant(people.staff(None))

        with pytest.raises(operations.GrantNotPossible, match="begins only"):
            operations.revoke(given, actor=None, reason="left", now=NOW)


class TestTables:
    def row(self, **changes) -> Grant:
        wanted = {
            "user": people.staff(None),
            "role": "crew",
            "organisation": people.organisation(),
            "territory_code": "370102",
            "valid_from": NOW,
        }
        return Grant(**wanted | changes)

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"valid_until": NOW}, "grant_period_not_empty"),
            ({"territory_code": "3701"}, "grant_territory_is_a_code"),
            ({"organisation": None}, "grant_organisation_named"),
            ({"role": "designer_builder"}, "grant_of_case_role_names_its_case"),
            ({"role": "applicant"}, "grant_applicant_is_implied"),
        ],
    )
    def test_refuse_what_no_grant_may_be(self, changes, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            self.row(**changes).save()

    def test_keep_the_history_from_being_rewritten(self):
        event = grant(people.staff(None)).events.get()

        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            event.delete()

    def test_refuse_a_phone_that_signs_in_to_a_staff_account(self):
        clerk = people.staff(None)
        clerk.phone = "13800001234"

        with pytest.raises(IntegrityError, match="user_phone_sign_in_public_only"), transaction.atomic():
            clerk.save()

    def test_record_the_context_once_per_change(self):
        before = Context.objects.count()

        grant(people.staff(None))

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM people_grantevent")
            assert cursor.fetchone()[0] == 1
        assert Context.objects.count() > before
