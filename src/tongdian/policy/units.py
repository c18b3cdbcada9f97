"""The units a value may carry, and what a value of each looks like."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tongdian.policy.ruling import Words

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True)
class Unit:
    """A unit: its words on a page, and the test each value must pass."""

    words: Words
    needs: str
    accepts: Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, Decimal) and value >= 0)


def _is_fraction(value: Any) -> bool:
    return _is_number(value) and value <= 1


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool) or _is_text(value)


def _is_month_day(value: Any) -> bool:
    return isinstance(value, str) and _MONTH_DAY.fullmatch(value) is not None


def _whole(zh: str, en: str) -> Unit:
    return Unit(Words(zh, en), "a whole number, not negative", _is_whole)


def _number(zh: str, en: str) -> Unit:
    return Unit(Words(zh, en), "a number, not negative", _is_number)


UNITS: Mapping[str, Unit] = {
    "workday": _whole("个工作日", "working days"),
    "calendar_day": _whole("天", "calendar days"),
    "month": _whole("个月", "months"),
    "year": _whole("年", "years"),
    "hour": _number("小时", "hours"),
    "minute": _whole("分钟", "minutes"),
    "step": _whole("个环节", "steps"),
    "count": _whole("", ""),
    "byte": _whole("字节", "bytes"),
    "kW": _number("千瓦", "kW"),
    "kVA": _number("千伏安", "kVA"),
    "kV": _number("千伏", "kV"),
    "m": _number("米", "m"),
    "yuan": _number("元", "yuan"),
    "yuan_per_kVA": _number("元/千伏安", "yuan per kVA"),
    "fraction": Unit(Words("（比例）", "(fraction)"), "a fraction between 0 and 1", _is_fraction),
    "text": Unit(Words("", ""), "a text", _is_text),
    "switch": Unit(Words("", ""), "true, false or the name of a choice", _is_switch),
    "date": Unit(Words("", ""), "a date, year-month-day", lambda value: type(value) is date),
    "month_day": Unit(Words("（每年）", "(each year)"), 'a quoted month and day such as "06-30"', _is_month_day),
    "list": Unit(Words("", ""), "a list", lambda value: isinstance(value, list | tuple)),
    "mapping": Unit(Words("", ""), "a mapping", lambda value: isinstance(value, Mapping)),
}
