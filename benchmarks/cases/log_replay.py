"""One million events of 222 thousand cases: durations and conformance, and the whole clock with working days."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.runner import Question, Row, Size
from tongdian.engine.clock import (
    VERDICTS,
    ClockDefinition,
    Counting,
    EventColumns,
    ReadingColumns,
    StageRule,
    replay,
    replay_many,
)
from tongdian.engine.clock.event import ClockEvent
from tongdian.engine.clock.zones import instant
from tongdian.engine.conformance import automaton_of
from tongdian.kernel.calendar import packaged_calendar

EVENTS = {"small": 50_000, "full": 1_000_000}
STEPS = ("受理", "方案答复", "设计审查", "中间检查", "竣工检验", "装表接电")
PATHS = ((0, 1, 5), (0, 1, 4, 5), (0, 1, 2, 3, 4, 5))
SAMPLE_CASES = 2_000
FIRST_DAY_US = 1_609_459_200_000_000  # 2021-01-01 UTC
LIMITS = {"方案答复": 5, "中间检查": 2, "装表接电": 3, "total": 11}
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """Events sorted by case and time, and where each case begins."""

    case: Ints
    step: Ints
    at_us: Ints

    @cached_property
    def bounds(self) -> Ints:
        starts = np.flatnonzero(np.r_[True, self.case[1:] != self.case[:-1]])
        return np.append(starts, len(self.case))


@dataclass(frozen=True)
class Found:
    """The answer to the first question: mean hours per transition and per case, and the cases off every path."""

    transition_hours: npt.NDArray[np.float64]
    case_hours: float
    departed: int


def run(size: Size) -> list[Row]:
    """Measure durations and conformance against pm4py and duckdb, and the whole clock against one case at a time."""
    log = _generated(EVENTS[size], np.random.default_rng(7))
    return [*_durations_and_conformance(size, log), *_clock(size, log)]


def _durations_and_conformance(size: Size, log: Log) -> list[Row]:
    unit = f"{len(log.case):,} events, durations and conformance"
    ours = Question("log_replay", size, unit, uses=("numpy",)).measure(lambda: _ours(log), repeats=5)
    return [
        ours.against(
            "pm4py token replay",
            needs=("pm4py", "pandas"),
            build=lambda: _pm4py(log),
            same=lambda found, departed: bool(found.departed == departed),
            repeats=1,
            note="pm4py gives conformance only, without durations",
        ),
        ours.against(
            "duckdb durations",
            needs=("duckdb", "pandas"),
            build=lambda: _duckdb(log),
            same=_same_durations,
            note="duckdb gives durations only, without conformance",
        ),
    ]


def _clock(size: Size, log: Log) -> list[Row]:
    unit = f"{len(log.case):,} events, the whole clock: instances, working days, deadlines, verdicts, owners"
    ours = Question("log_replay", size, unit, uses=("numpy",)).measure(lambda: _replayed(log), repeats=5)
    share = min(1.0, SAMPLE_CASES / (len(log.bounds) - 1))
    return [
        ours.against(
            "our own replay, one case at a time",
            build=lambda: _one_by_one(log),
            same=_same_verdicts,
            sample=share,
            repeats=1,
        )
    ]


def _generated(events: int, generator: np.random.Generator) -> Log:
    """Make cases along three legal paths; 2 % skip a step, 2 % repeat one, 2 % swap two."""
    columns: list[list[int]] = [[], [], []]
    case = 0
    while len(columns[0]) < events:
        steps = _course(generator)
        at = FIRST_DAY_US + int(generator.integers(0, 700 * 86_400)) * 1_000_000
        for step, seconds in zip(steps, generator.exponential(2 * 86_400, len(steps)), strict=True):
            at += (int(seconds) + 60) * 1_000_000
            for column, value in zip(columns, (case, step, at), strict=True):
                column.append(value)
        case += 1
    case_column, step_column, at_column = (np.array(column[:events], np.int64) for column in columns)
    return Log(case_column.astype(np.int32), step_column.astype(np.int8), at_column)


def _course(generator: np.random.Generator) -> list[int]:
    steps = list(PATHS[int(generator.choice(3, p=[0.3, 0.3, 0.4]))])
    skips, repeats, swaps = generator.random(3) < 0.02
    if skips and len(steps) > 3:
        steps.pop(2)
    if repeats:
        steps.insert(2, steps[1])
    if swaps:
        steps[1], steps[2] = steps[2], steps[1]
    return steps


def _ours(log: Log) -> Found:
    """Find durations in two passes over the sorted columns and departures with the automaton."""
    bounds, edge = log.bounds, len(STEPS)
    apart = np.diff(log.at_us)
    inside = np.ones(len(apart), bool)
    inside[bounds[1:-1] - 1] = False
    # Transitions across cases land in the one extra bin and are dropped there.
    pair = np.where(inside, log.step[:-1].astype(np.int16) * edge + log.step[1:], edge * edge)
    counts = np.bincount(pair, minlength=edge * edge + 1)[:-1]
    sums = np.bincount(pair, weights=apart, minlength=edge * edge + 1)[:-1]
    with np.errstate(invalid="ignore"):
        hours = sums / counts / 3.6e9
    throughput = log.at_us[bounds[1:] - 1] - log.at_us[bounds[:-1]]
    automaton = automaton_of([[STEPS[step] for step in path] for path in PATHS], STEPS)
    return Found(hours, float(throughput.mean()) / 3.6e9, int(automaton.departures(log.step, bounds).sum()))


def _duckdb(log: Log) -> Callable[[], Any]:
    import duckdb
    import pandas as pd

    connection = duckdb.connect()
    frame = pd.DataFrame({"case_id": log.case, "step": log.step, "at_us": log.at_us})
    connection.execute("set threads = 2")
    connection.register("frame", frame)
    connection.execute("create table event as select * from frame")
    transitions = (
        "with pair as (select step, lead(step) over w as following, lead(at_us) over w - at_us as took from event "
        "window w as (partition by case_id order by at_us)) "
        "select step, following, avg(took) / 3.6e9 from pair where following is not null group by all"
    )
    cases = "select avg(took) / 3.6e9 from (select max(at_us) - min(at_us) as took from event group by case_id)"
    return lambda: (connection.execute(transitions).fetchall(), connection.execute(cases).fetchall())


def _same_durations(found: Found, answer: Any) -> bool:
    transitions, cases = answer
    hours = np.full(len(STEPS) ** 2, np.nan)
    for step, following, mean in transitions:
        hours[step * len(STEPS) + following] = mean
    return bool(
        np.allclose(found.transition_hours, hours, rtol=1e-9, equal_nan=True)
        and np.isclose(found.case_hours, cases[0][0], rtol=1e-9)
    )


def _pm4py(log: Log) -> Callable[[], int]:
    import pandas as pd
    import pm4py

    frame = _frame(pd, log.case, [STEPS[step] for step in log.step], pd.to_datetime(log.at_us, unit="us", utc=True))
    model = [(number, STEPS[step], place) for number, path in enumerate(PATHS) for place, step in enumerate(path)]
    hours = pd.to_datetime([place for _, _, place in model], unit="h", utc=True)
    legal = _frame(pd, np.array([number for number, _, _ in model]), [step for _, step, _ in model], hours)
    net, initial, final = pm4py.discover_petri_net_inductive(legal)

    def replayed() -> int:
        found = pm4py.conformance_diagnostics_token_based_replay(frame, net, initial, final)
        return sum(not each["trace_is_fit"] for each in found)

    return replayed


def _frame(pd: Any, case: Any, step: list[str], at: Any) -> Any:
    import pm4py

    columns = {"case:concept:name": case.astype(str), "concept:name": step, "time:timestamp": at}
    return pm4py.format_dataframe(
        pd.DataFrame(columns),
        case_id="case:concept:name",
        activity_key="concept:name",
        timestamp_key="time:timestamp",
    )


def _definition() -> ClockDefinition:
    """Time three stages, each from one step to the next, inside the whole from the first step to the last."""
    return ClockDefinition(
        stages=tuple(
            StageRule(stop, "utility", stop_any=frozenset({stop}), start_any=frozenset({start}), is_required=False)
            for start, stop in (STEPS[0:2], STEPS[2:4], STEPS[4:6])
        ),
        whole_start=frozenset({STEPS[0]}),
        whole_stop=frozenset({STEPS[-1]}),
        counting=Counting(),
    )


def _replayed(log: Log) -> ReadingColumns:
    return replay_many(
        EventColumns(log.case, log.step, log.at_us, STEPS),
        definition=_definition(),
        calendar=packaged_calendar(),
        limits=LIMITS,
        as_of=instant(int(log.at_us.max())),
    )


def _one_by_one(log: Log) -> Callable[[], list[str]]:
    definition, calendar, as_of = _definition(), packaged_calendar(), instant(int(log.at_us.max()))
    cases = [
        [ClockEvent(seq, STEPS[log.step[row]], instant(int(log.at_us[row]))) for seq, row in enumerate(range(*pair))]
        for pair in zip(log.bounds[:SAMPLE_CASES], log.bounds[1 : SAMPLE_CASES + 1], strict=False)
    ]
    return lambda: [replay(case, definition, calendar, LIMITS, as_of).verdict for case in cases]


def _same_verdicts(readings: ReadingColumns, verdicts: list[str]) -> bool:
    return [VERDICTS[code] for code in readings.verdict[: len(verdicts)]] == verdicts
