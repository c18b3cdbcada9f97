"""`tongdian publish`: a month as its next version, or the reason why not."""

import pytest
from click.testing import CliRunner

from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.disclosure.models import MonthFile, MonthSecret
from tongdian.disclosure.rules.months import Month
from tongdian.web.commands import publish

pytestmark = pytest.mark.django_db


def run(*arguments: str):
    return CliRunner().invoke(publish.command, arguments)


def last_month() -> str:
    return str(Month.of(local_date(installation_now())).previous)


class TestMonth:
    def test_publishes_and_prints_the_hashes(self) -> None:
        answer = run("month", last_month(), "--note", "首次公布")

        file = MonthFile.objects.get()
        assert answer.exit_code == 0
        assert file.csv_sha256 in answer.output
        assert file.note == "首次公布"

    def test_ends_with_1_when_there_is_nothing_new(self) -> None:
        run("month", last_month())

        answer = run("month", last_month())

        assert answer.exit_code == 1
        assert "nothing new" in answer.output

    def test_ends_with_1_before_the_month_is_over(self) -> None:
        answer = run("month", str(Month.parse(last_month()).next))

        assert answer.exit_code == 1
        assert "not over yet" in answer.output

    def test_refuses_what_is_no_month(self) -> None:
        answer = run("month", "October")

        assert answer.exit_code == 2
        assert "write it as 2026-10" in answer.output


class TestDestroySecret:
    def test_destroys_it_after_asking(self) -> None:
        run("month", last_month())

        answer = run("destroy-secret", last_month(), "--yes")

        assert answer.exit_code == 0
        assert MonthSecret.objects.get().secret is None

    def test_ends_with_1_for_a_month_never_published(self) -> None:
        assert run("destroy-secret", "2020-01", "--yes").exit_code == 1
