from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from support import people
from support.demo_databases import unfound
from support.frame_cases import happen, new_case
from tongdian.case.models import Verification
from tongdian.case.operations.verifying import verify_and_keep
from tongdian.gateway import jobs
from tongdian.people.rules import Role
from tongdian.web.commands.health import command
from tongdian.web.health import Reading, level_of, readings, worst

QUERIES = 7


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def found(name: str, *, later: timedelta = timedelta()) -> Reading:
    return next(reading for reading in readings(now=timezone.now() + later) if reading.name == name)


class TestLevelOf:
    @pytest.mark.parametrize(("value", "level"), [(4, "good"), (5, "warning"), (29, "warning"), (30, "fault")])
    def test_is_worse_with_more(self, value: float, level: str) -> None:
        assert level_of(value, (5, 30)) == level

    @pytest.mark.parametrize(("value", "level"), [(21, "good"), (20, "warning"), (11, "warning"), (10, "fault")])
    def test_is_worse_with_less_where_the_fault_is_the_smaller(self, value: float, level: str) -> None:
        assert level_of(value, (20, 10)) == level


class TestWorst:
    @pytest.mark.parametrize(
        ("levels", "level"),
        [
            (["good"], "good"),
            (["good", "unknown"], "warning"),
            (["good", "warning"], "warning"),
            (["warning", "fault"], "fault"),
        ],
    )
    def test_is_the_worst_of_all(self, levels: list, level: str) -> None:
        assert worst([Reading("x", "x", "x", each) for each in levels]) == level


@pytest.mark.django_db
class TestReadings:
    def test_cause_a_fixed_number_of_queries_however_much_there_is(self, django_assert_num_queries) -> None:
        with django_assert_num_queries(QUERIES):
            readings(now=timezone.now())
        happen(new_case(), "application.submitted")
        jobs.enqueue("gateway.deliver_message", message_id=1)

        with django_assert_num_queries(QUERIES):
            readings(now=timezone.now())

    def test_say_how_long_the_oldest_job_of_each_queue_waits(self) -> None:
        jobs.enqueue("gateway.deliver_message", message_id=1)

        assert found("queue.quick").level == "good"
        assert found("queue.quick", later=timedelta(minutes=6)).level == "warning"
        assert found("queue.quick", later=timedelta(minutes=31)).level == "fault"
        assert found("queue.heavy", later=timedelta(minutes=31)).level == "good"

    def test_leave_out_a_job_that_is_not_due(self) -> None:
        jobs.enqueue("gateway.deliver_message", message_id=1, scheduled_at=timezone.now() + timedelta(hours=1))

        assert "0 " in found("queue.quick").value

    def test_count_failed_jobs(self) -> None:
        jobs.enqueue("gateway.deliver_message", message_id=1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")

        assert found("failed.quick").level == "warning"

    def test_say_when_the_timeline_was_never_proven_and_when_it_does_not_hold(self) -> None:
        assert found("timeline.verified").level == "unknown"

        verify_and_keep(now=timezone.now())
        assert found("timeline.verified").level == "good"
        assert found("timeline.verified", later=timedelta(hours=37)).level == "warning"

        Verification.objects.create(verified_at=timezone.now(), events=1, leaves=1, checkpoints=1, fault="row 7")
        assert (found("timeline.verified").level, found("timeline.verified").value) == ("fault", "row 7")

    def test_warn_while_keys_are_being_rotated(self, settings) -> None:
        assert found("keys").level == "good"
        settings.FIELD_KEYS = f"k2:{'b' * 40},k1:{'a' * 40}"

        assert found("keys").level == "warning"

    def test_know_the_last_backup(self, home: Path) -> None:
        assert found("backup").level == "unknown"
        (home / "last-backup.json").write_text('{"made_at": "2026-01-01T00:00:00+00:00", "name": "old.zip"}')

        assert found("backup").level == "fault"

    @pytest.mark.parametrize(
        "name",
        ["calendar.settled", "calendar.end", "timeline.unsealed", "database", "connections", "disk", "clock.skew"],
    )
    def test_look_at(self, name: str) -> None:
        assert found(name).value

    def test_speak_english(self) -> None:
        with translation.override("en"):
            assert not [each for each in readings(now=timezone.now()) if any("一" <= c <= "鿿" for c in str(each))]


@pytest.mark.django_db
class TestHealth:
    def test_shows_the_administrator_everything_the_worst_first(self) -> None:
        client = Client()
        client.force_login(people.staff(Role.ADMINISTRATOR))
        Verification.objects.create(verified_at=timezone.now(), events=1, leaves=1, checkpoints=1, fault="row 7")

        page = client.get("/health/").content.decode()

        assert page.index("row 7") < page.index("PostgreSQL")
        assert "operation.health.thresholds" in page


@pytest.mark.django_db
class TestLiveAndReady:
    def test_tell_nothing_but_yes(self, client: Client) -> None:
        assert client.get("/health/live").content == b"live\n"
        assert client.get("/health/ready").content == b"ready\n"

    def test_say_no_before_the_database_is_founded(self, client: Client) -> None:
        unfound()

        answer = client.get("/health/ready")

        assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
class TestCommand:
    def test_prints_the_same_and_ends_with_one_on_a_fault(self) -> None:
        Verification.objects.create(verified_at=timezone.now(), events=1, leaves=1, checkpoints=1, fault="row 7")

        answer = CliRunner().invoke(command)

        assert answer.exit_code == 1
        assert "row 7" in answer.output

    def test_ends_with_zero_otherwise(self) -> None:
        assert CliRunner().invoke(command, ["--language", "zh-hans"]).exit_code == 0
