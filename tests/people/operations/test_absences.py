from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from support import people
from tongdian.people import operations
from tongdian.people.models import Absence, User
from tongdian.people.operations import AbsenceNotPossible, CoverNotPossible
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
NOW = people.NOW
TODAY = date(2026, 3, 2)
MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)


def manager(territory: str = "370102", **fields) -> User:
    return people.staff(Role.ACCOUNT_MANAGER, territory=territory, **fields)


def enter(user: User, *covers: User, **changes) -> Absence:
    wanted = {
        "valid_from": MONDAY,
        "valid_until": FRIDAY,
        "reason": "leave",
        "covers": covers,
        "actor": user,
        "now": NOW,
        "today": TODAY,
    }
    return operations.enter_absence(user, **wanted | changes)


class TestEnterAbsence:
    def test_keeps_the_covers_in_their_order(self):
        first, second = manager(), manager()

        absence = enter(manager(), second, first)

        assert [row.user for row in absence.cover_rows.all()] == [second, first]

    def test_is_kept_with_who_entered_it(self):
        lead = people.staff(Role.PROJECT_MANAGER)

        absence = enter(manager(), manager(), actor=lead)

        event = absence.events.get()
        assert event.pgh_context.metadata == {"actor": lead.pk, "reason": "absence: leave"}

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"valid_until": MONDAY}, "period"),
            ({"valid_from": date(2026, 2, 2), "valid_until": TODAY}, "past"),
            ({"covers": ()}, "covers"),
        ],
    )
    def test_is_refused_without_days_or_covers(self, changes, problem):
        with pytest.raises(AbsenceNotPossible) as refused:
            enter(manager(), manager(), **changes)

        assert refused.value.problem == problem

    @pytest.mark.parametrize(
        ("start", "end", "is_refused"),
        [
            (MONDAY - timedelta(days=3), MONDAY, False),
            (MONDAY - timedelta(days=3), MONDAY + timedelta(days=1), True),
            (FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=5), True),
            (FRIDAY, FRIDAY + timedelta(days=5), False),
        ],
    )
    def test_is_refused_when_it_overlaps_another_of_the_same_person(self, start, end, is_refused):
        away, cover = manager(), manager()
        enter(away, cover)

        if not is_refused:
            enter(away, cover, valid_from=start, valid_until=end)
            return
        with pytest.raises(AbsenceNotPossible, match="overlap"):
            enter(away, cover, valid_from=start, valid_until=end)

    def test_is_possible_again_after_the_first_was_cancelled(self):
        away, cover = manager(), manager()
        operations.end_absence(enter(away, cover), back_on=MONDAY, actor=away, now=NOW)

        assert enter(away, cover).pk

    @pytest.mark.parametrize(
        ("cover", "problem"),
        [
            (lambda away: away, "self"),
            (lambda away: operations.deactivate(manager()), "closed"),
            (lambda away: people.staff(Role.COUNTER_CLERK), "role"),
            (lambda away: manager("370103"), "role"),
            (lambda away: manager(at=people.organisation("other-grid")), "role"),
        ],
    )
    def test_is_refused_with_a_cover_who_cannot_stand_in(self, cover, problem):
        away = manager()

        with pytest.raises(CoverNotPossible) as refused:
            enter(away, cover(away))

        assert refused.value.problem == problem

    def test_is_refused_with_a_cover_who_is_away(self):
        cover = manager()
        enter(cover, manager(), valid_from=FRIDAY - timedelta(days=1), valid_until=FRIDAY + timedelta(days=9))

        with pytest.raises(CoverNotPossible, match="away themselves"):
            enter(manager(), cover)

    def test_takes_a_cover_with_a_wider_territory(self):
        assert enter(manager(), manager("370100")).pk

    def test_is_refused_by_the_database_too(self):
        away = manager()
        absence = enter(away, manager())
        twin = Absence(user=away, valid_from=MONDAY, valid_until=FRIDAY, reason="duty", entered_by=away, entered_at=NOW)

        with pytest.raises(IntegrityError, match="absence_once_at_a_time"), transaction.atomic():
            twin.save()

        assert Absence.objects.get() == absence


class TestEndAbsence:
    def test_is_shortened_once_it_has_begun(self):
        away = manager()

        absence = operations.end_absence(
            enter(away, manager()), back_on=MONDAY + timedelta(days=2), actor=away, now=NOW
        )

        assert (absence.valid_until, absence.cancelled_at) == (MONDAY + timedelta(days=2), None)

    def test_is_cancelled_before_it_begins(self):
        away = manager()

        absence = operations.end_absence(enter(away, manager()), back_on=TODAY, actor=away, now=NOW)

        assert absence.cancelled_at == NOW

    @pytest.mark.parametrize("back_on", [FRIDAY, FRIDAY + timedelta(days=1)])
    def test_is_refused_once_it_is_over(self, back_on):
        away = manager()

        with pytest.raises(AbsenceNotPossible, match="already"):
            operations.end_absence(enter(away, manager()), back_on=back_on, actor=away, now=NOW)
