"""Writes days, instants and amounts the way the reader's language does; instants are read in the site's zone."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language

from tongdian.kernel import divisions
from tongdian.kernel.divisions import Division
from tongdian.policy.ruling import Words

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_english() -> bool:
    """Tell whether the page is shown in English; every other language reads Chinese."""
    return (get_language() or "").startswith("en")


def local_day(value: date | datetime) -> date:
    """Return the day an instant falls on in the site's zone; a day stays as it is."""
    if not isinstance(value, datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


def day(value: date | datetime) -> str:
    """Write a day with its weekday: 2026年11月23日（星期一） or Mon 23 Nov 2026."""
    on = local_day(value)
    if is_english():
        return f"{WEEKDAYS_EN[on.weekday()]} {short_day(on)}"
    return f"{short_day(on)}（星期{WEEKDAYS_ZH[on.weekday()]}）"


def short_day(value: date | datetime) -> str:
    """Write a day without its weekday: 2026年11月23日 or 23 Nov 2026."""
    on = local_day(value)
    if is_english():
        return f"{on.day} {MONTHS_EN[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日"


def month(value: date) -> str:
    """Write a month: 2026年11月 or Nov 2026."""
    return f"{MONTHS_EN[value.month - 1]} {value.year}" if is_english() else f"{value.year}年{value.month}月"


def weekday_names() -> list[str]:
    """List the weekdays from Monday, as short as a month grid needs."""
    return list(WEEKDAYS_EN if is_english() else WEEKDAYS_ZH)


def moment(value: datetime) -> str:
    """Write an instant to the minute: 2026年11月23日 14:05 or 23 Nov 2026, 14:05."""
    local = timezone.localtime(value)
    return f"{short_day(local)}{', ' if is_english() else ' '}{local:%H:%M}"


def machine(value: date | datetime) -> str:
    """Write a day or an instant for a `datetime` attribute, in the site's zone."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat()


def yuan(value: Decimal | int) -> str:
    """Write an amount of money with its unit: 1,200.00 元 or CNY 1,200.00."""
    return f"CNY {value:,.2f}" if is_english() else f"{value:,.2f} 元"


def in_language(words: Words | Mapping[str, str]) -> str:
    """Choose the reader's language of a text the policy book gives in both."""
    zh, en = (words.zh, words.en) if isinstance(words, Words) else (words["zh"], words["en"])
    return en if is_english() else zh


def division_name(division: Division) -> str:
    """Name a division in the reader's language."""
    return division.name_en if is_english() else division.name_zh


def place_name(code: str, on: date) -> str:
    """Name a county with its city, as they were called on a day."""
    county = divisions.division(code, on)
    # The English name of a county says its city already.
    return county.name_en if is_english() else f"{divisions.ancestors(code, on)[0].name_zh} {county.name_zh}"
