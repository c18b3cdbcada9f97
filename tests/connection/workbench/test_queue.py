import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from support import connections

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
        ],
    )
    def test_is_narrowed_by_the_url(self, query, found):
        walk = connections.submitted()

        table = signed_in(walk.manager).get(f"{reverse('desk_queue')}?{query}").context["table"]

        assert table.page.paginator.count == found

    def test_says_what_a_wrong_filter_is(self):
        walk = connections.submitted()

        page = signed_in(walk.manager).get(f"{reverse('desk_queue')}?stage=nowhere")

        assert page.status_code == 200
        assert page.context["table"].filters.errors


def _queries(client: Client) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("desk_queue"))
    return [each["sql"] for each in captured]
