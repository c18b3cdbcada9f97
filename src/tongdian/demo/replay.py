"""Let the planned steps happen, in the order of time: in one process, or in several that share the cities out.

The installation has one clock, and yet each process lives in a time of its own. A move of the clock is a row, the last
one is in force; and a REPEATABLE READ transaction sees of all later rows only its own. So whoever moves the clock and
acts in the same transaction is never overtaken by another's move, and no two processes write to the same case, county
or file.
"""

import gc
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from django.db import connection, transaction

from tongdian.case.operations import move_clock_to
from tongdian.demo.acts import Folder, happen
from tongdian.demo.courses import Step

STEPS_TOGETHER = 50
GARBAGE_LOOKED_FOR_EVERY = 200_000
# The same few dozen statements thousands of times: the server plans each once.
PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
CITY_DIGITS = 4


@dataclass(frozen=True)
class Happening:
    """One step of one case at its moment."""

    at: datetime
    folder: Folder
    step: Step


@dataclass(frozen=True)
class Progress:
    """How far the loading is: steps done of all, and the moment it has reached."""

    done: int
    total: int
    at: datetime


class ProcessFailed(RuntimeError):
    """A process of the loading ended before its share was done; what it said stands above."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"a process of the loading ended with code {exit_code}; its own message stands above")
        self.exit_code = exit_code


def replay(agenda: Sequence[Happening], on_progress: Callable[[Progress], None], *, processes: int) -> None:
    """Let every step of an agenda happen; several steps share a transaction.

    processes: more than one need a caller outside any transaction that has printed nothing yet.

    Raises ProcessFailed; with one process whatever an operation raises.
    """
    if processes == 1:
        _run(agenda, on_progress)
    else:
        _run_shared(_shares(agenda, processes), on_progress)


def _run(agenda: Sequence[Happening], on_progress: Callable[[Progress], None]) -> None:
    for done in range(0, len(agenda), STEPS_TOGETHER):
        together = agenda[done : done + STEPS_TOGETHER]
        with transaction.atomic(), _no_savepoints():
            for each in together:
                move_clock_to(each.at, reason=each.step.event)
                happen(each.folder, each.step, at=each.at)
        on_progress(Progress(done + len(together), len(agenda), together[-1].at))


@contextmanager
def _no_savepoints() -> Iterator[None]:
    """Spare the operations' own savepoints: a step that fails ends the loading, nobody goes on from one."""
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        del connection.features.uses_savepoints


def _shares(agenda: Sequence[Happening], processes: int) -> list[list[Happening]]:
    """Divide an agenda by city into parts of about the same length; each has papers of its own."""
    steps = Counter(_city(each) for each in agenda)
    lengths, share_of = [0] * processes, {}
    for city, count in steps.most_common():
        share_of[city] = lengths.index(min(lengths))
        lengths[share_of[city]] += count
    shares: list[list[Happening]] = [[] for _ in range(processes)]
    for each in agenda:
        each.folder.copy = share_of[_city(each)] + 1
        shares[each.folder.copy - 1].append(each)
    return [share for share in shares if share]


def _city(happening: Happening) -> str:
    return str(happening.folder.answers["site"]["county_code"])[:CITY_DIGITS]


def _run_shared(shares: Sequence[list[Happening]], on_progress: Callable[[Progress], None]) -> None:
    # Forked, so that nothing of the plan has to be sent. A connection cannot be shared, nor can the printer's threads:
    # whoever has printed a document before would leave his workers waiting for them.
    connection.close()
    workers: dict[Connection, BaseProcess] = {}
    try:
        for share in shares:
            reader, worker = _started(share)
            workers[reader] = worker
        _listen(workers, sum(map(len, shares)), on_progress)
    finally:
        for worker in workers.values():
            worker.terminate()
            worker.join()


def _started(share: list[Happening]) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("fork")
    reader, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(share, sender))
    worker.start()
    # Only the worker holds this end now: when it is gone, the reader is told.
    sender.close()
    return reader, worker


def _work(share: list[Happening], told: Connection) -> None:
    # The parent is asked to stop, and stops its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The plan stays to the end, and a step leaves little behind that is circular: looking for it costs a tenth.
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOKED_FOR_EVERY)
    connection.settings_dict["OPTIONS"] |= PREPARED
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET synchronous_commit = off")
    _run(share, told.send)


def _listen(workers: Mapping[Connection, BaseProcess], total: int, on_progress: Callable[[Progress], None]) -> None:
    latest: dict[Connection, Progress] = {}
    at_work = dict(workers)
    while at_work:
        ready = wait(list(at_work))
        for reader in [each for each in at_work if each in ready]:
            try:
                latest[reader] = reader.recv()
            except EOFError:
                _require_success(at_work.pop(reader))
                continue
            slowest = min(each.at for each in latest.values())
            on_progress(Progress(sum(each.done for each in latest.values()), total, slowest))


def _require_success(worker: BaseProcess) -> None:
    worker.join()
    if worker.exitcode:
        raise ProcessFailed(worker.exitcode)
