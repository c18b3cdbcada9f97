"""The one state machine of the clock: from the order of a case's events to what they start, stop and hold.

It reads no time at all, only the order. So one case (`replay`) and a million (`replay_many`, where equal orders are
traced once) share it, and their answers can differ only in arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tongdian.engine.clock.definition import OWNERS, Between, ClockDefinition, StageRule

UNASSIGNED = "unassigned"
CLOSED = "closed"
# Findings after which the times of a finished case do not prove that it was on time.
BLOCKING = frozenset({"stop_without_start", "stage_missing", "stage_open_at_end", "end_without_start"})


@dataclass(frozen=True, slots=True)
class Step:
    """What of an event decides the course of a case; `owner` and `reason` matter for pauses only."""

    kind: str
    owner: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A piece of a case between two steps, by index; `stop` None = still open after the last step."""

    owner: str
    label: str
    start: int
    stop: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """One instance of a stage, by step index, with the pieces of it that are held."""

    stage: str
    owner: str
    number: int
    start: int
    stop: int | None
    outcome: str
    holds: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class TraceFinding:
    code: str
    step: int
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole course of a case. `spans` cover first start to end without gap or overlap.

    `state` is not_started, running, closed or withdrawn; `waiting_for` says who has to act after the last step.
    """

    runs: tuple[Run, ...]
    spans: tuple[Course, ...]
    begin: int | None
    whole_start: int | None
    end: int | None
    state: str
    waiting_for: str
    findings: tuple[TraceFinding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found that keeps a finished case from being proven on time."""
        return not any(finding.code in BLOCKING for finding in self.findings)


def trace(steps: Sequence[Step], definition: ClockDefinition) -> Trace:
    """Walk the steps in order. Every sequence has an answer: what does not fit is a finding, never an error.

    Cost: one pass, proportional to steps × stages.
    """
    walk = _Walk(definition)
    for index, step in enumerate(steps):
        walk.take(index, step)
    return walk.finish()


@dataclass(slots=True)
class _Open:
    """A stage instance while the walk goes on."""

    rule: StageRule
    number: int
    start: int
    waiting: Between | None = None
    stop: int | None = None
    outcome: str = "open"
    holds: list[Course] = field(default_factory=list)

    def hold(self, index: int, holder: tuple[str, str] | None) -> None:
        """Let the present hold end and another one begin, if the holder changed at this step."""
        last = self.holds[-1] if self.holds and self.holds[-1].stop is None else None
        if (last and (last.owner, last.label)) == holder:
            return
        if last:
            self.holds[-1] = Course(last.owner, last.label, last.start, index)
        if holder:
            self.holds.append(Course(*holder, index, None))

    def frozen(self) -> Run:
        return Run(self.rule.id, self.rule.owner, self.number, self.start, self.stop, self.outcome, tuple(self.holds))


class _Walk:
    def __init__(self, definition: ClockDefinition) -> None:
        self.definition = definition
        self.kinds = definition.kinds
        self.runs: list[_Open] = []
        self.active: dict[str, _Open] = {}
        self.attempts: dict[str, int] = {}
        self.occurred: dict[str, set[str]] = {rule.id: set() for rule in definition.stages}
        self.gap: Between | None = None
        self.pause: tuple[str, str] | None = None
        self.spans: list[Course] = []
        self.begin: int | None = None
        self.whole_start: int | None = None
        self.end: int | None = None
        self.state = "not_started"
        self.findings: list[TraceFinding] = []

    def take(self, index: int, step: Step) -> None:
        if step.kind not in self.kinds:
            return
        if self.end is not None:
            self._find("after_end", index)
            return
        self._pause(index, step)
        self._gaps(step.kind)
        self._waiting(index, step.kind)
        self._stop(index, step.kind)
        self._start(index, step.kind)
        self._whole(index, step.kind)
        self._settle(index)

    def finish(self) -> Trace:
        owner = CLOSED if self.end is not None else self._holder()[0]
        if self.begin is None and self.end is None:
            # Nothing is counted yet: a gap may say who has to act, else it is the customer who has not asked.
            owner = self.gap.owner if self.gap else "customer"
        return Trace(
            runs=tuple(run.frozen() for run in self.runs),
            spans=tuple(self.spans),
            begin=self.begin,
            whole_start=self.whole_start,
            end=self.end,
            state=self.state,
            # Time nobody is shown to hold does not excuse the utility: it has to act.
            waiting_for="utility" if owner == UNASSIGNED else owner,
            findings=tuple(self.findings),
        )

    def _find(self, code: str, index: int, stage: str | None = None) -> None:
        self.findings.append(TraceFinding(code, index, stage))

    def _pause(self, index: int, step: Step) -> None:
        rule = self.definition.pause
        if rule is None:
            return
        if step.kind in rule.stop:
            if self.pause is None:
                self._find("resumed_without_pause", index)
            self.pause = None
        elif step.kind in rule.start:
            if self.pause is not None:
                self._find("repeated_pause", index)
            elif step.owner not in OWNERS:
                self._find("pause_without_owner", index)
            elif not step.reason or (rule.reasons and step.reason not in rule.reasons):
                self._find("pause_without_reason", index)
            else:
                self.pause = (step.owner, step.reason)

    def _gaps(self, kind: str) -> None:
        if self.gap is not None and kind in self.gap.stop:
            self.gap = None
        for gap in self.definition.gaps:
            if kind in gap.start:
                self.gap = gap

    def _waiting(self, index: int, kind: str) -> None:
        for rule in self.definition.stages:
            run = self.active.get(rule.id)
            for waiting in rule.waiting:
                if kind in waiting.stop and (run is None or run.waiting is not waiting):
                    self._find("answer_without_question", index, rule.id)
                elif kind in waiting.stop and run is not None:
                    run.waiting = None
                if kind not in waiting.start:
                    continue
                if run is None:
                    self._find("waiting_without_stage", index, rule.id)
                    continue
                # One list of what is missing: a second question in the same instance is a signal.
                if run.waiting is not None or any(hold.label == waiting.label for hold in run.holds):
                    self._find("repeated_question", index, rule.id)
                run.waiting = waiting

    def _stop(self, index: int, kind: str) -> None:
        for rule in self.definition.stages:
            if kind not in rule.stop_any:
                continue
            run = self.active.pop(rule.id, None)
            if run is None:
                code = "repeated_stop" if self.attempts.get(rule.id) else "stop_without_start"
                self._find(code, index, rule.id)
                continue
            passed = not rule.passed_by or kind in rule.passed_by
            run.stop, run.outcome = index, "passed" if passed else "failed"
            run.hold(index, None)
            if not passed:
                self._forget(rule)

    def _forget(self, rule: StageRule) -> None:
        # A stage that waits for "passed" must not start on a pass that a later failure took back.
        for occurred in self.occurred.values():
            occurred.difference_update(rule.passed_by)

    def _start(self, index: int, kind: str) -> None:
        for rule in self.definition.stages:
            if kind in rule.start_any:
                self._open(index, rule)
            elif kind in rule.start_all:
                occurred = self.occurred[rule.id]
                occurred.add(kind)
                if occurred >= rule.start_all:
                    occurred.clear()
                    self._open(index, rule)

    def _open(self, index: int, rule: StageRule) -> None:
        if rule.id in self.active:
            self._find("repeated_start", index, rule.id)
            return
        self.attempts[rule.id] = self.attempts.get(rule.id, 0) + 1
        run = _Open(rule, self.attempts[rule.id], index)
        self.active[rule.id] = run
        self.runs.append(run)
        if self.begin is None:
            self.begin, self.state = index, "running"

    def _whole(self, index: int, kind: str) -> None:
        if kind in self.definition.whole_start:
            if self.whole_start is None:
                self.whole_start = index
            else:
                self._find("repeated_acceptance", index)
            if self.begin is None:
                self.begin, self.state = index, "running"
        if kind in self.definition.whole_stop:
            self._close(index)
        elif kind in self.definition.withdrawn_by:
            self.state, self.end = "withdrawn", index
            self._cut(index)

    def _close(self, index: int) -> None:
        self.state, self.end = "closed", index
        if self.whole_start is None:
            self._find("end_without_start", index)
        for rule in self.definition.stages:
            if rule.is_required and not self.attempts.get(rule.id):
                self._find("stage_missing", index, rule.id)
        for id_ in self.active:
            self._find("stage_open_at_end", index, id_)
        self._cut(index)

    def _cut(self, index: int) -> None:
        for run in self.active.values():
            run.stop, run.outcome = index, "cut"
            run.hold(index, None)
        self.active.clear()

    def _settle(self, index: int) -> None:
        """After a step: note who holds each running stage, and who owns the time from here on."""
        for run in self.active.values():
            run.hold(index, self._held(run))
        if self.begin is None:
            return
        now = None if self.end is not None else self._holder()
        last = self.spans[-1] if self.spans else None
        if last and now == (last.owner, last.label):
            return
        if last:
            self.spans[-1] = Course(last.owner, last.label, last.start, index)
        if now:
            self.spans.append(Course(*now, index, None))

    def _held(self, run: _Open) -> tuple[str, str] | None:
        if self.pause is not None:
            return self.pause
        return (run.waiting.owner, run.waiting.label) if run.waiting else None

    def _holder(self) -> tuple[str, str]:
        """Whose time it is: a pause, else a running stage (the utility's first), else who was asked, else a gap."""
        if self.pause is not None:
            return self.pause
        free = [run.rule for run in self.active.values() if run.waiting is None]
        if free:
            rule = min(free, key=lambda each: each.owner != "utility")
            return rule.owner, rule.id
        for run in self.active.values():
            if run.waiting is not None:
                return run.waiting.owner, run.waiting.label
        return (self.gap.owner, self.gap.label) if self.gap else (UNASSIGNED, UNASSIGNED)
