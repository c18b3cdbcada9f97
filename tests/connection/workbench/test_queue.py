import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from support import connections
from tongdian.case.models import Case
from tongdian.case.operations import search

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestQueue:
    def test_puts_the_least_time_left_first(self):
        late = connections.submitted()
        connections.submitted(late.customer).accepted()

        rows = signed_in(late.manager).get(reverse("desk_queue")).context["table"].page.object_list

        assert [case.status for case in rows] == ["submitted", "accepted"]

    def test_costs_the_same_queries_however_many_rows(self):
        walk = connections.submitted()
        client = signed_in(walk.manager)
        _queries(client)
        few = len(_queries(client))
        for _ in range(5):
            connections.submitted(walk.customer)

        assert len(_queries(client)) == few

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("stage=acceptance", 1),
            ("stage=connect", 0),
            ("waiting_for=customer", 0),
            ("lamp=due_soon", 1),
            ("whose=mine", 0),
            ("whose=unassigned", 1),
            ("county_code=370102", 1),
            ("customer_class=hv10_single", 1),
            ("customer_class=hv10_dual", 0),
            ("opened_from=2020-01-01&opened_until=2020-12-31", 0),
            ("text=shilishipin", 1),
        ],
    )
    def test_is_narrowed_by_the_url(self, query, found):
        walk = connections.submitted()

        table = signed_in(walk.manager).get(f"{reverse('desk_queue')}?{query}").context["table"]

        assert table.page.paginator.count == found

    def test_puts_the_nearest_found_first(self):
        later = connections.submitted().accepted()
        Case.objects.filter(pk=later.case.pk).update(title="黄河路")
        sooner = connections.submitted(later.customer)
        Case.objects.filter(pk=sooner.case.pk).update(address="黄河路9号", title="某厂")
        for walk in (later, sooner):
            search.index(Case.objects.get(pk=walk.case.pk))
        client = signed_in(later.manager)

        found = client.get(f"{reverse('desk_queue')}?text=黄河路").context["table"]
        sorted_by_due = client.get(f"{reverse('desk_queue')}?text=黄河路&sort=due").context["table"]

        assert list(found.page.object_list) == [later.case, sooner.case]
        assert list(sorted_by_due.page.object_list) == [sooner.case, later.case]

    def test_is_counted_no_further_than_its_limit(self, monkeypatch):
        monkeypatch.setattr("tongdian.connection.workbench.queue_list.QueueTable.count_limit", 1)
        walk = connections.submitted()
        connections.submitted(walk.customer)
        client = signed_in(walk.manager)

        for query in ("", "?text=示例食品厂", "?text=食", "?page=7"):
            page = client.get(f"{reverse('desk_queue')}{query}")
            assert "超过 1 条" in page.content.decode()
            assert len(page.context["table"].page.object_list) == 1

    def test_offers_further_filters_when_asked(self):
        walk = connections.submitted()
        client = signed_in(walk.manager)

        plain = client.get(reverse("desk_queue")).context["table"].filters
        wide = client.get(f"{reverse('desk_queue')}?more=1").context["table"].filters

        assert "manager" not in plain.fields
        managers = [value for value, _ in wide.fields["manager"].choices]
        assert managers == ["", str(walk.manager.pk)]
        assert wide.fields["county_code"].choices[1] == ("济南市", [("370102", "历下区")])

    def test_says_what_a_wrong_filter_is(self):
        walk = connections.submitted()

        page = signed_in(walk.manager).get(f"{reverse('desk_queue')}?stage=nowhere")

        assert page.status_code == 200
        assert page.context["table"].filters.errors


def _queries(client: Client) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("desk_queue"))
    return [each["sql"] for each in captured]
