"""Cases of equal order traced once: the courses of a whole log as one table of runs, holds and spans."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.definition import OWNERS, ClockDefinition
from tongdian.engine.clock.trace import CLOSED, UNASSIGNED, Step, Trace, trace

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STATES = ("not_started", "running", "closed", "withdrawn")
OUTCOMES = ("open", "passed", "failed", "cut")
HOLDERS = (*OWNERS, UNASSIGNED, CLOSED)
NONE = -1


@dataclass(frozen=True)
class Variants:
    """Each case's variant, and the trace of each variant."""

    of_case: Ints
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Table:
    """Rows that belong to variants (or to rows of another table): `offset` [variants + 1] bounds them in `columns`."""

    offset: Ints
    columns: dict[str, Ints]

    def expand(self, of: Ints) -> tuple[Ints, Ints]:
        """Repeat the rows of each wanted parent: the parent's position in `of`, and the row here, for every result."""
        counts = self.offset[of + 1] - self.offset[of]
        parent = np.repeat(np.arange(len(of)), counts)
        first = np.cumsum(counts) - counts
        return parent, np.arange(counts.sum()) - first[parent] + self.offset[of][parent]


def find_variants(symbols: Ints, bounds: Ints, *, steps: Sequence[Step], definition: ClockDefinition) -> Variants:
    """Group cases by the order of their steps and trace each group once.

    symbols: [n] index into `steps`, cases one after the other; bounds: [cases + 1] where each case begins and ends.
    Cost: a few passes over the column and one `trace` per distinct order.
    """
    of_case, first = _grouped(symbols, bounds)
    orders = (symbols[bounds[case] : bounds[case + 1]] for case in first)
    return Variants(of_case, tuple(trace([steps[symbol] for symbol in order], definition) for order in orders))


def _grouped(symbols: Ints, bounds: Ints) -> tuple[Ints, Ints]:
    """Return the group of each case and one case of each group, by a 64-bit hash that is checked afterwards."""
    lengths = np.diff(bounds)
    position = np.arange(len(symbols)) - np.repeat(bounds[:-1], lengths)
    for seed in range(64):
        keys = _hashes(symbols, position, bounds, seed=seed)
        _, first, of_case = np.unique(keys, return_index=True, return_inverse=True)
        model = np.repeat(bounds[first][of_case], lengths) + position
        if np.array_equal(lengths, lengths[first][of_case]) and np.array_equal(symbols, symbols[model]):
            return of_case.astype(np.int64), first.astype(np.int64)
    raise AssertionError("64 independent 64-bit hashes collided")


def _hashes(symbols: Ints, position: Ints, bounds: Ints, *, seed: int) -> npt.NDArray[np.uint64]:
    symbol_weight = _mixed(int(symbols.max(initial=0)) + 1, salt=2 * seed + 1)
    place_weight = _mixed(int(position.max(initial=0)) + 1, salt=2 * seed + 2) | np.uint64(1)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(symbol_weight[symbols] * place_weight[position])])
    hashes: npt.NDArray[np.uint64] = sums[bounds[1:]] - sums[bounds[:-1]]
    return hashes


def _mixed(n: int, *, salt: int) -> npt.NDArray[np.uint64]:
    """Spread 0 … n-1 over 64 bits (splitmix64, Steele, Lea and Flood 2014); arithmetic wraps on purpose."""
    x = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt << 40)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def case_table(traces: Sequence[Trace]) -> dict[str, Ints]:
    """Return what is known of each variant as a whole, a row per variant."""
    return {
        "begin": _column([_or_none(each.begin) for each in traces]),
        "whole_start": _column([_or_none(each.whole_start) for each in traces]),
        "end": _column([_or_none(each.end) for each in traces]),
        "state": _column([STATES.index(each.state) for each in traces]),
        "is_sound": _column([int(each.is_sound) for each in traces]),
        "waiting_for": _column([HOLDERS.index(each.waiting_for) for each in traces]),
        "findings": _column([len(each.findings) for each in traces]),
    }


def run_table(traces: Sequence[Trace], definition: ClockDefinition) -> Table:
    """Return the stage instances of each variant."""
    code = {rule.id: position for position, rule in enumerate(definition.stages)}
    runs = [run for each in traces for run in each.runs]
    columns = {
        "stage": _column([code[run.stage] for run in runs]),
        "number": _column([run.number for run in runs]),
        "start": _column([run.start for run in runs]),
        "stop": _column([_or_none(run.stop) for run in runs]),
        "outcome": _column([OUTCOMES.index(run.outcome) for run in runs]),
    }
    return Table(_offsets([len(each.runs) for each in traces]), columns)


def hold_table(traces: Sequence[Trace]) -> Table:
    """Return the holds of each row of the run table."""
    runs = [run for each in traces for run in each.runs]
    holds = [hold for run in runs for hold in run.holds]
    columns = {
        "start": _column([hold.start for hold in holds]),
        "stop": _column([_or_none(hold.stop) for hold in holds]),
    }
    return Table(_offsets([len(run.holds) for run in runs]), columns)


def span_table(traces: Sequence[Trace]) -> Table:
    """Return the spans of each variant."""
    spans = [span for each in traces for span in each.spans]
    columns = {
        "owner": _column([HOLDERS.index(span.owner) for span in spans]),
        "start": _column([span.start for span in spans]),
        "stop": _column([_or_none(span.stop) for span in spans]),
    }
    return Table(_offsets([len(each.spans) for each in traces]), columns)


def _column(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _offsets(counts: Sequence[int]) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(counts, np.int64))])


def _or_none(step: int | None) -> int:
    return NONE if step is None else step
