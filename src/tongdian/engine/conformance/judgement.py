"""Judging a log: which cases were on time, out of which number, and how the steps were taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from tongdian.engine.clock.zones import MICROS_A_DAY, instant, local_days, micros
from tongdian.engine.conformance.automaton import automaton_of
from tongdian.engine.conformance.durations import Spread, StageDurations, spread, stage_durations
from tongdian.engine.conformance.mapping import LogMapping
from tongdian.engine.conformance.steps import (
    Steps,
    missing,
    out_of_order,
    recorded_after,
    repeated,
    seconds_since_previous,
    steps_of,
)
from tongdian.engine.formats import NO_TIME, EventLog
from tongdian.kernel.calendar import WorkingCalendar

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Every rate says of what it is the share: numerator and denominators are figures, the denominators added up.
RATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "on_time_of_closed": ("closed_on_time", ("closed_with_due",)),
    "on_time_with_overdue": ("closed_on_time", ("closed_with_due", "open_overdue")),
}

OPTIONAL_FIGURES = ("end_after_planned", "cases_out_of_order", "cases_recorded_after", "required_missing", "off_path")


class EmptyLogError(ValueError):
    """A log has no usable event, so there is nothing to judge."""

    def __init__(self, bad_rows: int) -> None:
        super().__init__(f"the log has no usable event; {bad_rows} rows could not be read")
        self.bad_rows = bad_rows


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0–1], None when there is nothing to divide by; the counts belong to figures of the same names."""

    id: str
    numerator: str
    denominators: tuple[str, ...]
    numerator_n: int
    denominator_n: int

    @property
    def share(self) -> float | None:
        """The rate as a fraction."""
        return self.numerator_n / self.denominator_n if self.denominator_n else None


@dataclass(frozen=True)
class Month:
    """One calendar month, by two denominators: cases due in it (only what fell due by `as_of`), cases closed in it."""

    first: date
    due: Ints
    due_on_time: Ints
    closed: Ints
    closed_on_time: Ints


@dataclass(frozen=True)
class StepLine:
    """One activity: how often it occurs, in which cases again, and the hours since the step before it."""

    activity: str
    events: int
    cases: Ints
    again: Ints
    hours: Spread


@dataclass(frozen=True)
class CaseTable:
    """The cases. Times in microseconds since 1970-01-01 UTC, NO_TIME where there is none.

    counted_days: start to end in days of the mapping's calendar, -1 while open or when the end lies before the start.
    """

    ids: tuple[str, ...]
    start_us: Ints
    due_us: Ints
    end_us: Ints
    planned_us: Ints
    counted_days: Ints


@dataclass(frozen=True)
class Judgement:
    """What a log shows. `figures`: name -> the numbers of the cases behind it, so each number opens its evidence.

    A figure that the mapping gives no grounds for is absent, not 0: see `not_judged`.
    findings: name -> the places in `steps` of the events behind it.
    """

    mapping: LogMapping
    calendar_version: str
    as_of: datetime
    log: EventLog
    steps: Steps
    cases: CaseTable
    figures: Mapping[str, Ints]
    rates: tuple[Rate, ...]
    months: tuple[Month, ...]
    counted: Spread
    elapsed: Spread
    stages: tuple[StageDurations, ...]
    step_lines: tuple[StepLine, ...]
    findings: Mapping[str, Ints]

    @property
    def unknown_activities(self) -> tuple[str, ...]:
        """The activities that the mapping names and the log never has: often a typing error."""
        return tuple(sorted(self.mapping.activities - set(self.log.activities)))

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The figures left out, because the mapping names no column or activities for them."""
        return tuple(name for name in OPTIONAL_FIGURES if name not in self.figures)


def judge(log: EventLog, mapping: LogMapping, calendar: WorkingCalendar) -> Judgement:
    """Judge a log against its mapping.

    Raises: EmptyLogError without a usable event, CalendarEnds when a day lies outside the calendar.
    """
    if not len(log.case):
        raise EmptyLogError(len(log.bad_rows))
    as_of = mapping.as_of or _last_moment(log)
    steps = steps_of(log, as_of_us=micros(as_of))
    cases = _cases(log, steps, mapping, calendar, as_of_us=micros(as_of))
    findings = _findings(steps, mapping, calendar)
    figures = _figures(cases, mapping, steps, findings, as_of_us=micros(as_of))
    valid = figures["closed"][~np.isin(figures["closed"], figures["end_before_start"])]
    return Judgement(
        mapping=mapping,
        calendar_version=calendar.version,
        as_of=as_of,
        log=log,
        steps=steps,
        cases=cases,
        figures=figures,
        rates=tuple(_rate(name, figures) for name in RATES),
        months=_months(cases, figures, mapping.layout.zone, as_of_us=micros(as_of)),
        counted=spread(cases.counted_days[valid]),
        elapsed=spread((cases.end_us[valid] - cases.start_us[valid]) / MICROS_A_DAY),
        stages=stage_durations(steps, mapping, calendar, as_of=as_of),
        step_lines=_step_lines(steps),
        findings=findings,
    )


def _last_moment(log: EventLog) -> datetime:
    """Return the last event, or the last end of a case if that is later: the log knows no more."""
    ends = log.case_times.get("end", log.at_us[:0])
    return instant(int(max(log.at_us.max(), ends.max(initial=NO_TIME))))


def _cases(log: EventLog, steps: Steps, mapping: LogMapping, calendar: WorkingCalendar, *, as_of_us: int) -> CaseTable:
    zone, empty = mapping.layout.zone, np.full(len(log.cases), NO_TIME, np.int64)
    first = empty.copy()
    known = np.flatnonzero(np.diff(steps.bounds))
    first[known] = steps.at_us[steps.bounds[known]]
    start = log.case_times.get("start", empty)
    start = np.where(start == NO_TIME, first, start)
    end = log.case_times["end"] if "end" in log.case_times else _closings(steps, mapping, len(log.cases))
    # What the log says of the time after `as_of` is not known then.
    end = np.where(end > as_of_us, NO_TIME, end)
    counted = np.full(len(log.cases), -1, np.int64)
    closed = np.flatnonzero((end != NO_TIME) & (start != NO_TIME) & (end >= start))
    counted[closed] = calendar.count_many(local_days(start[closed], zone), local_days(end[closed], zone))[0]
    due = _due(log.case_times.get("due", empty), start, mapping, calendar)
    return CaseTable(log.cases, start, due, end, log.case_times.get("planned", empty), counted)


def _closings(steps: Steps, mapping: LogMapping, cases: int) -> Ints:
    """Take the last closing activity of each case as its end."""
    codes = [steps.activities.index(name) for name in mapping.closed_by if name in steps.activities]
    closing = np.isin(steps.activity, codes)
    end = np.full(cases, NO_TIME, np.int64)
    np.maximum.at(end, steps.case[closing], steps.at_us[closing])
    return end


def _due(given: Ints, start: Ints, mapping: LogMapping, calendar: WorkingCalendar) -> Ints:
    zone, due = mapping.layout.zone, given.copy()
    if mapping.limit_days is not None:
        known = np.flatnonzero(start != NO_TIME)
        days, _ = calendar.add_many(local_days(start[known], zone), mapping.limit_days)
        due[known] = _ends_of(days.astype(np.int64), zone)
    elif mapping.due_counts == "end_of_day":
        known = np.flatnonzero(given != NO_TIME)
        due[known] = _ends_of(local_days(given[known], zone).astype(np.int64), zone)
    return due


def _ends_of(days: Ints, zone: str) -> Ints:
    """Return the last microsecond of local days; each distinct day is looked up once."""
    distinct, which = np.unique(days, return_inverse=True)
    return np.array([_end_of(int(day), zone) for day in distinct], np.int64)[which]


def _end_of(day: int, zone: str) -> int:
    next_day = date(1970, 1, 1) + timedelta(days=day + 1)
    return micros(datetime.combine(next_day, time.min, ZoneInfo(zone))) - 1


def _findings(steps: Steps, mapping: LogMapping, calendar: WorkingCalendar) -> dict[str, Ints]:
    zone, days = mapping.layout.zone, mapping.recorded_after_days
    found = {"repeated": repeated(steps)}
    if mapping.order:
        found["out_of_order"] = out_of_order(steps, mapping.order)
    if mapping.layout.columns.recorded is not None:
        found["recorded_after"] = recorded_after(steps, calendar, zone=zone, days=days)
    return found


def _figures(
    cases: CaseTable, mapping: LogMapping, steps: Steps, findings: Mapping[str, Ints], *, as_of_us: int
) -> dict[str, Ints]:
    figures = {name: np.flatnonzero(mark) for name, mark in _marks(cases, as_of_us).items()}
    if mapping.layout.columns.planned is None:
        del figures["end_after_planned"]
    figures |= {f"cases_{name}": np.unique(steps.case[places]) for name, places in findings.items()}
    if mapping.required:
        lacking = [missing(steps, activity, figures["closed"]) for activity in mapping.required]
        figures["required_missing"] = np.unique(np.concatenate(lacking))
    if mapping.paths:
        automaton = automaton_of(mapping.paths, steps.activities)
        figures["off_path"] = np.flatnonzero(automaton.departures(steps.activity, steps.bounds))
    return figures


def _marks(cases: CaseTable, as_of_us: int) -> dict[str, Flags]:
    has_due, is_closed = cases.due_us != NO_TIME, cases.end_us != NO_TIME
    is_late = has_due & is_closed & (cases.end_us > cases.due_us)
    overdue = has_due & ~is_closed & (cases.due_us < as_of_us)
    return {
        "cases": np.ones(len(cases.ids), bool),
        "closed": is_closed,
        "closed_with_due": is_closed & has_due,
        "closed_on_time": is_closed & has_due & ~is_late,
        "late": is_late,
        "open": ~is_closed,
        "open_overdue": overdue,
        "open_in_time": ~is_closed & has_due & ~overdue,
        "without_due": ~has_due,
        "end_before_start": is_closed & (cases.start_us != NO_TIME) & (cases.end_us < cases.start_us),
        "end_after_planned": is_closed & (cases.planned_us != NO_TIME) & (cases.end_us > cases.planned_us),
    }


def _rate(name: str, figures: Mapping[str, Ints]) -> Rate:
    numerator, denominators = RATES[name]
    return Rate(
        name, numerator, denominators, len(figures[numerator]), sum(len(figures[part]) for part in denominators)
    )


def _months(cases: CaseTable, figures: Mapping[str, Ints], zone: str, *, as_of_us: int) -> tuple[Month, ...]:
    fallen_due = np.flatnonzero((cases.due_us != NO_TIME) & (cases.due_us <= as_of_us))
    due_month, closed_month = _month_of(cases.due_us, zone), _month_of(cases.end_us, zone)
    closed, on_time = figures["closed_with_due"], figures["closed_on_time"]
    found = np.unique(np.concatenate([due_month[fallen_due], closed_month[closed]]))
    return tuple(
        Month(
            first=date(int(month) // 12 + 1970, int(month) % 12 + 1, 1),
            due=(due := fallen_due[due_month[fallen_due] == month]),
            due_on_time=due[np.isin(due, on_time)],
            closed=closed[closed_month[closed] == month],
            closed_on_time=on_time[closed_month[on_time] == month],
        )
        for month in found
    )


def _month_of(at_us: Ints, zone: str) -> Ints:
    """Return months since January 1970 of local time; what has no time gets a month nobody asks for."""
    days = np.zeros(len(at_us), np.int64)
    known = at_us != NO_TIME
    days[known] = local_days(at_us[known], zone)
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _step_lines(steps: Steps) -> tuple[StepLine, ...]:
    gaps, again = seconds_since_previous(steps), repeated(steps)
    lines = []
    for code, activity in enumerate(steps.activities):
        mine = np.flatnonzero(steps.activity == code)
        waited = gaps[mine]
        lines.append(
            StepLine(
                activity=activity,
                events=len(mine),
                cases=np.unique(steps.case[mine]),
                again=np.unique(steps.case[again[steps.activity[again] == code]]),
                hours=spread(waited[~np.isnan(waited)] / 3_600),
            )
        )
    return tuple(sorted(lines, key=lambda line: -line.events))
