from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case import operations
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.people.models import Absence
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def board(user, query: str = ""):
    return signed_in(user).get(f"{reverse('desk_board')}{query}")


def assigned(walk, to) -> Case:
    operations.assign(
        walk.case,
        assignee=to,
        actor=walk.manager,
        channel="desk",
        expected_version=walk.case.version,
        now=installation_now(),
    )
    return walk.case


def lamps(line) -> dict[str, int]:
    return {lamp: count for lamp, _word, count, _url in line.lamps if count}


class TestBoard:
    def test_counts_by_manager_and_lamp_and_leads_to_the_same_cases(self):
        walk = connections.submitted()
        other = connections.submitted(walk.customer)
        assigned(walk, walk.manager)
        Case.objects.filter(pk=walk.case.pk).update(next_due_date=local_date(installation_now()) - timedelta(days=3))

        nobody, manager = board(walk.manager).context["lines"]

        assert (nobody.name, lamps(nobody)) == ("未分派", {"due_soon": 1})
        assert (manager.name, lamps(manager)) == (walk.manager.get_full_name(), {"overdue": 1})
        url = next(url for lamp, _word, _count, url in manager.lamps if lamp == "overdue")
        assert list(signed_in(walk.manager).get(url).context["table"].page.object_list) == [walk.case]
        assert list(signed_in(walk.manager).get(nobody.url).context["table"].page.object_list) == [other.case]

    def test_says_who_is_away_and_who_stands_in(self):
        walk = connections.submitted()
        assigned(walk, walk.manager)
        cover = people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility)
        today = local_date(installation_now())
        absence = Absence.objects.create(
            user=walk.manager,
            valid_from=today,
            valid_until=today + timedelta(days=1),
            reason="leave",
            entered_by=cover,
            entered_at=installation_now(),
        )
        absence.cover_rows.create(user=cover, rank=1)

        line = board(walk.manager).context["lines"][0]

        assert (line.is_away, line.cover) == (True, cover.get_full_name())

    @pytest.mark.parametrize(
        ("by", "name"), [("county_code", "历下区"), ("city", "济南市"), ("utility", "示例单位 grid")]
    )
    def test_groups_by_place_or_utility(self, by, name):
        walk = connections.submitted()

        (line,) = board(walk.manager, f"?by={by}").context["lines"]

        assert (line.name, line.cases) == (name, 1)

    def test_opens_for_a_supervisor_by_place(self):
        walk = connections.submitted()
        bureau = people.organisation("bureau", "bureau")
        city = people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370100")
        province = people.staff(Role.SUPERVISOR_PROVINCE, at=bureau, territory="370000")

        assert board(city).context["lines"][0].name == "历下区"
        assert board(province).context["lines"][0].name == "济南市"
        assert (
            walk.case.number
            not in board(people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370200")).content.decode()
        )

    def test_shows_the_most_urgent_of_each_stage(self, monkeypatch):
        monkeypatch.setattr("tongdian.connection.workbench.board.URGENT", 1)
        walk = connections.submitted()
        connections.submitted(walk.customer)
        Case.objects.filter(pk=walk.case.pk).update(next_due_date=local_date(installation_now()) - timedelta(days=3))

        ((words, _url, cases),) = board(walk.manager).context["stages"]

        assert (str(words), [each.case for each in cases]) == ("业务受理", [walk.case])
        assert (cases[0].lamp, cases[0].days_left < 0) == ("overdue", True)

    def test_costs_the_same_statements_however_many_cases(self, django_assert_num_queries):
        walk = connections.submitted()
        client = signed_in(walk.manager)
        client.get(reverse("desk_board"))
        with django_assert_num_queries(7):
            client.get(reverse("desk_board"))
        for _ in range(3):
            connections.submitted(walk.customer)

        with django_assert_num_queries(7):
            client.get(reverse("desk_board"))

    def test_says_when_there_is_nothing(self):
        assert "没有在办件" in board(people.staff()).content.decode()
