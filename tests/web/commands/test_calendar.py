from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from support import people
from support.frame_cases import happen, new_case
from tongdian.case import operations
from tongdian.case.models import CalendarNotice, Installation
from tongdian.web.commands.calendar import command

NOTICE = """\
number: 样例〔2026〕1号
title: 样例通知
address: https://example.org/1
announced: 2026-11-23
holidays:
  - {{name: 样例假, rest: [{rest}], work: [{work}]}}
"""


def run(*arguments: str):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def founded(db):
    if not Installation.objects.exists():
        operations.found_installation(kind="test")


@pytest.fixture
def notice(tmp_path):
    """A notice that calls the next twenty days off."""
    days = [timezone.localdate() + timedelta(days=offset) for offset in range(1, 22)]
    file = tmp_path / "notice.yaml"
    file.write_text(NOTICE.format(rest=", ".join(map(str, days[:20])), work=days[20]))
    return file


class TestCalendar:
    def test_counts_by_a_notice_after_two_persons_and_moves_open_cases(self, founded, notice):
        first, second = people.staff(None), people.staff(None)
        case = new_case()
        happen(case, "application.submitted")

        entered = run("enter", notice, "--as", first.username)
        assert entered.exit_code == 0, entered.output
        assert "NOT CONFIRMED" in run("show").output
        same = run("confirm", "样例〔2026〕1号", "--as", first.username)
        confirmed = run("confirm", "样例〔2026〕1号", "--as", second.username)
        report = run("recompute")

        assert (same.exit_code, "same person" in same.output) == (1, True)
        assert confirmed.exit_code == 0, confirmed.output
        assert "1 open cases, 1 moved, 0 failed" in report.output
        assert f"confirmed by {second.username}" in run("show").output

    def test_names_the_file_when_a_notice_cannot_be_read(self, founded, tmp_path):
        file = tmp_path / "notice.yaml"
        file.write_text("number: 1\n")

        result = run("enter", file, "--as", people.staff(None).username)

        assert (result.exit_code, "notice.yaml" in result.output) == (1, True)
        assert not CalendarNotice.objects.exists()

    def test_refuses_who_is_not_staff(self, founded, notice):
        result = run("enter", notice, "--as", "nobody")

        assert (result.exit_code, "nobody" in result.output) == (1, True)

    def test_refuses_a_number_nobody_entered(self, founded):
        result = run("confirm", "无此号", "--as", people.staff(None).username)

        assert (result.exit_code, "tongdian calendar show" in result.output) == (1, True)

    def test_fails_when_a_case_cannot_be_computed(self, founded):
        case = new_case()
        happen(case, "application.submitted")
        type(case).objects.filter(pk=case.pk).update(customer_class="hv99")

        result = run("recompute")

        assert (result.exit_code, "FAILED" in result.output) == (1, True)
