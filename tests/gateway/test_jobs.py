import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

import tongdian
from tongdian.gateway import jobs

SOURCE = Path(tongdian.__file__).parent
ran: list[str] = []


@jobs.task("test.note", queue="quick")
def note(text: str) -> None:
    ran.append(text)


@jobs.task("test.follow_up", queue="heavy")
def follow_up(text: str) -> None:
    with transaction.atomic():
        jobs.enqueue("test.note", text=f"{text} kept")
    try:
        with transaction.atomic():
            jobs.enqueue("test.note", text=f"{text} lost")
            raise ArithmeticError
    except ArithmeticError:
        ran.append("rolled back")


@jobs.task("test.heavy", queue="heavy")
def heavy() -> None:
    ran.append("begin")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")
    ran.append("end")


@jobs.task("test.fail", retry=jobs.Retry(attempts=2, wait_s=0))
def fail() -> None:
    ran.append("failed")
    raise RuntimeError("as the test wants it")


@jobs.task("test.by_itself", every="0 0 1 1 *")
def by_itself() -> None:
    ran.append("by itself")


@pytest.fixture(autouse=True)
def empty():
    ran.clear()


@pytest.mark.django_db
class TestEnqueue:
    def test_writes_a_job_into_the_queue_it_was_declared_with(self):
        job_id = jobs.enqueue("test.follow_up", text="x")

        job = ProcrastinateJob.objects.get(pk=job_id)
        assert (job.task_name, job.queue_name, job.args) == ("test.follow_up", "heavy", {"text": "x"})

    def test_takes_queue_lock_and_time(self):
        at = datetime(2026, 3, 2, tzinfo=UTC)

        job = ProcrastinateJob.objects.get(
            pk=jobs.enqueue("test.note", queue="heavy", lock="case 7", scheduled_at=at, text="x")
        )

        assert (job.queue_name, job.lock, job.scheduled_at) == ("heavy", "case 7", at)

    def test_belongs_to_the_transaction(self):
        with transaction.atomic():
            jobs.enqueue("test.note", text="x")
            transaction.set_rollback(True)

        assert not ProcrastinateJob.objects.exists()

    def test_refuses_a_name_nobody_declares(self):
        with pytest.raises(jobs.UnknownJob, match=r"test\.nothing"):
            jobs.enqueue("test.nothing")

    def test_refuses_a_second_waiting_job_of_one_key_and_keeps_the_transaction_usable(self):
        jobs.enqueue("test.note", once="one", text="x")

        with pytest.raises(jobs.AlreadyEnqueued, match="one"):
            jobs.enqueue("test.note", once="one", text="y")

        assert ProcrastinateJob.objects.count() == 1


class TestRunWorker:
    def test_runs_jobs_whose_transaction_was_committed(self, committed):
        jobs.enqueue("test.note", text="hello")

        jobs.run_worker(is_draining=True)

        assert ran == ["hello"]

    def test_works_only_on_the_queues_it_is_given(self, committed):
        jobs.enqueue("test.note", queue="heavy", text="hello")

        jobs.run_worker(("quick",), is_draining=True)

        assert ran == []

    def test_runs_heavy_jobs_one_at_a_time(self, committed):
        for _ in range(3):
            jobs.enqueue("test.heavy")

        jobs.run_worker(is_draining=True)

        assert ran == ["begin", "end"] * 3

    def test_keeps_jobs_enqueued_by_jobs_within_their_transaction(self, committed):
        jobs.enqueue("test.follow_up", text="note")
        jobs.run_worker(("heavy",), is_draining=True)

        jobs.run_worker(("quick",), is_draining=True)

        assert ran == ["rolled back", "note kept"]

    def test_tries_a_failing_job_again_as_often_as_declared(self, committed):
        jobs.enqueue("test.fail")

        jobs.run_worker(is_draining=True)

        assert ran == ["failed"] * 3

    def test_runs_a_job_of_the_timetable_when_it_is_enqueued_by_hand(self, committed):
        jobs.enqueue("test.by_itself")

        jobs.run_worker(is_draining=True)

        assert ran == ["by itself"]


class TestRetryStalled:
    def test_puts_the_job_of_a_dead_worker_back(self, committed):
        job_id = jobs.enqueue("test.note", text="left behind")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
            )
            worker_id = cursor.fetchone()[0]
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker_id, job_id]
            )
        jobs.enqueue("gateway.retry_stalled_jobs")
        jobs.run_worker(is_draining=True)

        jobs.run_worker(is_draining=True)

        assert ran == ["left behind"]


class TestNames:
    def test_has_every_name_the_sources_enqueue(self):
        used = {name for path in SOURCE.rglob("*.py") for name in _enqueued(path)}

        assert used
        assert used <= jobs.names()

    def test_names_the_package_that_declares_the_job(self):
        declared = {(path.parent.name, name) for path in SOURCE.rglob("tasks.py") for name in _declared(path)}

        assert declared
        assert [name for package, name in declared if not name.startswith(f"{package}.")] == []


def _calls(path: Path, function: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node.func) == function and node.args:
            first = node.args[0]
            assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: write the job's name out"
            found.append(first.value)
    return found


def _enqueued(path: Path) -> list[str]:
    return _calls(path, "enqueue")


def _declared(path: Path) -> list[str]:
    return _calls(path, "task")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
