from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support import people
from tongdian.people.models import Absence, Delegation, Grant, User
from tongdian.people.queries import cover_of
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def manager(**fields) -> User:
    return people.staff(Role.ACCOUNT_MANAGER, **fields)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def days(cover: User, first: int = 0, last: int = 2, **changes) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "first_day": str(today + timedelta(days=first)),
        "last_day": str(today + timedelta(days=last)),
        "reason": "leave",
        "cover": str(cover.pk),
        **changes,
    }


class TestAbsence:
    def test_offers_only_who_can_stand_in(self):
        user, fitting = manager(), manager()
        people.staff(Role.COUNTER_CLERK)
        manager(territory="370103")

        page = signed_in(user).get(reverse("team_absence"))

        assert list(page.context["form"].people.values()) == [fitting]

    def test_is_entered_with_its_last_day_included(self):
        user, cover = manager(), manager()

        signed_in(user).post(reverse("team_absence"), days(cover))

        assert cover_of(user, timezone.localdate() + timedelta(days=2)) == cover
        assert cover_of(user, timezone.localdate() + timedelta(days=3)) == user

    @pytest.mark.parametrize(("first", "last", "field"), [(2, 1, "last_day"), (-5, -3, "last_day"), (1, 1, "__all__")])
    def test_says_what_is_wrong_with_the_days(self, first, last, field):
        user, cover = manager(), manager()
        client = signed_in(user)
        client.post(reverse("team_absence"), days(cover))

        page = client.post(reverse("team_absence"), days(cover, first, last))

        assert page.context["form"].errors[field]
        assert Absence.objects.count() == 1

    def test_names_the_cover_who_is_away_too(self):
        user, cover = manager(), manager()
        signed_in(cover).post(reverse("team_absence"), days(user))

        page = signed_in(user).post(reverse("team_absence"), days(cover))

        assert cover.username in str(page.context["form"].errors["cover"])

    def test_says_so_when_nobody_can_stand_in(self):
        assert "没有人可以替代" in signed_in(manager()).get(reverse("team_absence")).content.decode()

    def test_ends_on_return(self):
        user, cover = manager(), manager()
        client = signed_in(user)
        client.post(reverse("team_absence"), days(cover))

        client.post(reverse("team_absence_end", args=[Absence.objects.get().pk]))

        assert cover_of(user, timezone.localdate()) == user

    def test_can_be_entered_by_the_lead(self):
        lead, user, cover = people.staff(Role.PROJECT_MANAGER), manager(), manager()

        signed_in(lead).post(reverse("team_member_absence", args=[user.pk]), days(cover))

        assert Absence.objects.get().entered_by == lead


class TestDelegation:
    def post(self, user: User, to: User, **changes):
        grant = Grant.objects.get(user=user)
        wanted = {
            "grant": grant.pk,
            "territory_code": "370102",
            "to": to.pk,
            "last_day": str(timezone.localdate()),
            "reason": "帮忙",
        }
        return signed_in(user).post(reverse("team_delegation"), wanted | changes)

    def test_lasts_to_the_end_of_its_last_day(self):
        user, clerk = manager(), people.staff()

        self.post(user, clerk)

        until = timezone.localtime(Delegation.objects.get().valid_until)
        assert (until.date(), until.hour) == (timezone.localdate() + timedelta(days=1), 0)

    def test_refuses_a_day_that_has_passed(self):
        user = manager()

        page = self.post(user, people.staff(), last_day=str(timezone.localdate() - timedelta(days=1)))

        assert page.context["form"].errors["last_day"]

    def test_says_that_a_circle_is_not_possible(self):
        user, other = manager(), manager()
        self.post(user, other)

        page = self.post(other, user)

        assert page.context["form"].errors["to"]

    def test_shows_on_both_pages_and_ends_on_either(self):
        user, clerk = manager(), people.staff()
        self.post(user, clerk)
        end = reverse("team_delegation_end", args=[Delegation.objects.get().pk])

        shown = [end in signed_in(each).get(reverse("team")).content.decode() for each in (user, clerk)]
        signed_in(clerk).post(end)

        assert shown == [True, True]
        assert Delegation.objects.get().revoked_at

    def test_has_nothing_to_lend_for_an_administrator(self):
        page = signed_in(people.staff(Role.ADMINISTRATOR)).get(reverse("team_delegation"))

        assert "没有可以转交的岗位" in page.content.decode()
