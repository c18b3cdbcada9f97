"""The working behind the dates in words: days that did not count and why, the month grid, the calendar file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from tongdian.connection.apps import STAGES
from tongdian.connection.guidance.classes import ClassGuide
from tongdian.connection.guidance.dates import StageDate
from tongdian.engine.clock import DayLine
from tongdian.kernel.calendar import DayStep
from tongdian.kernel.notices import packaged_notices
from tongdian.policy.wording import in_words
from tongdian.ui import formats
from tongdian.ui.components import Words
from tongdian.ui.hotlines import hotlines_on

DAY = timedelta(days=1)
# How the calendar names a notice that was typed in here.
ENTERED = "entered "


@dataclass(frozen=True)
class Skipped:
    """Days in a row that did not count, or a weekend that did: why, and the notice that says so."""

    first: date
    last: date
    why: str
    notice: str
    address: str
    is_provisional: bool


def skipped(dates: Sequence[StageDate]) -> list[Skipped]:
    """Explain every day that did not count, and every weekend that did, in order; days of one reason together."""
    runs: list[tuple[str, list[DayLine]]] = []
    for line, why in _told(dates):
        if runs and runs[-1][0] == why and line.date - runs[-1][1][-1].date == DAY:
            runs[-1][1].append(line)
        else:
            runs.append((why, [line]))
    return [_skipped(why, lines) for why, lines in runs]


def _told(dates: Sequence[StageDate]) -> Iterator[tuple[DayLine, str]]:
    for stage in dates:
        for line in stage.lines:
            if line.date > stage.start_date and (why := _why(line)):
                yield line, why


def _why(line: DayLine) -> str:
    """Say why a day does not count, or counts although it is a weekend; "" for a plain day."""
    if line.held_by is not None:
        return _("暂停")
    holiday = line.holiday_en if formats.is_english() else line.holiday
    if line.ordinal is None:
        return holiday or _("周末")
    return _("%(holiday)s调休，照常上班") % {"holiday": holiday} if holiday and line.is_working else ""


def _skipped(why: str, lines: Sequence[DayLine]) -> Skipped:
    first, last = lines[0], lines[-1]
    # A pause stands for itself; a holiday inside it decides nothing.
    notice = "" if first.held_by is not None else first.notice
    number, address = _notices().get(notice, (notice.removeprefix(ENTERED), ""))
    return Skipped(first.date, last.date, why, number, address, any(each.is_provisional for each in lines))


@cache
def _notices() -> Mapping[str, tuple[str, str]]:
    return {each.id: (each.number, each.address) for each in packaged_notices()}


def month_grid(dates: Sequence[StageDate]) -> tuple[list[DayStep], dict[date, Words]]:
    """Lay the days of stages that follow each other out as one calendar, and name what is due on which day.

    Where one stage ends and the next begins, the day counts for the one that ends.
    """
    steps: dict[date, DayStep] = {}
    for each in dates:
        for line in each.lines:
            steps.setdefault(line.date, _step(line))
    return list(steps.values()), {each.due_date: str(STAGES[each.stage]) for each in dates}


def _step(line: DayLine) -> DayStep:
    is_held = line.held_by is not None
    return DayStep(
        date=line.date,
        is_working=line.is_working,
        ordinal=line.ordinal,
        holiday=_("暂停") if is_held else line.holiday,
        holiday_en=_("暂停") if is_held else line.holiday_en,
        notice=line.notice,
        is_provisional=line.is_provisional,
    )


def deadlines_ics(guide: ClassGuide, dates: Sequence[StageDate], *, link: str, now: datetime) -> bytes:
    """Write the deadlines as an iCalendar file (RFC 5545): one all-day event each, the same event for the same link.

    link: the address of the calculation. now: the moment of the download [aware].
    """
    file = Calendar()
    file.add("prodid", "-//Tongdian//calculator//")
    file.add("version", "2.0")
    file.add("x-wr-calname", vText(formats.in_language(guide.entry.title)))
    limits = {each.stage: each.limit for each in guide.stages}
    for each in dates:
        file.add_component(_event(each, in_words(limits[each.stage], _language()), link=link, now=now))
    written: bytes = file.to_ical()
    return written


def _event(each: StageDate, limit: str, *, link: str, now: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{sha256(f'{link} {each.stage}'.encode()).hexdigest()[:32]}@tongdian")
    entry.add("dtstamp", now)
    entry.add("dtstart", each.due_date)
    entry.add("dtend", each.due_date + DAY)
    mark = _("（暂定）") if each.is_provisional else ""
    entry.add("summary", _("%(stage)s：最晚今天%(mark)s") % {"stage": STAGES[each.stage], "mark": mark})
    lines = hotlines_on(each.due_date)
    words = _("时限 %(limit)s。超过请拨打供电服务热线 %(supply)s；能源监管热线 %(regulator)s。")
    entry.add("description", words % {"limit": limit, "supply": lines.supply, "regulator": lines.regulator})
    entry.add("url", link)
    entry.add("transp", "TRANSPARENT")
    return entry


def _language() -> str:
    return "en" if formats.is_english() else "zh-hans"
