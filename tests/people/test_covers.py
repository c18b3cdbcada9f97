from datetime import date, timedelta

import pytest

from support import people
from tongdian.people import operations
from tongdian.people.models import User
from tongdian.people.queries import cover_of, covers_of
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)


def manager() -> User:
    return people.staff(Role.ACCOUNT_MANAGER)


def away(user: User, *covers: User, since: date = MONDAY, until: date = FRIDAY) -> None:
    operations.enter_absence(
        user,
        valid_from=since,
        valid_until=until,
        reason="leave",
        covers=covers,
        actor=user,
        now=people.NOW,
        today=date(2026, 3, 2),
    )


class TestCoverOf:
    @pytest.mark.parametrize(
        ("on", "is_away"),
        [
            (MONDAY - timedelta(days=1), False),
            (MONDAY, True),
            (FRIDAY - timedelta(days=1), True),
            (FRIDAY, False),
        ],
    )
    def test_is_the_cover_on_the_days_of_the_absence_only(self, on, is_away):
        user, cover = manager(), manager()
        away(user, cover)

        assert cover_of(user, on) == (cover if is_away else user)

    def test_is_the_first_cover_who_is_there(self):
        user, first, second = manager(), manager(), manager()
        away(user, first, second)
        operations.deactivate(first)

        assert cover_of(user, MONDAY) == second

    def test_follows_a_cover_who_went_away_later(self):
        user, cover, other = manager(), manager(), manager()
        away(user, cover)
        away(cover, other)

        assert cover_of(user, MONDAY) == other

    def test_is_nobody_when_those_who_stand_in_wait_for_each_other(self):
        user, cover = manager(), manager()
        away(user, cover)
        away(cover, manager(), until=MONDAY + timedelta(days=1))
        for row in cover.absences.get().cover_rows.all():
            operations.deactivate(row.user)

        assert cover_of(user, MONDAY) is None

    def test_is_nobody_for_a_closed_account_without_a_cover(self):
        assert cover_of(operations.deactivate(manager()), MONDAY) is None


class TestCoversOf:
    def test_answers_for_many_in_a_fixed_number_of_queries(self, django_assert_num_queries):
        users, cover = [manager() for _ in range(5)], manager()
        for user in users[:3]:
            away(user, cover)

        with django_assert_num_queries(4):
            found = covers_of(users, MONDAY)

        assert found == {user.pk: cover for user in users[:3]} | {user.pk: user for user in users[3:]}

    def test_causes_one_query_when_nobody_is_away(self, django_assert_num_queries):
        users = [manager() for _ in range(3)]

        with django_assert_num_queries(1):
            covers_of(users, MONDAY)
