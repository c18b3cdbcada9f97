from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from support import connections, people
from tongdian.case.models import SavedFilter
from tongdian.case.operations import saved as operations
from tongdian.case.queries import installation_now
from tongdian.case.queries.saved import filters_for
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
LATE = {"name": "超期", "query": "lamp=overdue&sort=due&page=3"}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def saved(owner, name="超期", query="lamp=overdue", *, is_shared=False) -> SavedFilter:
    return operations.save_filter(owner, name=name, query=query, is_shared=is_shared, now=installation_now())


class TestListed:
    def test_saves_what_is_a_filter_and_nothing_else_of_the_address(self):
        user = people.staff()

        answer = signed_in(user).post(reverse("desk_filters"), LATE)

        assert answer["Location"] == f"{reverse('desk_queue')}?lamp=overdue"
        assert [each.query for each in filters_for(user).filters] == ["lamp=overdue"]

    def test_says_that_a_name_is_taken(self):
        user = people.staff()
        saved(user)

        answer = signed_in(user).post(reverse("desk_filters"), LATE)

        assert answer.status_code == 200
        assert answer.context["form"].errors["name"]

    def test_says_that_there_are_too_many(self, monkeypatch):
        monkeypatch.setattr(operations, "MOST_FILTERS", 1)
        user = people.staff()
        saved(user, "一")

        assert signed_in(user).post(reverse("desk_filters"), LATE).context["form"].errors["name"]

    def test_shows_what_a_colleague_shares_and_no_more(self):
        utility = people.organisation()
        owner, colleague = people.staff(at=utility), people.staff(at=utility)
        stranger = people.staff(at=people.organisation("other-grid"))
        ours = saved(owner, "共用", is_shared=True)
        saved(owner, "私有")

        assert filters_for(colleague).filters == (ours,)
        assert filters_for(stranger).filters == ()
        assert "共用" in signed_in(colleague).get(reverse("desk_filters")).content.decode()


class TestChanged:
    def test_renames_shares_and_opens(self):
        user = people.staff()
        mine = saved(user)

        signed_in(user).post(reverse("desk_filter", args=[mine.pk]), {"name": "今天", "is_shared": "on", "opens": "on"})

        kept = filters_for(user)
        assert (kept.filters[0].name, kept.filters[0].organisation, kept.opening) == ("今天", user.organisation, mine)

    def test_is_for_the_owner_alone(self):
        owner, colleague = people.staff(), people.staff()
        shared = saved(owner, is_shared=True)

        for name in ("desk_filter", "desk_filter_delete"):
            assert signed_in(colleague).post(reverse(name, args=[shared.pk])).status_code == 404

    def test_says_that_a_name_is_taken(self):
        user = people.staff()
        saved(user, "一")
        other = saved(user, "二")

        answer = signed_in(user).post(reverse("desk_filter", args=[other.pk]), {"name": "一"})

        assert answer.context["form"].errors["name"]


class TestOpening:
    def test_is_where_the_queue_opens_until_turned_off(self):
        owner, colleague = people.staff(), people.staff()
        shared = saved(owner, is_shared=True)
        client = signed_in(colleague)

        client.post(reverse("desk_filter_opening", args=[shared.pk]))

        assert client.get(reverse("desk_queue"))["Location"].endswith("?lamp=overdue")
        assert client.get(f"{reverse('desk_queue')}?all=1").status_code == 200
        client.post(reverse("desk_filter_opening", args=[shared.pk]))
        assert client.get(reverse("desk_queue")).status_code == 200

    def test_is_dropped_with_the_filter(self):
        user = people.staff()
        mine = saved(user)
        operations.open_with(user, mine)

        signed_in(user).post(reverse("desk_filter_delete", args=[mine.pk]))

        assert filters_for(user).opening is None


class TestTabs:
    def test_count_each_saved_filter_in_one_statement(self, django_assert_max_num_queries):
        walk = connections.submitted()
        for n in range(4):
            saved(walk.manager, f"f{n}", f"stage={'acceptance' if n else 'connect'}&text={quote('示例食品厂')}")
        client = signed_in(walk.manager)
        client.get(reverse("desk_queue"))

        with django_assert_max_num_queries(8):
            page = client.get(f"{reverse('desk_queue')}?stage=connect&text=示例食品厂")

        tabs = page.context["tabs"]
        assert [tab.count for tab in tabs] == [None, 0, 1, 1, 1]
        assert [tab.is_current for tab in tabs][:2] == [False, True]

    def test_are_counted_no_further_than_a_glance_needs(self, monkeypatch):
        monkeypatch.setattr("tongdian.connection.workbench.queue.COUNTED_TO", 1)
        walk = connections.submitted()
        connections.submitted(walk.customer)
        saved(walk.manager, query="stage=acceptance")

        tabs = signed_in(walk.manager).get(f"{reverse('desk_queue')}?all=1").context["tabs"]

        assert tabs[1].count == "1+"


class TestOwner:
    def test_alone_changes_and_deletes(self):
        owner, colleague = people.staff(Role.COUNTER_CLERK), people.staff()
        shared = saved(owner, is_shared=True)

        with pytest.raises(operations.NotOwner):
            operations.delete_filter(shared, actor=colleague)
        with pytest.raises(operations.NotOwner):
            operations.change_filter(shared, actor=colleague, name="x", is_shared=False)
