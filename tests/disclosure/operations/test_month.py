"""Publishing a month: what is in it, how a version follows another, what nobody can follow."""

import csv
import hashlib
import io
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from support import connections, people
from tongdian.case.models import Case, Event
from tongdian.case.operations.contacts import log_contact
from tongdian.case.queries import clock, installation_now
from tongdian.disclosure.models import MonthFile, MonthSecret
from tongdian.disclosure.operations.month import MonthNotOver, NothingNew, SecretDestroyed, destroy_secret, publish
from tongdian.disclosure.queries.measured import measured
from tongdian.disclosure.queries.months import content, months
from tongdian.disclosure.rules.months import Month
from tongdian.kernel.periods import add_months

pytestmark = pytest.mark.django_db


def this_month() -> Month:
    return Month.of(clock.local_date(installation_now()))


def after(month: Month) -> datetime:
    """The fifth of the month after."""
    return month.next.begins("Asia/Shanghai") + timedelta(days=4)


def energised(count: int) -> list[Case]:
    return [connections.submitted().energised().case for _ in range(count)]


def rows(file: MonthFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(content(file, "csv")).decode("utf-8-sig"))))


class TestPublish:
    def test_tells_what_the_clock_says_of_each_case(self) -> None:
        cases, month = energised(5), this_month()

        file = publish(month, now=after(month))

        assert (file.version, file.rows, file.withheld) == (1, 5, 0)
        reading = clock.reading(cases[0], as_of=installation_now())
        for found in rows(file):
            assert (found["why"], found["verdict"], found["place"]) == ("closed", reading.verdict, "370102")
            assert found["utility_days"] == str(reading.utility_days)
            assert found["total_limit_days"] == str(reading.total_limit_days)
            assert found["scheme_instances"] == "1"
            assert found["scheme_verdict"] == "on_time"
            assert found["closed_date"] == clock.local_date(cases[0].closed_at).isoformat()

    def test_names_no_case(self) -> None:
        cases, month = energised(5), this_month()

        text = b"".join(content(publish(month, now=after(month)), "json")).decode()

        told = [
            each for case in cases for each in (case.number, str(case.pk), case.title, case.address) if each in text
        ]
        assert told == []

    def test_marks_what_is_not_real_in_both_languages(self) -> None:
        energised(5)
        month = this_month()

        with translation.override("en"):
            file = publish(month, now=after(month))

        assert all("测试数据" in each["mark"] and "Test data" in each["mark"] for each in rows(file))
        assert "测试数据" in json.loads(b"".join(content(file, "json")))["about"]["mark"]

    def test_withholds_a_month_with_too_few_cases(self) -> None:
        energised(2)
        month = this_month()

        file = publish(month, now=after(month))

        assert (file.rows, file.withheld, rows(file)) == (0, 2, [])

    def test_attaches_definition_and_hashes(self) -> None:
        energised(5)
        month = this_month()

        file = publish(month, now=after(month))

        table, what = (b"".join(content(file, ending)) for ending in ("csv", "json"))
        assert hashlib.sha256(table).hexdigest() == file.csv_sha256
        assert hashlib.sha256(what).hexdigest() == file.json_sha256
        assert (len(table), len(what)) == (file.csv_bytes, file.json_bytes)
        said = json.loads(what)
        assert said["about"]["csv_sha256"] == file.csv_sha256
        assert said["about"]["policy_digest"] == file.policy_digest
        names = [column["name"] for column in said["columns"]]
        assert names == table.decode("utf-8-sig").splitlines()[0].split(",")
        assert [len(each) for each in said["rows"]] == [len(names)] * 5

    def test_gives_the_same_bytes_for_the_same_moment(self) -> None:
        energised(5)
        month = this_month()
        MonthSecret.objects.create(month=month.first, secret="ab" * 32, made_at=after(month))

        with transaction.atomic():
            first = publish(month, now=after(month))
            transaction.set_rollback(True)
        again = publish(month, now=after(month))

        assert (again.csv_sha256, again.json_sha256) == (first.csv_sha256, first.json_sha256)

    def test_refuses_a_month_that_is_not_over(self) -> None:
        with pytest.raises(MonthNotOver):
            publish(this_month(), now=this_month().next.begins("Asia/Shanghai") - timedelta(seconds=1))

    def test_refuses_a_version_without_anything_new(self) -> None:
        energised(5)
        month = this_month()
        publish(month, now=after(month))

        with pytest.raises(NothingNew, match="version 1"):
            publish(month, now=after(month) + timedelta(days=1))

    def test_keeps_the_older_version_and_says_what_changed_and_why(self) -> None:
        energised(5)
        month = this_month()
        first = publish(month, now=after(month))
        before = b"".join(content(first, "csv"))
        energised(1)

        second = publish(month, now=after(month) + timedelta(days=1), note="补录一件")

        assert (second.version, second.rows, second.note) == (2, 6, "补录一件")
        assert second.changes == {"why": ["events"], "added": 1, "removed": 0, "changed": 0, "columns": []}
        assert b"".join(content(first, "csv")) == before
        assert {each["case"] for each in rows(first)} < {each["case"] for each in rows(second)}
        assert list(months()) == [second]

    def test_gives_a_case_another_pseudonym_in_another_month(self) -> None:
        for _ in range(5):
            connections.submitted().accepted()
        first, second = this_month().next, this_month().next.next

        published = [{each["case"] for each in rows(publish(each, now=after(second)))} for each in (first, second)]

        # The five are open and late at the end of both months.
        assert [len(each) for each in published] == [5, 5]
        assert not published[0] & published[1]

    def test_takes_four_statements_for_many_cases(self) -> None:
        energised(5)
        month = this_month()
        list(measured(month, known_at=after(month), kind="connection"))

        with CaptureQueriesContext(connection) as captured:
            found = list(measured(month, known_at=after(month), kind="connection"))

        assert len(found) == 5
        # The server's cursor counts as one, then four for the 200 cases; a calendar version is looked up once.
        assert len(captured) <= 7


class TestMeasured:
    def test_lists_an_open_case_that_is_late_at_the_end_of_the_month(self) -> None:
        connections.submitted().accepted()
        later = Month(add_months(this_month().first, 1))

        found = list(measured(later, known_at=after(later), kind="connection"))

        assert [(each.why, each.verdict, each.closed_date) for each in found] == [("open_late", "late", None)]
        assert found[0].stages["scheme"].verdict == "late"

    def test_counts_from_the_first_contact_to_acceptance(self) -> None:
        utility, now = connections.utility(), installation_now()
        for days in (2, 9):
            log_contact(
                kind="call",
                channel="supply_hotline",
                topic="cost",
                county_code=connections.COUNTY,
                utility_id=utility.pk,
                by=people.staff(at=utility),
                at=now - timedelta(days=days),
                now=now,
                phone=connections.WHO["contact_phone"],
            )
        connections.submitted().accepted()

        found = list(measured(this_month(), known_at=after(this_month()), kind="connection"))

        assert [each.contact_days for each in found] == [9]

    def test_leaves_out_a_case_that_nothing_happened_to(self) -> None:
        connections.submitted().scheme_issued()
        later = Month(add_months(this_month().first, 1))

        assert list(measured(later, known_at=after(later), kind="connection")) == []

    def test_leaves_out_what_was_recorded_later_than_is_known(self) -> None:
        energised(1)
        month = this_month()
        before = Event.objects.order_by("recorded_at").first().recorded_at - timedelta(seconds=1)

        assert list(measured(month, known_at=before, kind="connection")) == []


class TestDestroySecret:
    def test_leaves_what_was_published_and_allows_no_further_version(self) -> None:
        energised(5)
        month = this_month()
        file = publish(month, now=after(month))

        destroy_secret(month, now=after(month))

        assert MonthSecret.objects.get().secret is None
        assert len(rows(file)) == 5
        with pytest.raises(SecretDestroyed):
            publish(month, now=after(month))
        with pytest.raises(SecretDestroyed):
            destroy_secret(month, now=after(month))

    def test_needs_a_published_month(self) -> None:
        with pytest.raises(MonthSecret.DoesNotExist):
            destroy_secret(Month.parse("2020-01"), now=datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))


class TestMonthFile:
    def test_is_never_changed_nor_deleted(self) -> None:
        month = this_month()
        file = publish(month, now=after(month))

        for change in (file.delete, lambda: MonthFile.objects.update(rows=1)):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
