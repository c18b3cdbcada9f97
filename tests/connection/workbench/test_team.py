from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support import connections, people
from tongdian.case.models import Event
from tongdian.people.models import Delegation, Grant, User
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def clerk(walk: connections.Walk, role: Role = Role.COUNTER_CLERK) -> User:
    return people.staff(role, at=walk.case.utility)


class TestManagers:
    def handed(self, walk, to: User, *, role: str = "account_manager", reason: str = "熟悉现场"):
        given = {"version": walk.case.version, "role": role, "to": f"account_manager:{to.pk}", "reason": reason}
        return signed_in(walk.manager).post(reverse("desk_managers", args=[walk.case.pk]), given)

    def test_hands_the_case_over_with_the_reason(self):
        walk = connections.submitted().accepted()
        other = clerk(walk, Role.ACCOUNT_MANAGER)

        self.handed(walk, other)

        walk.case.refresh_from_db()
        assert walk.case.assignee == other
        assert Event.objects.filter(case=walk.case).last().facts["reason"] == "熟悉现场"

    def test_shows_what_each_has_in_hand(self):
        walk = connections.submitted().accepted()

        page = signed_in(walk.manager).get(reverse("desk_managers", args=[walk.case.pk]))

        assert "在办 1 件，工作量 3.0" in page.content.decode()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"role": "project_manager"}, "to"), ({"reason": ""}, "reason"), ({"reason": "打 13800001111"}, "reason")],
    )
    def test_says_what_is_wrong(self, changes, field):
        walk = connections.submitted().accepted()

        page = self.handed(walk, clerk(walk, Role.ACCOUNT_MANAGER), **changes)

        assert page.context["form"].errors[field]

    def test_says_so_when_nothing_would_change(self):
        walk = connections.submitted().accepted()

        page = self.handed(walk, walk.manager)

        assert "现在就由这位负责" in page.content.decode()

    def test_leads_back_from_a_closed_case(self):
        walk = connections.submitted().energised()

        page = signed_in(walk.manager).get(reverse("desk_managers", args=[walk.case.pk]))

        assert page.url == reverse("desk_case", args=[walk.case.pk])


class TestLend:
    def lent(self, walk, to: User):
        given = {
            "grant": Grant.objects.get(user=walk.manager).pk,
            "to": to.pk,
            "last_day": str(timezone.localdate() + timedelta(days=1)),
            "reason": "出差",
        }
        return signed_in(walk.manager).post(reverse("desk_lend", args=[walk.case.pk]), given)

    def test_lets_a_colleague_work_the_one_case(self):
        walk, other = connections.submitted(), connections.submitted()
        planner = clerk(walk, Role.PLANNER)

        self.lent(walk, planner)

        client = signed_in(planner)
        assert client.get(reverse("desk_act", args=[walk.case.pk, "accept"])).status_code == 200
        assert client.get(reverse("desk_act", args=[other.case.pk, "accept"])).status_code == 404

    def test_says_for_whom_the_colleague_acts(self):
        walk = connections.submitted()
        planner = clerk(walk, Role.PLANNER)
        self.lent(walk, planner)

        signed_in(planner).post(reverse("desk_act", args=[walk.case.pk, "accept"]), {"version": walk.case.version})

        event = Event.objects.filter(case=walk.case).last()
        page = signed_in(walk.manager).get(reverse("desk_case", args=[walk.case.pk])).content.decode()
        assert (event.actor, event.facts["on_behalf_of_user_id"]) == (planner, walk.manager.pk)
        assert f"{planner.get_full_name()}（代{walk.manager.get_full_name()}）" in page

    def test_ends_when_it_is_taken_back(self):
        walk = connections.submitted()
        planner = clerk(walk, Role.PLANNER)
        self.lent(walk, planner)

        signed_in(walk.manager).post(reverse("team_delegation_end", args=[Delegation.objects.get().pk]))

        assert signed_in(planner).get(reverse("desk_act", args=[walk.case.pk, "accept"])).status_code == 403
