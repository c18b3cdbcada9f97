"""The public pages: months, versions, files; nothing provisional without saying so."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.disclosure.matrix_rows import published

from tongdian.disclosure.models import MonthFile

pytestmark = pytest.mark.django_db
GROUP = {
    "city": "370100",
    "customer_class": "hv10_single",
    "cases": 8,
    "measured": 8,
    "on_time": 7,
    "energised": 8,
    "median_days": 7.5,
    "p90_days": 10.0,
    "provisional": 0,
}


def month_file(version: int = 1, **fields) -> MonthFile:
    facts = {
        "month": date(2026, 10, 1),
        "version": version,
        "known_at": datetime(2026, 11, 5, 2, tzinfo=ZoneInfo("Asia/Shanghai")) + timedelta(days=version),
        "rows": 8,
        "provisional": 0,
        "least": 5,
        "policy_digest": "p" * 64,
        "calendar_version": "c" * 64,
        "csv_sha256": f"{version}" * 64,
        "csv_bytes": 10,
        "json_sha256": "b" * 64,
        "json_bytes": 10,
        "groups": [GROUP],
    }
    return MonthFile.objects.create(**(facts | fields))


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestListed:
    def test_shows_the_latest_version_of_each_month(self, client: Client) -> None:
        month_file(1)
        month_file(2)
        month_file(month=date(2026, 9, 1))

        page = client.get(reverse("month_files")).content.decode()

        assert page.index("2026年10月") < page.index("2026年9月")
        assert "第 2 版" in page

    def test_says_when_there_will_be_something(self, client: Client) -> None:
        assert "还没有公开的月份" in client.get(reverse("month_files")).content.decode()

    def test_takes_as_many_statements_for_many_months_as_for_one(self, client: Client) -> None:
        month_file()
        address = reverse("month_files")
        statements(client, address)
        once = statements(client, address)
        for month in range(1, 8):
            month_file(month=date(2026, month, 1))

        assert statements(client, address) == once


class TestOne:
    def test_shows_figures_versions_hashes_and_what_changed(self, client: Client) -> None:
        month_file(1)
        month_file(
            2,
            note="补录",
            log_size=99,
            log_root="ab" * 32,
            log_key="12345678",
            changes={"why": ["events", "rules"], "added": 3, "removed": 1, "changed": 2, "columns": ["verdict"]},
        )

        page = client.get(reverse("month_file", args=["2026-10"])).content.decode()

        assert "87.5%" in page
        assert "济南市" in page
        assert "增加 3 件，减少 1 件，变化 2 件" in page
        assert "办件有新记录、规则有变" in page
        assert all(each in page for each in ("1" * 64, "2" * 64, "ab" * 32, "补录", "测试数据"))
        assert reverse("timeline_checkpoint", args=[99]) in page

    def test_says_what_is_provisional(self, client: Client) -> None:
        month_file(provisional=3, groups=[GROUP | {"provisional": 3}])

        page = client.get(reverse("month_file", args=["2026-10"])).content.decode()

        assert "其中 3 件的用时按暂定日历计算" in page
        assert page.count("含暂定") >= 2
        assert "含暂定" in client.get(reverse("month_files")).content.decode()

    def test_says_why_nothing_is_published(self, client: Client) -> None:
        month_file(rows=0, withheld=3, groups=[])

        assert "只有 3 件" in client.get(reverse("month_file", args=["2026-10"])).content.decode()

    @pytest.mark.parametrize("month", ["2026-09", "2026-13", "x"])
    def test_knows_no_other_month(self, client: Client, month: str) -> None:
        month_file()

        assert client.get(reverse("month_file", args=[month])).status_code == 404

    def test_takes_as_many_statements_for_many_versions_as_for_one(self, client: Client) -> None:
        month_file()
        address = reverse("month_file", args=["2026-10"])
        statements(client, address)
        once = statements(client, address)
        for version in range(2, 6):
            month_file(version)

        assert statements(client, address) == once


class TestFile:
    def test_is_known_by_month_and_version_only(self, client: Client) -> None:
        month_file()

        assert client.get(reverse("month_csv", args=["2026-10", 2])).status_code == 404
        assert client.get(reverse("month_json", args=["x", 1])).status_code == 404

    def test_is_sent_as_it_was_published(self, client: Client) -> None:
        things = published().things

        answer = client.get(reverse("month_json", kwargs=things))

        said = json.loads(b"".join(answer.streaming_content))
        assert said["about"]["month"] == things["month"]
        assert answer["Content-Disposition"] == f'attachment; filename="test-tongdian-{things["month"]}-v1.json"'
