"""Pure decisions of alerts: which days a step of a rule covers, who sleeps, when the morning's digest is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tongdian.kernel.calendar import WorkingCalendar

ASSIGNEE, APPLICANT, PROJECT_MANAGER = "assignee", "applicant", "project_manager"
# How a reminder tells the case's own project manager from one who holds the role at its place.
LEAD = "lead"
URGENCIES = ("immediate", "digest")


class Condition(StrEnum):
    """What a rule looks at."""

    DUE = "due"
    OVERDUE = "overdue"
    OPEN_SINCE = "open_since"
    EVENT = "event"


class InvalidRule(ValueError):
    """A rule of the book cannot be carried out; `problem` says why."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"alert rule {name!r}: {problem}; correct it in the policy book")
        self.name, self.problem = name, problem


@dataclass(frozen=True)
class Step:
    """One level of a rule: after how many working days who is told, and whether at once."""

    number: int
    days: int
    audiences: tuple[str, ...]
    is_immediate: bool


@dataclass(frozen=True)
class AlertRule:
    """A rule of the book, ready to be carried out; `title` by language (zh, en)."""

    name: str
    title: Mapping[str, str]
    condition: Condition
    steps: tuple[Step, ...]
    events: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ()
    is_for_unassigned: bool = False

    @property
    def is_news(self) -> bool:
        """Whether it tells of something that happened, so that nothing remains to be done."""
        return self.condition is Condition.EVENT


@dataclass(frozen=True)
class Window:
    """The days on which what a step looks at may lie, both included; `first` None: any day before."""

    step: Step
    first: date | None
    last: date


@dataclass(frozen=True)
class Hours:
    """Hours of the day at the installation's place: when the digest goes out, from when until when people sleep."""

    digest: time
    quiet_from: time
    quiet_until: time


def alert_rule(name: str, *, title: Mapping[str, str], value: Mapping[str, Any], known: frozenset[str]) -> AlertRule:
    """Read a rule as the book writes it; `known` are the audiences there are.

    Raises InvalidRule when the condition or the urgency is unknown, an audience is not known, no step is given, or a
    condition that looks at events names none.
    """
    if value.get("condition") not in set(Condition):
        raise InvalidRule(name, f"the condition {value.get('condition')!r} is none of {', '.join(Condition)}")
    condition = Condition(value["condition"])
    if condition in {Condition.OPEN_SINCE, Condition.EVENT} and not value.get("events"):
        raise InvalidRule(name, f"the condition {condition} needs events")
    if not value.get("steps"):
        raise InvalidRule(name, "it has no step, so nobody would be told")
    return AlertRule(
        name=name,
        title=title,
        condition=condition,
        steps=tuple(_step(name, number, written, known) for number, written in enumerate(value["steps"])),
        events=tuple(value.get("events", ())),
        settled_by=tuple(value.get("settled_by", ())),
        is_for_unassigned=bool(value.get("unassigned", False)),
    )


def _step(name: str, number: int, written: Mapping[str, Any], known: frozenset[str]) -> Step:
    audiences = tuple(written["tell"])
    if unknown := set(audiences) - known:
        raise InvalidRule(name, f"step {number} tells {', '.join(sorted(unknown))}, whom nobody knows")
    if written["urgency"] not in URGENCIES:
        raise InvalidRule(name, f"step {number} has the urgency {written['urgency']!r}, not {' or '.join(URGENCIES)}")
    return Step(number, int(written["days"]), audiences, written["urgency"] == "immediate")


def windows(rule: AlertRule, *, today: date, calendar: WorkingCalendar) -> tuple[Window, ...]:
    """Return for each step the days its deadlines, or the events it counts from, may lie on today.

    Raises CalendarEnds when the calendar does not reach that far.
    """
    return tuple(_window(rule.condition, step, today, calendar) for step in rule.steps)


def _window(condition: Condition, step: Step, today: date, calendar: WorkingCalendar) -> Window:
    match condition:
        case Condition.DUE:
            # A day off belongs to the working day after it: what is due then has the same days left.
            first = calendar.add(today, step.days - 1).date + timedelta(days=1) if step.days else today
            return Window(step, first, calendar.add(today, step.days).date)
        case Condition.OVERDUE:
            return Window(step, None, day_before(today, max(step.days, 0), calendar, is_past=True))
        case Condition.OPEN_SINCE:
            return Window(step, None, day_before(today, step.days, calendar))
        case Condition.EVENT:
            return Window(step, None, today)


def day_before(today: date, days: int, calendar: WorkingCalendar, *, is_past: bool = False) -> date:
    """Return the latest day from which at least `days` working days have passed until today.

    is_past: the day must lie before today even for 0 working days. Raises CalendarEnds as the calendar does.
    """
    day = today - timedelta(days=1) if is_past else today
    while calendar.count(day, today).days < days:
        day -= timedelta(days=1)
    return day


def hour_of_day(hours: Decimal | int) -> time:
    """Return a number of hours after midnight as a time of day; 24 and more are midnight."""
    minutes = int(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


def awake_from(moment: datetime, hours: Hours) -> datetime:
    """Return the moment itself, or the end of the quiet hours it falls into; `moment` in the place's own time."""
    start, end, now = hours.quiet_from, hours.quiet_until, moment.time()
    is_over_midnight = start > end
    is_quiet = (now >= start or now < end) if is_over_midnight else start <= now < end
    if not is_quiet:
        return moment
    day = moment.date() + timedelta(days=1) if is_over_midnight and now >= start else moment.date()
    return datetime.combine(day, end, tzinfo=moment.tzinfo)


def is_digest_time(moment: datetime, hours: Hours, calendar: WorkingCalendar) -> bool:
    """Say whether the digest of the day may go out; `moment` in the place's own time."""
    return calendar.is_working(moment.date()) and moment.time() >= hours.digest


def goes_with_digest(moment: datetime, hours: Hours, calendar: WorkingCalendar, *, has_digest: bool) -> bool:
    """Say whether something immediate had better wait for the next digest: outside the working day of who gets one."""
    is_at_work = is_digest_time(moment, hours, calendar) and awake_from(moment, hours) == moment
    return has_digest and not is_at_work
