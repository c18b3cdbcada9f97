"""One case: from its events to a `Reading`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tongdian.engine.clock.days import DayRule
from tongdian.engine.clock.definition import ClockDefinition
from tongdian.engine.clock.event import ClockEvent, Counted, Finding, counted_events
from tongdian.engine.clock.inheritance import Inherited
from tongdian.engine.clock.reading import TOTAL, Hold, NextDue, OwnerDays, Reading, Span, StageInstance
from tongdian.engine.clock.trace import Course, Run, Step, Trace, trace
from tongdian.kernel.calendar import WorkingCalendar


def replay(
    events: Iterable[ClockEvent],
    definition: ClockDefinition,
    calendar: WorkingCalendar,
    limits: Mapping[str, int],
    as_of: datetime,
    *,
    inherited: Inherited | None = None,
) -> Reading:
    """Derive the whole state of a case from its events.

    events: any order, one seq each; only those recorded by `as_of` are known.
    limits: stage id -> days in the definition's unit, and "total" for the sum of the utility's stages; a stage not
    named has no limit. inherited: days a withdrawn predecessor had used, which this case goes on from.
    Raises: ValueError for an instant without a time zone or a seq used twice, CalendarEnds when a day lies outside the
    calendar. Sequences that make no sense do not raise: they come back as findings, and a finished case with a
    blocking one is "unclear", never "on_time".
    """
    known, by = list(events), _Rules(definition, calendar, limits, inherited)
    reading = _read(known, by, as_of)
    recorded = any(event.counted_at is not None for event in known)
    corrected = any(event.corrects_seq is not None for event in known)
    return replace(
        reading,
        by_recorded=_read(known, by, as_of, by_recorded=True) if recorded else None,
        before_corrections=_read(known, by, as_of, with_corrections=False) if corrected else None,
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """What events are read by."""

    definition: ClockDefinition
    calendar: WorkingCalendar
    limits: Mapping[str, int]
    inherited: Inherited | None


def _read(
    events: Sequence[ClockEvent],
    by: _Rules,
    as_of: datetime,
    *,
    by_recorded: bool = False,
    with_corrections: bool = True,
) -> Reading:
    counted, odd = counted_events(events, as_of=as_of, by_recorded=by_recorded, with_corrections=with_corrections)
    course = trace([Step(each.event.kind, each.event.owner, each.event.reason) for each in counted], by.definition)
    return _Measure(by, counted, course, as_of).reading(odd)


class _Measure:
    """Puts times and days on a traced case."""

    def __init__(self, by: _Rules, counted: Sequence[Counted], course: Trace, as_of: datetime) -> None:
        self.by, self.counted, self.course, self.limits, self.as_of = by, counted, course, by.limits, as_of
        self.rule = DayRule(by.calendar, by.definition.counting)
        self.inherited = by.inherited or Inherited()

    def reading(self, odd: Sequence[Finding]) -> Reading:
        course = self.course
        stages = tuple(self._instance(run) for run in course.runs)
        spans = tuple(self._span(span) for span in course.spans)
        own_days = sum(each.used_days - each.carried_days for each in stages if each.owner == "utility")
        utility_days = own_days + self.inherited.utility_days
        total_verdict = self._total_verdict(utility_days)
        return Reading(
            state=course.state,
            verdict=_verdict(course, stages, total_verdict),
            total_verdict=total_verdict,
            as_of=self.as_of,
            stages=stages,
            spans=spans,
            owners=_by_owner(spans),
            utility_days=utility_days,
            whole_days=self._whole_days(),
            total_limit_days=self.limits.get(TOTAL),
            is_provisional=any(each.is_provisional for each in stages),
            accepted_at=self._at(course.whole_start),
            started_at=self._at(course.begin),
            ended_at=self._at(course.end),
            next_due=_next_due(stages),
            waiting_for=course.waiting_for,
            findings=(*odd, *self._findings()),
            is_sound=course.is_sound,
            definition=self.by.definition,
            calendar_version=self.rule.calendar.version,
            inherited=self.by.inherited,
        )

    def _at(self, step: int | None) -> datetime | None:
        return None if step is None else self.counted[step].at

    def _findings(self) -> Iterable[Finding]:
        for found in self.course.findings:
            event = self.counted[found.step].event
            yield Finding(found.code, event.seq, event.kind, found.stage)

    def _instance(self, run: Run) -> StageInstance:
        started_at, stopped_at = self.counted[run.start].at, self._at(run.stop)
        until = self.rule.day(stopped_at or self.as_of)
        held = [(self.rule.day(self.counted[hold.start].at), self._day_until(hold.stop)) for hold in run.holds]
        limit = self.limits.get(run.stage)
        # Only the first instance goes on with what a predecessor had used of the stage.
        carried = self.inherited.stage_days.get(run.stage, 0) if run.number == 1 else 0
        tally = self.rule.tally(self.rule.day(started_at), until, holds=held, limit=limit, carried=carried)
        is_late = tally.due is not None and limit is not None and (until > tally.due.date or carried > limit)
        return StageInstance(
            stage=run.stage,
            number=run.number,
            owner=run.owner,
            started_at=started_at,
            stopped_at=stopped_at,
            start_seq=self.counted[run.start].event.seq,
            stop_seq=None if run.stop is None else self.counted[run.stop].event.seq,
            outcome=run.outcome,
            used_days=tally.used_days,
            is_provisional=tally.is_provisional or (tally.due is not None and tally.due.is_provisional),
            limit_days=limit,
            due=tally.due,
            verdict=_instance_verdict(run, self.course.state, limit, is_late=is_late),
            holds=tuple(
                Hold(hold.owner, hold.label, self.counted[hold.start].at, self._at(hold.stop), days.days)
                for hold, days in zip(run.holds, tally.held, strict=True)
            ),
            carried_days=carried,
        )

    def _day_until(self, step: int | None) -> date:
        return self.rule.day(self._at(step) or self.as_of)

    def _span(self, span: Course) -> Span:
        started_at, stopped_at = self.counted[span.start].at, self._at(span.stop)
        until = stopped_at or self.as_of
        start_date, until_date = self.rule.day(started_at), self.rule.day(until)
        return Span(
            owner=span.owner,
            label=span.label,
            started_at=started_at,
            stopped_at=stopped_at,
            days=self.rule.count(start_date, until_date)[0],
            calendar_days=(until_date - start_date).days,
            elapsed=until - started_at,
        )

    def _whole_days(self) -> int | None:
        if self.course.whole_start is None:
            return None
        accepted_at = self.counted[self.course.whole_start].at
        own = self.rule.count(self.rule.day(accepted_at), self._day_until(self.course.end))[0]
        return own + self.inherited.whole_days

    def _total_verdict(self, utility_days: int) -> str:
        limit = self.limits.get(TOTAL)
        if self.course.state == "not_started":
            return "not_started"
        if limit is not None and utility_days > limit:
            return "late"
        if self.course.state != "closed":
            return self.course.state
        if not self.course.is_sound:
            return "unclear"
        return "no_limit" if limit is None else "on_time"


def _instance_verdict(run: Run, state: str, limit: int | None, *, is_late: bool) -> str:
    if is_late:
        return "late"
    if run.outcome == "open":
        return "running"
    if run.outcome == "cut":
        return "withdrawn" if state == "withdrawn" else "unclear"
    return "no_limit" if limit is None else "on_time"


def _verdict(course: Trace, stages: Sequence[StageInstance], total_verdict: str) -> str:
    if total_verdict == "late" or any(each.verdict == "late" for each in stages):
        return "late"
    if total_verdict == "no_limit" and any(each.verdict == "on_time" for each in stages):
        return "on_time"
    return total_verdict if course.state == "closed" else course.state


def _by_owner(spans: Sequence[Span]) -> dict[str, OwnerDays]:
    sums: dict[str, OwnerDays] = {}
    for span in spans:
        held = sums.get(span.owner, OwnerDays(0, 0, timedelta()))
        sums[span.owner] = OwnerDays(
            held.days + span.days, held.calendar_days + span.calendar_days, held.elapsed + span.elapsed
        )
    return sums


def _next_due(stages: Sequence[StageInstance]) -> NextDue | None:
    running = [each for each in stages if each.stopped_at is None and not each.is_held]
    dated = [(each.due.date, position) for position, each in enumerate(running) if each.due is not None]
    if not dated:
        return None
    _, position = min(dated)
    first = running[position]
    if first.due is None:
        return None
    return NextDue(first.due.date, first.due.is_provisional, first.stage, first.number, first.owner)
