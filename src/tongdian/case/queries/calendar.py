"""Read the working calendar: the one in force, and any a deadline was computed with."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from tongdian.case.models import CalendarNotice, CalendarVersion
from tongdian.kernel.calendar import WorkingCalendar, calendar_from, packaged_calendar
from tongdian.kernel.notices import Notice, NoticeDay, StatutoryDay, packaged_notices, statutory_days


class UnknownCalendar(LookupError):
    """No calendar of that version was ever kept here."""

    def __init__(self, version: str) -> None:
        super().__init__(f"calendar version {version[:12]} is not kept in this database; recompute its deadlines")
        self.version = version


def calendar(*, confirmed: int | None = None) -> WorkingCalendar:
    """Return the calendar in force: the packaged notices and every confirmed one. Built once per set and process.

    Causes one query; none for who knows by a query of its own that `confirmed` notices are zero.
    """
    if confirmed == 0:
        return packaged_calendar()
    rows = CalendarNotice.objects.filter(confirmed_at__isnull=False).order_by("announced_date", "id")
    entered = tuple(_Row.of(row) for row in rows)
    return _built(entered) if entered else packaged_calendar()


def calendar_of(version: str) -> WorkingCalendar:
    """Return the calendar of a version; causes at most two queries, none for the packaged one.

    Raises UnknownCalendar when the version is neither the packaged one, nor in force, nor kept.
    """
    if version == packaged_calendar().version:
        return packaged_calendar()
    in_force = calendar()
    return in_force if version == in_force.version else _kept(version)


def content_of(known: WorkingCalendar) -> dict[str, Any] | None:
    """Return what the calendar in force was made from, as JSON can hold it; None for any other calendar."""
    rows = CalendarNotice.objects.filter(confirmed_at__isnull=False).order_by("announced_date", "id")
    notices = [*packaged_notices(), *(notice_of(row) for row in rows)]
    if calendar_from(notices).version != known.version:
        return None
    return {
        "notices": [_told(each) for each in notices],
        "statutory": [_told_statutory(day) for day in statutory_days()],
    }


def notice_of(row: CalendarNotice) -> Notice:
    """Return an entered notice as the kernel reads it.

    Raises NoticeContradiction when one day is both worked and off.
    """
    return _Row.of(row).notice()


def notices() -> tuple[CalendarNotice, ...]:
    """Return every entered notice with who entered and confirmed it, oldest first."""
    return tuple(CalendarNotice.objects.select_related("entered_by", "confirmed_by").order_by("announced_date", "id"))


class _Row(tuple[Any, ...]):
    """The columns of a notice row that make its calendar, hashable so that a calendar is built once."""

    __slots__ = ()

    @classmethod
    def of(cls, row: CalendarNotice) -> "_Row":
        days = tuple((day["date"], day["is_working"], day["name"]) for day in row.days)
        return cls((row.number, row.title, row.address, row.announced_date, row.settles_from, row.settles_until, days))

    def notice(self) -> Notice:
        number, title, address, announced_on, settles_from, settles_until, days = self
        return Notice(
            id=f"entered {number}",
            number=number,
            title=title,
            address=address,
            announced_on=announced_on,
            settles=(settles_from, settles_until) if settles_from else None,
            days=tuple(NoticeDay(date.fromisoformat(day), is_working, name) for day, is_working, name in days),
        )


@lru_cache(maxsize=8)
def _built(entered: tuple[_Row, ...]) -> WorkingCalendar:
    return calendar_from([*packaged_notices(), *(row.notice() for row in entered)])


@lru_cache(maxsize=16)
def _kept(version: str) -> WorkingCalendar:
    row = CalendarVersion.objects.filter(version=version).first()
    if row is None:
        raise UnknownCalendar(version)
    statutory = [_statutory_from(day) for day in row.content["statutory"]]
    return calendar_from([_notice_from(each) for each in row.content["notices"]], statutory=statutory)


def _told(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "number": notice.number,
        "title": notice.title,
        "address": notice.address,
        "announced_on": notice.announced_on.isoformat(),
        "settles": [day.isoformat() for day in notice.settles] if notice.settles else None,
        "days": [[day.date.isoformat(), day.is_working, day.name] for day in notice.days],
    }


def _notice_from(told: Mapping[str, Any]) -> Notice:
    settles = told["settles"]
    return Notice(
        id=told["id"],
        number=told["number"],
        title=told["title"],
        address=told["address"],
        announced_on=date.fromisoformat(told["announced_on"]),
        settles=(date.fromisoformat(settles[0]), date.fromisoformat(settles[1])) if settles else None,
        days=tuple(NoticeDay(date.fromisoformat(day), is_working, name) for day, is_working, name in told["days"]),
    )


def _told_statutory(day: StatutoryDay) -> list[Any]:
    return [day.name, day.month, day.day, day.from_date.isoformat(), day.announced_on.isoformat()]


def _statutory_from(told: list[Any]) -> StatutoryDay:
    name, month, day, from_date, announced_on = told
    return StatutoryDay(name, month, day, date.fromisoformat(from_date), date.fromisoformat(announced_on))
