"""Two who publish one month at the same moment, on committed rows: one version, and one who is told so."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections as databases
from tests.case.conftest import committed  # noqa: F401 - a fixture

from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.disclosure.models import MonthFile
from tongdian.disclosure.operations.month import NothingNew, publish
from tongdian.disclosure.rules.months import Month


class TestPublishAtOnce:
    def test_makes_one_version(self, committed):  # noqa: F811 - pytest's way of asking for it
        month = Month.of(local_date(installation_now())).previous
        now, start = month.next.begins("Asia/Shanghai") + timedelta(days=4), threading.Barrier(3)

        def press(_):
            try:
                start.wait(timeout=10)
                return publish(month, now=now).version
            except NothingNew:
                return "nothing new"
            finally:
                databases.close_all()

        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(press, range(3)))

        assert sorted(map(str, told)) == ["1", "nothing new", "nothing new"]
        assert MonthFile.objects.count() == 1
