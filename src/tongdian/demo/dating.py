"""Put a course on the calendar: every step a moment, in working hours, none later than now."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

from tongdian.demo.courses import Course, Step
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.kernel.periods import add_months

MONTHS = 24
OPENS, CLOSES = time(8, 30), time(17, 30)
# Nothing is dated later than this before now, so that the loading never overtakes its own events.
MARGIN = timedelta(minutes=5)
SHORTEST_TODAY = timedelta(hours=1)
SHARE_ON_DAYS_OFF = 0.3
# Working days until who has withdrawn applies again.
TAKEN_UP_DAYS = (1, 20)


@dataclass(frozen=True)
class Past:
    """The stretch of time the demonstration fills: its working days, the last of which is today or before it."""

    now: datetime
    zone: ZoneInfo
    days: tuple[date, ...]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def latest(self) -> int:
        """The place of the last day on which there was time enough for something to happen."""
        is_short = self.days[-1] == self.today and self.closing(self.today) - self.opening(self.today) < SHORTEST_TODAY
        return len(self.days) - (2 if is_short else 1)

    def opening(self, day: date) -> datetime:
        return datetime.combine(day, OPENS, self.zone)

    def closing(self, day: date) -> datetime:
        return min(datetime.combine(day, CLOSES, self.zone), self.now - MARGIN)


def past(now: datetime, *, zone: ZoneInfo, calendar: WorkingCalendar) -> Past:
    """Return the working days of the months before now."""
    today = now.astimezone(zone).date()
    first = add_months(today, -MONTHS)
    span = (first + timedelta(days=n) for n in range((today - first).days + 1))
    return Past(now, zone, tuple(day for day in span if calendar.is_working(day)))


def moments(course: Course, *, within: Past, rng: Random, before: date | None = None) -> tuple[datetime, ...]:
    """Return when each step of a course happens, strictly one after the other.

    before: the day before which a closed course ends, None for anywhere in the past.
    """
    places = _places(course, within, rng, before)
    days = [within.days[place] for place in places]
    for at, step in enumerate(course.steps[:-1]):
        if not step.stage and places[at + 1] > places[at] and rng.random() < SHARE_ON_DAYS_OFF:
            days[at] = _day_off_after(days[at], within)
    return tuple(moment for day, group in groupby(days) for moment in _hours(day, len(list(group)), within, rng))


def _places(course: Course, within: Past, rng: Random, before: date | None) -> list[int]:
    """Walk back from the last step, working day by working day."""
    length = sum(step.waits_days for step in course.steps[1:])
    if before is not None:
        last = max(0, bisect_left(within.days, before) - rng.randint(*TAKEN_UP_DAYS))
    elif course.idle_days is None:
        last = rng.randint(min(length, within.latest), within.latest)
    else:
        last = min(len(within.days) - 1 - course.idle_days, within.latest)
    places = [last]
    for step in _backwards(course.steps):
        places.append(max(0, places[-1] - step.waits_days))
    return places[::-1]


def _backwards(steps: Sequence[Step]) -> Sequence[Step]:
    return steps[:0:-1]


def _day_off_after(day: date, within: Past) -> date:
    """Return the day off that follows, on which a customer acts as well as on any other; else the day itself."""
    following = day + timedelta(days=1)
    return day if following in within.days or following >= within.today else following


def _hours(day: date, count: int, within: Past, rng: Random) -> list[datetime]:
    """Spread so many moments over the opening hours of a day, at least a minute apart."""
    opening = within.opening(day)
    minutes = int((within.closing(day) - opening).total_seconds()) // 60
    chosen = sorted(rng.sample(range(minutes), count))
    return [opening + timedelta(minutes=minute, seconds=rng.randrange(50)) for minute in chosen]
