"""Background jobs: the only module that knows procrastinate.

A package declares its jobs in `tasks.py`; anyone enqueues them by name, inside the transaction of the change they
follow from: no commit, no job. Names are `<package>.<verb phrase>`; a test checks that every name enqueued exists.

    @task("gateway.deliver_message", retry=Retry(attempts=5, wait_s=10))
    def deliver_message(message_id: int) -> None: ...

    enqueue("gateway.deliver_message", message_id=7)
"""

import asyncio
import contextlib
import functools
import inspect
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from django.db import connection, transaction
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued as _LockHeld
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

Queue = Literal["quick", "heavy"]
QUEUES: tuple[Queue, ...] = ("quick", "heavy")
# Heavy jobs are whole solves that fill a core: one at a time.
CONCURRENCY: dict[str, int] = {"quick": 4, "heavy": 1}
Function = TypeVar("Function", bound=Callable[..., Any])


_BACKLOGS = """
SELECT j.queue_name, count(*) FILTER (WHERE j.status = 'todo'),
       min(COALESCE(j.scheduled_at, (SELECT min(at) FROM procrastinate_events WHERE job_id = j.id)))
           FILTER (WHERE j.status = 'todo'),
       count(*) FILTER (WHERE j.status = 'doing'), count(*) FILTER (WHERE j.status = 'failed')
FROM procrastinate_jobs j
WHERE j.status IN ('doing', 'failed') OR (j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))
GROUP BY j.queue_name
"""


class UnknownJob(LookupError):
    def __init__(self, name: str) -> None:
        super().__init__(f"job {name!r} is not declared; declare it with @task in the tasks.py of its package")
        self.name = name


class AlreadyEnqueued(RuntimeError):
    def __init__(self, name: str, once: str) -> None:
        super().__init__(f"job {name!r} with once={once!r} already waits in its queue")
        self.name, self.once = name, once


@dataclass(frozen=True)
class Retry:
    """How often a failing job is tried again, and how long it waits: `wait_s`, twice, thrice, …"""

    attempts: int
    wait_s: int

    def strategy(self) -> RetryStrategy:
        return RetryStrategy(max_attempts=self.attempts, wait=self.wait_s, linear_wait=self.wait_s)


NEVER = Retry(attempts=0, wait_s=0)
_queues: dict[str, Queue] = {}


def task(
    name: str, *, queue: Queue = "quick", retry: Retry = NEVER, every: str | None = None
) -> Callable[[Function], Function]:
    """Declare a function as the job of that name; `every` is a cron line for a job that runs by itself.

    The function is called with the keyword arguments it was enqueued with, all of them JSON values.
    """

    def declare(function: Function) -> Function:
        _queues[name] = queue
        declared = app.task(name=name, queue=queue, retry=retry.strategy() if retry.attempts else False)
        if every:
            # The scheduler passes the tick; our jobs read the clock where they need it.
            app.periodic(cron=every)(declared(_ignoring_tick(function)))
        else:
            declared(function)
        return function

    return declare


def names() -> frozenset[str]:
    """Return the names of all declared jobs."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return frozenset(_queues)


def enqueue(
    name: str,
    *,
    queue: Queue | None = None,
    lock: str | None = None,
    once: str | None = None,
    scheduled_at: datetime | None = None,
    **arguments: Any,
) -> int:
    """Enqueue a job within the caller's transaction and return its id; causes one INSERT.

    Jobs with the same `lock` run one after the other; `once` allows one waiting job of that key; without
    `queue` the job goes to the queue it was declared with.

    Raises UnknownJob when no package declares the name; AlreadyEnqueued when a job with the same `once`
    still waits.
    """
    if name not in names():
        raise UnknownJob(name)
    deferrer = configure_task(
        name=name,
        # The app's own connector is the worker's while a job runs; this one is always Django's transaction.
        job_manager=JobManager(connector=DjangoConnector()),
        queue=queue or _queues[name],
        lock=lock,
        queueing_lock=once,
        schedule_at=scheduled_at,
    )
    try:
        with transaction.atomic():
            return deferrer.defer(**arguments)
    except _LockHeld as error:
        raise AlreadyEnqueued(name, once or "") from error


def run_worker(queues: Sequence[Queue] = QUEUES, *, is_draining: bool = False) -> None:
    """Work on queues until INT or TERM, each as wide as it may be; with `is_draining`, only until they are empty.

    A stop lets running jobs end (20 s). A job that was running when its worker was killed is taken up again by
    another one.
    """
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        asyncio.run(_work(working, queues, is_draining=is_draining))


async def _work(working: App, queues: Sequence[Queue], *, is_draining: bool) -> None:
    async with working.open_async():
        workers = [asyncio.create_task(_worker(working, queue, is_draining=is_draining)) for queue in queues]
        if threading.current_thread() is threading.main_thread():
            _stop_at_signals(workers)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*workers)
        # One of them stopped or failed: the others still finish what they are doing.
        await asyncio.gather(*workers, return_exceptions=True)


async def _worker(working: App, queue: Queue, *, is_draining: bool) -> None:
    await _work_on(working, queue, is_draining=is_draining)
    # A worker may look for the next job while the last one still fails; what it put back is due only then.
    while is_draining and await _has_due_jobs(working, queue):
        await _work_on(working, queue, is_draining=True)


async def _has_due_jobs(working: App, queue: Queue) -> bool:
    waiting = await working.job_manager.list_jobs_async(queue=queue, status="todo")
    now = datetime.now(UTC)
    return any(job.scheduled_at is None or job.scheduled_at <= now for job in waiting)


async def _work_on(working: App, queue: Queue, *, is_draining: bool) -> None:
    await working.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=CONCURRENCY[queue],
        wait=not is_draining,
        listen_notify=not is_draining,
        install_signal_handlers=False,
        shutdown_graceful_timeout=20.0,
        delete_jobs="successful",
    )


def _stop_at_signals(workers: Sequence[asyncio.Task[None]]) -> None:
    def stop() -> None:
        for worker in workers:
            worker.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def retry_stalled() -> int:
    """Put the jobs of dead workers back into their queues and return how many; only inside a worker."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.retry_job(job)
    return len(stalled)


def _ignoring_tick(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(timestamp: int | None = None) -> Any:
            return await function()

        return run_async

    @functools.wraps(function)
    def run(timestamp: int | None = None) -> Any:
        return function()

    return run


@dataclass(frozen=True)
class Backlog:
    """One queue: how many jobs are due, since when the oldest waits, how many run and how many failed for good."""

    queue: str
    due: int
    oldest_at: datetime | None
    running: int
    failed: int


def backlogs() -> list[Backlog]:
    """Describe every queue, also an empty one; one query, which reads waiting, running and failed jobs only."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOGS)
        found = {queue: Backlog(queue, *numbers) for queue, *numbers in cursor.fetchall()}
    return [found.get(queue, Backlog(queue, 0, None, 0, 0)) for queue in QUEUES]
