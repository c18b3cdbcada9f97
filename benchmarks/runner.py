"""Measure our answer and a peer's to the same question, in the same run, on the same machine.

How to add a case
-----------------
Put one module into `benchmarks/cases/`; its file name is the case's name, its docstring says what is asked.
It has one public function::

    def run(size: Size) -> list[Row]:
        rows = 10_000_000 if size == "full" else 100_000
        question = Question(case="working_days", size=size, unit=f"{rows:,} counts", uses=("numpy",))
        ours = question.measure(lambda: calendar.count_many(after, until)[0])
        return [ours.against("numpy busday_count", needs=("numpy",), build=numpy_busday, same=np.array_equal)]

`build` takes nothing, imports the peer and prepares its input (not timed), and returns the call that is timed.
`same(our_answer, peer_answer)` is checked before the peer's time is kept: a difference raises AnswersDiffer, unless
the row says `wrong_because="…"`: then the answers must differ and the row is marked as a wrong answer.
A peer that answers a sample gets `sample=` its share of the rows (0.01): its time is divided by it, as the note says.
A peer that is not installed gives a row without a time. A case without any peer returns `[ours.alone()]`.
"""

import importlib
import importlib.metadata
import os
import pkgutil
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from benchmarks import cases

Size = Literal["small", "full"]
Answer = TypeVar("Answer")


class AnswersDiffer(Exception):
    """A peer's answer is not ours, so neither time means anything."""

    def __init__(self, case: str, peer: str, expectation: str) -> None:
        super().__init__(f"{case}: {peer} was expected to {expectation}, but did not")
        self.case, self.peer = case, peer


class UnknownCase(Exception):
    """No module in benchmarks/cases has this name."""


@dataclass(frozen=True)
class Row:
    """One comparison; `ratio` = peer_s / ours_s, so above 1 we are faster. `peer_s` is None when there is no time."""

    case: str
    size: Size
    unit: str
    ours_s: float
    peer: str
    peer_s: float | None
    ratio: float | None
    versions: dict[str, str]
    note: str = ""
    machine: str = ""
    measured_on: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked of everybody: `unit` names the work one time stands for, `uses` the libraries our answer needs."""

    case: str
    size: Size
    unit: str
    uses: tuple[str, ...] = ()

    def measure(self, call: "Callable[[], Answer]", *, repeats: int = 3) -> "Ours[Answer]":
        """Time our answer as the best of `repeats` calls."""
        seconds, answer = best_time(call, repeats)
        return Ours(self, seconds, answer)


@dataclass(frozen=True)
class Ours(Generic[Answer]):
    """Our answer with its time, ready to be set beside peers."""

    question: Question
    seconds: float
    answer: Answer = field(repr=False)

    def against(
        self,
        peer: str,
        *,
        build: Callable[[], Callable[[], Any]],
        same: Callable[[Any, Any], bool],
        needs: tuple[str, ...] = (),
        sample: float = 1.0,
        repeats: int = 2,
        wrong_because: str = "",
        note: str = "",
    ) -> Row:
        """Time a peer and return the row; `needs` are its distributions, `sample` its share of the rows [0–1].

        Raises AnswersDiffer when the answers differ (or agree although `wrong_because` is given).
        """
        missing = [name for name in needs if not is_installed(name)]
        if missing:
            return self._row(peer, None, needs=(), notes=[f"not installed: {', '.join(missing)}", note])
        seconds, answer = best_time(build(), repeats)
        agrees = same(self.answer, answer)
        if agrees == bool(wrong_because):
            expectation = "give a different answer" if wrong_because else "give the same answer"
            raise AnswersDiffer(self.question.case, peer, expectation)
        wrong = f"wrong answers: {wrong_because}" if wrong_because else ""
        scaled = f"measured on {sample:.3%} of the rows and scaled" if sample < 1 else ""
        return self._row(peer, seconds / sample, needs=needs, notes=[wrong, scaled, note])

    def alone(self, note: str = "") -> Row:
        """Return a row that has no peer."""
        return self._row("none", None, needs=(), notes=[note])

    def _row(self, peer: str, peer_s: float | None, *, needs: tuple[str, ...], notes: Sequence[str]) -> Row:
        asked = self.question
        return Row(
            case=asked.case,
            size=asked.size,
            unit=asked.unit,
            ours_s=self.seconds,
            peer=peer,
            peer_s=peer_s,
            ratio=None if peer_s is None else peer_s / self.seconds,
            versions=versions_of(*asked.uses, *needs),
            note="; ".join(part for part in notes if part),
            machine=machine(),
            measured_on=datetime.now(UTC).date().isoformat(),
        )


def best_time(call: Callable[[], Answer], repeats: int) -> tuple[float, Answer]:
    """Call `repeats` times; return the shortest time [s] and the last answer."""
    shortest = float("inf")
    for _ in range(max(repeats, 1)):
        started = time.perf_counter()
        answer = call()
        shortest = min(shortest, time.perf_counter() - started)
    return shortest, answer


def is_installed(distribution: str) -> bool:
    """Say whether a distribution is installed, without importing it."""
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def versions_of(*distributions: str) -> dict[str, str]:
    """Return the versions of Python, Tongdian and the distributions named."""
    named = dict.fromkeys(("tongdian", *distributions))
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in named if is_installed(name)
    }


def machine() -> str:
    """Describe this machine in a few words: cores, processor, system."""
    return f"{os.cpu_count()} × {_processor()}, {platform.system()} {platform.release()}"


def _processor() -> str:
    # platform.processor() is empty on most Linux systems.
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def case_names() -> list[str]:
    """List the cases, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(cases.__path__))


def run_case(name: str, size: Size) -> list[Row]:
    """Run one case and return its rows.

    Raises UnknownCase when no module has this name, and whatever the case raises.
    """
    if name not in case_names():
        raise UnknownCase(f"no benchmark case {name!r}; there are: {', '.join(case_names())}")
    rows: list[Row] = importlib.import_module(f"benchmarks.cases.{name}").run(size)
    return rows


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows as plain dictionaries for JSON, times rounded to the microsecond."""
    return [_rounded(asdict(row)) for row in rows]


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: None if row[name] is None else round(row[name], 6) for name in ("ours_s", "peer_s", "ratio")}
