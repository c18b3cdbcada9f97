"""The month that has ended is published by itself, once."""

import pytest

from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.disclosure.models import MonthFile
from tongdian.disclosure.rules.months import Month
from tongdian.disclosure.tasks import publish_month

pytestmark = pytest.mark.django_db


class TestPublishMonth:
    def test_publishes_the_last_month_once(self) -> None:
        publish_month()
        publish_month()

        last = Month.of(local_date(installation_now())).previous
        assert [(each.month, each.version) for each in MonthFile.objects.all()] == [(last.first, 1)]
