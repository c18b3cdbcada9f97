import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import people
from tongdian.people import operations
from tongdian.people.models import Delegation, Grant, User
from tongdian.people.operations import DelegationNotPossible
from tongdian.people.queries import scope
from tongdian.people.rules import LENDABLE_ROLES, InvalidTerritory, Role

CASE, OTHER_CASE = UUID(int=7), UUID(int=8)


def lend(lender: User, to: User, **changes) -> Delegation:
    now = timezone.now()
    wanted = {
        "territory_code": "370102",
        "valid_until": now + timedelta(days=5),
        "reason": "helps out",
        "actor": lender,
        "now": now,
    }
    return operations.delegate(Grant.objects.get(user=lender), to=to, **wanted | changes)


def manager(territory: str = "370102", **fields) -> User:
    return people.staff(Role.ACCOUNT_MANAGER, territory=territory, **fields)


@pytest.mark.django_db
class TestDelegate:
    def test_gives_the_delegate_the_right_of_the_lender(self):
        lender, clerk = manager(), people.staff()

        lend(lender, clerk)

        right = scope(clerk, "case.assign").right_for(county="370102", utility_id=clerk.organisation_id)
        assert right is not None
        assert (right.role, right.on_behalf_of) == (Role.ACCOUNT_MANAGER, lender.pk)

    def test_prefers_an_own_right(self):
        lender, colleague = manager(), manager()

        lend(lender, colleague)

        right = scope(colleague, "case.assign").right_for(county="370102", utility_id=colleague.organisation_id)
        assert right is not None
        assert right.on_behalf_of is None

    def test_is_kept_with_who_and_why(self):
        lender = manager()

        event = lend(lender, people.staff()).events.get()

        assert event.pgh_context.metadata == {"actor": lender.pk, "reason": "helps out"}

    @pytest.mark.parametrize(
        ("to", "changes", "problem"),
        [
            (lambda lender: lender, {}, "colleague"),
            (lambda lender: people.person(), {}, "colleague"),
            (lambda lender: people.staff(at=people.organisation("other-grid")), {}, "colleague"),
            (lambda lender: operations.deactivate(people.staff()), {}, "colleague"),
            (lambda lender: people.staff(), {"territory_code": "370103"}, "territory"),
            (lambda lender: people.staff(), {"territory_code": "370100"}, "territory"),
            (lambda lender: people.staff(), {"valid_until": people.NOW}, "period"),
            (lambda lender: people.staff(), {"valid_from": people.NOW}, "period"),
        ],
    )
    def test_is_refused(self, to, changes, problem):
        lender = manager()

        with pytest.raises(DelegationNotPossible) as refused:
            lend(lender, to(lender), **changes)

        assert refused.value.problem == problem

    def test_is_refused_for_a_territory_that_is_none(self):
        with pytest.raises(InvalidTerritory):
            lend(manager(), people.staff(), territory_code="37")

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_is_refused_for_roles_that_check_others(self, role):
        kind = "bureau" if role is Role.AUDITOR else "utility"
        at = people.organisation(f"of-{role}", kind)

        with pytest.raises(DelegationNotPossible, match="never lent"):
            lend(people.staff(role, at=at), people.staff(None, at=at))

        assert role not in LENDABLE_ROLES

    def test_is_refused_once_the_grant_has_ended(self):
        lender = manager()
        operations.revoke(Grant.objects.get(user=lender), actor=None, reason="left", now=timezone.now())

        with pytest.raises(DelegationNotPossible, match="not in force"):
            lend(lender, people.staff())

    def test_is_refused_for_a_case_beside_the_case_of_the_grant(self):
        lender = manager(case_id=CASE)

        with pytest.raises(DelegationNotPossible, match="another case"):
            lend(lender, people.staff(), case_id=OTHER_CASE)

    def test_stays_with_the_case_of_the_grant(self):
        assert lend(manager(case_id=CASE), people.staff()).case_id == CASE

    def test_is_refused_twice(self):
        lender, clerk = manager(), people.staff()
        lend(lender, clerk)

        with pytest.raises(DelegationNotPossible, match="has the same"):
            lend(lender, clerk)

    def test_is_refused_when_it_closes_a_circle(self):
        first, second, third = manager(), manager(), manager()
        lend(first, second)
        lend(second, third)

        with pytest.raises(DelegationNotPossible) as refused:
            lend(third, first)

        assert refused.value.problem == "circle"

    def test_cannot_be_passed_on(self):
        lender, clerk = manager(), people.staff()
        lend(lender, clerk)

        lend(clerk, people.staff(Role.PLANNER))

        lent_on = Delegation.objects.get(grant__user=clerk)
        assert lent_on.grant.role == Role.COUNTER_CLERK


@pytest.mark.django_db
class TestRights:
    """What is lent never reaches more than the lender does, whatever becomes of the lender."""

    def reaches(self, clerk: User, *, county: str = "370102", case_id: UUID | None = None) -> bool:
        fresh = User.objects.get(pk=clerk.pk)
        return scope(fresh, "case.assign").reaches(county=county, utility_id=fresh.organisation_id, case_id=case_id)

    def test_end_with_the_grant(self):
        lender, clerk = manager(), people.staff()
        lend(lender, clerk)

        operations.revoke(Grant.objects.get(user=lender), actor=None, reason="moved", now=timezone.now())

        assert not self.reaches(clerk)

    def test_end_with_the_account_of_the_lender(self):
        lender, clerk = manager(), people.staff()
        lend(lender, clerk)

        operations.deactivate(lender)

        assert not self.reaches(clerk)

    def test_are_limited_to_the_part_that_is_lent(self):
        clerk = people.staff()
        lend(manager("370100"), clerk, territory_code="370102")

        assert self.reaches(clerk)
        assert not self.reaches(clerk, county="370103")

    def test_are_limited_to_the_case_that_is_lent(self):
        clerk = people.staff()
        lend(manager(), clerk, case_id=CASE)

        assert self.reaches(clerk, case_id=CASE)
        assert not self.reaches(clerk, case_id=OTHER_CASE)
        assert not self.reaches(clerk)

    def test_begin_when_they_are_to_begin(self):
        clerk = people.staff()
        lend(manager(), clerk, valid_from=timezone.now() + timedelta(days=1))

        assert not self.reaches(clerk)


@pytest.mark.django_db
class TestRevokeDelegation:
    def test_ends_it_at_once(self):
        lender, clerk = manager(), people.staff()
        lent = lend(lender, clerk)

        operations.revoke_delegation(lent, actor=lender, reason="back", now=timezone.now())

        assert not scope(User.objects.get(pk=clerk.pk), "case.assign").is_allowed

    def test_is_refused_twice(self):
        lender = manager()
        lent = lend(lender, people.staff())
        operations.revoke_delegation(lent, actor=lender, reason="back", now=timezone.now())

        with pytest.raises(DelegationNotPossible, match="was revoked"):
            operations.revoke_delegation(lent, actor=lender, reason="again", now=timezone.now())


class TestCircles:
    def test_are_refused_even_at_the_same_moment(self, committed):  # noqa: F811 - pytest's way of asking for it
        users = [manager() for _ in range(3)]
        barrier, outcomes = threading.Barrier(3), []

        def attempt(number: int) -> None:
            barrier.wait(timeout=10)
            try:
                lend(users[number], users[(number + 1) % 3])
                outcomes.append("lent")
            except DelegationNotPossible as error:
                outcomes.append(error.problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=attempt, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)

        assert sorted(outcomes) == ["circle", "lent", "lent"]
