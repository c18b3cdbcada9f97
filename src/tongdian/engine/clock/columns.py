"""Many cases at once: columns of events to columns of readings, with the answers of `replay`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.day_columns import NO_DAY, NO_LIMIT, DayColumns, HoldColumns
from tongdian.engine.clock.definition import OWNERS, ClockDefinition
from tongdian.engine.clock.inheritance import InheritedColumns
from tongdian.engine.clock.reading import TOTAL, VERDICTS
from tongdian.engine.clock.trace import Step
from tongdian.engine.clock.variants import (
    HOLDERS,
    NONE,
    STATES,
    case_table,
    find_variants,
    hold_table,
    run_table,
    span_table,
)
from tongdian.engine.clock.zones import local_days, micros
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).min
_VERDICT = {word: code for code, word in enumerate(VERDICTS)}
_STATE = {word: code for code, word in enumerate(STATES)}


@dataclass(frozen=True)
class EventColumns:
    """Events of many cases, a row each. Rows of one case that share a time count in the order they stand in.

    case: [n] whole numbers; kind: [n] index into `kinds`; at_us: [n] microseconds since 1970-01-01 UTC, the time that
    counts. owner: [n] index into OWNERS or -1, and reason: [n] index into `reasons` or -1, are needed for pauses only.
    """

    case: npt.NDArray[np.integer]
    kind: npt.NDArray[np.integer]
    at_us: Ints
    kinds: Sequence[str]
    owner: npt.NDArray[np.integer] | None = None
    reason: npt.NDArray[np.integer] | None = None
    reasons: Sequence[str] = ()


@dataclass(frozen=True)
class InstanceColumns:
    """Stage instances of all cases. row: index into the cases; stage: index into the definition's stages.

    stopped_us is NO_TIME while open, limit_days NO_LIMIT and due_day NO_DAY without a limit; due_day counts from
    1970-01-01; outcome and verdict index OUTCOMES and VERDICTS.
    """

    row: Ints
    stage: Ints
    number: Ints
    started_us: Ints
    stopped_us: Ints
    outcome: Ints
    used_days: Ints
    limit_days: Ints
    due_day: Ints
    is_provisional: Flags
    verdict: Ints
    carried_days: Ints


@dataclass(frozen=True)
class ReadingColumns:
    """Readings of all cases, ascending by case.

    state indexes STATES, verdict and total_verdict VERDICTS, waiting_for HOLDERS; whole_days is -1 before acceptance;
    begin_us and end_us are NO_TIME where there is none; owner_days: [cases, HOLDERS] days of the spans of each owner.
    """

    cases: npt.NDArray[np.integer]
    state: Ints
    verdict: Ints
    total_verdict: Ints
    utility_days: Ints
    whole_days: Ints
    owner_days: Ints
    begin_us: Ints
    end_us: Ints
    waiting_for: Ints
    findings: Ints
    is_sound: Flags
    instances: InstanceColumns
    definition: ClockDefinition
    calendar_version: str


def replay_many(
    events: EventColumns,
    *,
    definition: ClockDefinition,
    calendar: WorkingCalendar,
    limits: Mapping[str, int],
    as_of: datetime,
    inherited: InheritedColumns | None = None,
) -> ReadingColumns:
    """Derive the state of every case of a log: what `replay` says of each, in columns.

    inherited: what some of the cases carry over from a withdrawn predecessor; a case without rows is left out.
    Sorted rows (by case, then time) are taken as they are, others are sorted first. Rows after `as_of` are left out.
    Cost: a few passes over the rows, plus one walk in Python for each distinct order of events.
    Raises: ValueError when columns differ in length, CalendarEnds when a day lies outside the calendar.
    """
    replay = _Replay(events, definition, DayColumns(calendar, definition.counting), limits, as_of)
    replay.carry(inherited)
    return replay.readings()


class _Replay:
    def __init__(
        self,
        events: EventColumns,
        definition: ClockDefinition,
        days: DayColumns,
        limits: Mapping[str, int],
        as_of: datetime,
    ) -> None:
        self.definition, self.days, self.limits, self.as_of_us = definition, days, limits, micros(as_of)
        case, symbols, self.at_us, steps = _prepared(events, definition, self.as_of_us)
        self.cases, self.bounds = _bounds(events.case, case)
        variants = find_variants(symbols, self.bounds, steps=steps, definition=definition)
        self.variant, self.traces = variants.of_case, variants.traces
        zone = definition.counting.zone
        self.day = local_days(self.at_us, zone).astype(np.int64)
        self.as_of_day = int(local_days(np.array([self.as_of_us]), zone)[0])

        self.carried = np.zeros((len(self.cases), len(definition.stages)), np.int64)
        self.before = np.zeros((len(self.cases), 2), np.int64)

    def carry(self, inherited: InheritedColumns | None) -> None:
        """Put the days of predecessors beside their cases."""
        if inherited is None:
            return
        known = np.flatnonzero(np.isin(inherited.case, self.cases))
        row = np.searchsorted(self.cases, inherited.case[known])
        self.carried[row] = inherited.stage_days[known]
        self.before[row] = np.stack([inherited.utility_days[known], inherited.whole_days[known]], axis=1)

    def readings(self) -> ReadingColumns:
        case = {name: column[self.variant] for name, column in case_table(self.traces).items()}
        every = np.arange(len(self.cases))
        instances = self._instances(case["state"])
        utility_days = self._utility_days(instances)
        total = self._total_verdict(case["state"], case["is_sound"].astype(bool), utility_days)
        return ReadingColumns(
            cases=self.cases,
            state=case["state"],
            verdict=_verdict(case["state"], total, instances),
            total_verdict=total,
            utility_days=utility_days,
            whole_days=self._whole_days(case["whole_start"], case["end"]),
            owner_days=self._owner_days(),
            begin_us=self._times(every, case["begin"]),
            end_us=self._times(every, case["end"]),
            waiting_for=case["waiting_for"],
            findings=case["findings"],
            is_sound=case["is_sound"].astype(bool),
            instances=instances,
            definition=self.definition,
            calendar_version=self.days.calendar.version,
        )

    def _times(self, row: Ints, step: Ints) -> Ints:
        times = np.full(len(row), NO_TIME, np.int64)
        known = np.flatnonzero(step != NONE)
        times[known] = self.at_us[self.bounds[row[known]] + step[known]]
        return times

    def _day_of(self, row: Ints, step: Ints) -> Ints:
        """Return the local day of each step, the day of `as_of` for what is still open."""
        days = np.full(len(row), self.as_of_day, np.int64)
        known = np.flatnonzero(step != NONE)
        days[known] = self.day[self.bounds[row[known]] + step[known]]
        return days

    def _instances(self, state: Ints) -> InstanceColumns:
        table = run_table(self.traces, self.definition)
        row, source = table.expand(self.variant)
        run = {name: column[source] for name, column in table.columns.items()}
        limits = [self.limits.get(rule.id, NO_LIMIT) for rule in self.definition.stages]
        limit = np.array(limits, np.int64)[run["stage"]]
        until = self._day_of(row, run["stop"])
        holds = self._holds(row, source)
        carried = np.where(run["number"] == 1, self.carried[row, run["stage"]], 0)
        tally = self.days.tally(self._day_of(row, run["start"]), until, holds=holds, limit=limit, carried=carried)
        is_late = (limit >= 0) & ((until > tally.due_day) | (carried > limit))
        return InstanceColumns(
            row=row,
            stage=run["stage"],
            number=run["number"],
            started_us=self._times(row, run["start"]),
            stopped_us=self._times(row, run["stop"]),
            outcome=run["outcome"],
            used_days=tally.used_days,
            limit_days=limit,
            due_day=tally.due_day,
            is_provisional=tally.is_provisional,
            verdict=_instance_verdict(run["outcome"], state[row], limit, is_late=is_late),
            carried_days=carried,
        )

    def _holds(self, row: Ints, source: Ints) -> HoldColumns:
        table = hold_table(self.traces)
        instance, hold = table.expand(source)
        case = row[instance]
        begin = self._day_of(case, table.columns["start"][hold])
        return HoldColumns(instance, begin, self._day_of(case, table.columns["stop"][hold]))

    def _owner_days(self) -> Ints:
        table = span_table(self.traces)
        row, span = table.expand(self.variant)
        start, stop = table.columns["start"][span], table.columns["stop"][span]
        days, _ = self.days.count(self._day_of(row, start), self._day_of(row, stop))
        place = row * len(HOLDERS) + table.columns["owner"][span]
        # bincount sums in float64, exact for any number of days that could occur.
        sums = np.bincount(place, weights=days, minlength=len(self.cases) * len(HOLDERS))
        return sums.astype(np.int64).reshape(len(self.cases), len(HOLDERS))

    def _utility_days(self, instances: InstanceColumns) -> Ints:
        owned = np.array([rule.owner == OWNERS[0] for rule in self.definition.stages])
        pick = owned[instances.stage]
        own = instances.used_days[pick] - instances.carried_days[pick]
        sums = np.bincount(instances.row[pick], weights=own, minlength=len(self.cases))
        return sums.astype(np.int64) + self.before[:, 0]

    def _whole_days(self, whole_start: Ints, end: Ints) -> Ints:
        days = np.full(len(self.cases), NONE, np.int64)
        known = np.flatnonzero(whole_start != NONE)
        start_day, end_day = self._day_of(known, whole_start[known]), self._day_of(known, end[known])
        days[known] = self.days.count(start_day, end_day)[0] + self.before[known, 1]
        return days

    def _total_verdict(self, state: Ints, is_sound: Flags, utility_days: Ints) -> Ints:
        limit = self.limits.get(TOTAL)
        late = utility_days > limit if limit is not None else np.zeros(len(state), bool)
        judged = _VERDICT["no_limit" if limit is None else "on_time"]
        return np.select(
            [state == _STATE["not_started"], late, state != _STATE["closed"], ~is_sound],
            [_VERDICT["not_started"], _VERDICT["late"], _of_state(state), _VERDICT["unclear"]],
            default=judged,
        )


def _prepared(
    events: EventColumns, definition: ClockDefinition, as_of_us: int
) -> tuple[npt.NDArray[np.integer], Ints, Ints, list[Step]]:
    """Keep the rows that can change the clock, in order, each with a symbol for its step."""
    rows = len(events.case)
    for column in (events.kind, events.at_us, events.owner, events.reason):
        if column is not None and len(column) != rows:
            raise ValueError(f"event columns differ in length: {rows} cases, {len(column)} values")
    matters = np.array([kind in definition.kinds for kind in events.kinds], bool)
    keep = matters[events.kind] & (events.at_us <= as_of_us) if rows else np.zeros(0, bool)
    symbols, steps = _symbols(events, definition)
    case, at_us = events.case, events.at_us
    if not keep.all():
        case, at_us, symbols = case[keep], at_us[keep], symbols[keep]
    if not _is_sorted(case, at_us):
        order = np.lexsort((at_us, case))
        case, at_us, symbols = case[order], at_us[order], symbols[order]
    return case, symbols, at_us, steps


def _symbols(events: EventColumns, definition: ClockDefinition) -> tuple[Ints, list[Step]]:
    """Number the steps: one for each kind, and for the start of a pause one for each owner and reason."""
    steps = [Step(kind) for kind in events.kinds]
    symbols = events.kind.astype(np.int64)
    if definition.pause is None or events.owner is None or events.reason is None:
        return symbols, steps
    is_pause = np.array([kind in definition.pause.start for kind in events.kinds], bool)
    owned = np.flatnonzero(is_pause[events.kind])
    parts = np.stack([events.kind[owned], events.owner[owned], events.reason[owned]], axis=1)
    distinct, which = np.unique(parts, axis=0, return_inverse=True)
    symbols[owned] = len(steps) + which.ravel()
    for kind, owner, reason in distinct.tolist():
        who = OWNERS[owner] if owner >= 0 else None
        steps.append(Step(events.kinds[kind], who, events.reasons[reason] if reason >= 0 else None))
    return symbols, steps


def _is_sorted(case: npt.NDArray[np.integer], at_us: Ints) -> bool:
    earlier = (case[1:] < case[:-1]) | ((case[1:] == case[:-1]) & (at_us[1:] < at_us[:-1]))
    return not bool(earlier.any())


def _bounds(every: npt.NDArray[np.integer], kept: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.integer], Ints]:
    """Return the cases, also those of which no row was kept, and where each begins and ends among the kept rows."""
    if len(every) == len(kept):
        first = np.flatnonzero(np.concatenate([[True], kept[1:] != kept[:-1]])) if len(kept) else np.zeros(0, np.int64)
        return kept[first], np.append(first, len(kept)).astype(np.int64)
    cases = np.unique(every)
    return cases, np.append(np.searchsorted(kept, cases), len(kept)).astype(np.int64)


def _of_state(state: Ints) -> Ints:
    words = {"not_started": "not_started", "running": "running", "closed": "on_time", "withdrawn": "withdrawn"}
    return np.array([_VERDICT[words[each]] for each in STATES], np.int64)[state]


def _instance_verdict(outcome: Ints, state: Ints, limit: Ints, *, is_late: Flags) -> Ints:
    open_, cut = 0, 3
    withdrawn = state == _STATE["withdrawn"]
    return np.select(
        [is_late, outcome == open_, (outcome == cut) & withdrawn, outcome == cut, limit == NO_LIMIT],
        [_VERDICT["late"], _VERDICT["running"], _VERDICT["withdrawn"], _VERDICT["unclear"], _VERDICT["no_limit"]],
        default=_VERDICT["on_time"],
    )


def _verdict(state: Ints, total: Ints, instances: InstanceColumns) -> Ints:
    late = np.bincount(instances.row[instances.verdict == _VERDICT["late"]], minlength=len(state)) > 0
    kept = np.bincount(instances.row[instances.verdict == _VERDICT["on_time"]], minlength=len(state)) > 0
    return np.select(
        [late | (total == _VERDICT["late"]), (total == _VERDICT["no_limit"]) & kept, state == _STATE["closed"]],
        [_VERDICT["late"], _VERDICT["on_time"], total],
        default=_of_state(state),
    )


__all__ = [
    "HOLDERS",
    "NO_DAY",
    "NO_LIMIT",
    "NO_TIME",
    "EventColumns",
    "InstanceColumns",
    "ReadingColumns",
    "replay_many",
]
