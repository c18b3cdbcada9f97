from datetime import date, timedelta

import pytest
from django.utils import timezone

from support import people
from support.alerts import COUNTY, hand_over, running_case, supervisor, swept, told
from support.alerts import manager as new_manager
from tongdian.oversight.queries.recipients import directory
from tongdian.people.operations.absences import enter_absence
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
CHAIN = ("account_manager", "project_manager", "supervisor_county", "supervisor_city", "supervisor_province")
DAY = date(2026, 11, 23)


def told_at(role: str, *, county: str = COUNTY, on: date = DAY) -> list[int]:
    place = (county, people.organisation("grid").pk)
    return [seat.user_id for seat in directory(set(CHAIN) | {role}, [place], on=on).told(role, place, chain=CHAIN)]


class TestDirectory:
    def test_finds_holders_of_every_level_of_the_territory(self, manager):
        county, city = supervisor(), supervisor(Role.SUPERVISOR_CITY, "370100")

        assert told_at("account_manager") == [manager.pk]
        assert told_at("supervisor_county") == [county.pk]
        assert told_at("supervisor_city") == [city.pk]

    def test_keeps_utilities_apart(self, manager):
        new_manager(at=people.organisation("other-grid"))

        assert told_at("account_manager") == [manager.pk]

    def test_keeps_territories_apart(self, manager):
        assert manager.pk not in told_at("account_manager", county="370202")

    def test_goes_up_the_chain_to_the_first_who_is_there(self):
        city = supervisor(Role.SUPERVISOR_CITY, "370100")

        assert told_at("account_manager") == [city.pk]

    def test_stands_in_for_nobody_outside_the_chain(self):
        supervisor(Role.SUPERVISOR_PROVINCE, "370000")

        assert told_at("regulator") == []

    def test_leaves_out_closed_accounts(self, manager):
        type(manager).objects.filter(pk=manager.pk).update(is_active=False)

        assert told_at("account_manager") == []


def away(user, *covers, days: int = 30):
    """Enter an absence that lasts over the days these cases fall due."""
    today = timezone.localdate()
    return enter_absence(
        user,
        valid_from=today,
        valid_until=today + timedelta(days=days),
        reason="leave",
        covers=list(covers),
        actor=user,
        now=timezone.now(),
        today=today,
    )


class TestAbsence:
    def test_tells_who_stands_in_and_for_whom(self, manager):
        cover = new_manager()
        case = running_case(manager)
        away(manager, cover)

        swept(case.next_due_date)

        (reminder,) = told(cover, "due_today")
        assert reminder.in_place_of == manager
        assert not told(manager)

    def test_tells_all_managers_where_nobody_stands_in(self, manager):
        others, cover = [new_manager(), new_manager()], new_manager()
        case = running_case(manager)
        away(manager, cover)
        type(cover).objects.filter(pk=cover.pk).update(is_active=False)

        swept(case.next_due_date)

        assert all(told(other, "due_today") for other in others)
        assert not told(manager)

    def test_settles_the_covers_reminder_when_the_case_gets_other_hands(self, manager):
        cover, other = new_manager(), new_manager()
        case = running_case(manager)
        away(manager, cover)
        swept(case.next_due_date)
        hand_over(case, other)
        swept(case.next_due_date)

        assert [each.settled_because for each in told(cover, "due_today")] == ["reassigned"]
