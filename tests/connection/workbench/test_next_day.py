from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from support import connections
from tongdian.case.operations import move_clock_to
from tongdian.connection import operations, queries

pytestmark = pytest.mark.django_db


def page_of(user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("desk_next_day"))


class TestNextDay:
    def test_counts_who_qualified_and_what_became_of_it(self):
        kept = connections.submitted(customer_class="lv_no_works").energised()
        gone = connections.submitted(customer_class="lv_no_works", site={"address": "示例路 2 号"})
        operations.withdraw(gone.case, reason="不办了", acting=gone.by_customer())
        late = connections.submitted(customer_class="lv_no_works", site={"address": "示例路 3 号"}).accepted()
        move_clock_to(late.case.opened_at + timedelta(days=3), reason="test")
        operations.energise(late.case, meter_number="M-late", first_reading_kwh=0, acting=late.by_staff())
        connections.submitted(customer_class="lv_no_works", site={"address": "示例路 4 号"})
        connections.submitted(customer_class="lv_resident", site={"address": "示例路 5 号"})

        found = queries.next_day_count(queries.next_day_cases(kept.manager))

        assert (found.qualified, found.kept, found.missed, found.running, found.withdrawn) == (4, 1, 1, 1, 1)

    def test_shows_working_days_beside_calendar_days(self):
        walk = connections.submitted(customer_class="lv_no_works").accepted()
        move_clock_to(walk.case.opened_at + timedelta(days=7), reason="test")
        operations.energise(walk.case, meter_number="M-week", first_reading_kwh=0, acting=walk.by_staff())

        table = page_of(walk.manager).context["table"]

        row = {cell.column.name: cell.value for cell in table.rows[0]}
        assert row["calendar_days"] == 7
        assert 0 < row["working_days"] < 7

    def test_says_that_nothing_is_there_yet(self):
        walk = connections.submitted()

        assert "还没有次日接电的办件" in page_of(walk.manager).content.decode()
