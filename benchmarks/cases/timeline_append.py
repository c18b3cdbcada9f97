"""Appending events, each in a transaction of its own, beside the bare commit rate of the same database and processes.

1, 2 and 4 writers are processes; each writes to a case of its own, as clerks do, and 4 also to one case together. The
peer is the least a durable write can be: an INSERT of the same body into a table without triggers, committed.
"""

import multiprocessing
import os
from multiprocessing.connection import Connection
from types import TracebackType
from uuid import UUID

from benchmarks.database import fresh_database
from benchmarks.runner import Question, Row, Size
from benchmarks.timeline_rows import new_case

APPENDS = {"small": 200, "full": 4_000}
BODY = {"document_id": 4711, "stage": "acceptance", "digest": "ab" * 32}


def run(size: Size) -> list[Row]:
    """Measure 1, 2 and 4 writers in cases of their own, then 4 in one case."""
    with fresh_database():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL)")
        rows = [_compare(size, [new_case().pk for _ in range(writers)], "own cases") for writers in (1, 2, 4)]
        return [*rows, _compare(size, [new_case().pk] * 4, "one case")]


def _compare(size: Size, cases: list[UUID], where: str) -> Row:
    each = APPENDS[size] // len(cases)
    total = each * len(cases)
    with Writers(cases) as writers:
        unit = f"{total:,} appends, {len(cases)} writer(s), {where}"
        ours = Question("timeline_append", size, unit, uses=("django", "psycopg")).measure(
            lambda: writers.write("append", each), repeats=2
        )
        row = ours.against(
            "bare commit", build=lambda: lambda: writers.write("bare", each), same=lambda a, b: a == b == total
        )
    rates = f"{total / ours.seconds:,.0f} appends/s, {total / (row.peer_s or 1):,.0f} bare commits/s"
    return Row(**{**vars(row), "note": rates})


class Writers:
    """One process per case, started and connected before anything is timed."""

    def __init__(self, cases: list[UUID]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for case in cases:
            ours, theirs = context.Pipe()
            process = context.Process(target=_write_on_demand, args=(theirs, case, dict(os.environ)), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> "Writers":
        for pipe in self._pipes:
            assert pipe.recv() == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(timeout=30)

    def write(self, what: str, each: int) -> int:
        """Have every writer commit `each` rows, at the same time; return how many were."""
        for pipe in self._pipes:
            pipe.send((what, each))
        return sum(pipe.recv() for pipe in self._pipes)


def _write_on_demand(pipe: Connection, case_id: UUID, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    import django

    django.setup()
    from tongdian.case.models import Case

    case = Case.objects.get(pk=case_id)
    write = {"append": lambda: _append(case), "bare": _insert_bare}
    pipe.send("ready")
    while order := pipe.recv():
        what, each = order
        for _ in range(each):
            write[what]()
        pipe.send(each)


def _append(case: object) -> None:
    from django.db import transaction

    from tongdian.case.operations import append

    with transaction.atomic():
        append(case, kind="document.added", actor=None, channel="portal", body=BODY)  # type: ignore[arg-type]


def _insert_bare() -> None:
    from django.db import connection, transaction

    from tongdian.case.timeline.canonical import canonical

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare (body) VALUES (%s)", [canonical(BODY)])
