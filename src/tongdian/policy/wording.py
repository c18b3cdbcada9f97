"""Rulings in words: one line for a table, a nested outline for a page, in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tongdian.kernel.divisions import UnknownDivision, division
from tongdian.policy.places import NATION
from tongdian.policy.ruling import UNKNOWN, Ruling, Words
from tongdian.policy.terms import code_words, key_words
from tongdian.policy.units import UNITS

CERTAINTY_WORDS: Mapping[str, Words] = {
    "verified": Words("已核对原文", "verified in the text"),
    "secondary": Words("二手来源", "second-hand source"),
    "derived": Words("推导或自定", "derived or our own choice"),
    "memory": Words("凭记忆，未核对", "from memory, unverified"),
}
LAYER_WORDS: Mapping[str, Words] = {
    "plan": Words("行动计划", "action plan"),
    "national": Words("国家规定", "national rule"),
    "regulator": Words("监管规定", "regulator"),
    "company": Words("企业承诺与考核", "company promise"),
    "installation": Words("平台设置", "platform setting"),
}
ZONE_WORDS: Mapping[str, Words] = {"urban_planned_area": Words("城市规划区内", "planned urban area")}

_UNKNOWN_WORDS = Words("未知（无人录入，不等于零）", "unknown (nobody has entered it; this is not zero)")
_NOTHING_WORDS = Words("无（不得索要）", "none (nothing may be asked for)")
_NAMING_KEYS = ("title", "because", "id", "label")
_SWITCH_WORDS: Mapping[bool, Words] = {True: Words("是", "yes"), False: Words("否", "no")}


@dataclass(frozen=True)
class Line:
    """One line of an outline: its label, its text, and the lines inside it (then the text is empty)."""

    label: str
    text: str
    inside: tuple["Line", ...] = ()


def in_words(ruling: Ruling, language: str) -> str:
    """Return the value with its unit on one line, such as `11 个工作日`."""
    value = ruling.value
    if value is UNKNOWN:
        return _UNKNOWN_WORDS.in_language(language)
    if value == ():
        return _NOTHING_WORDS.in_language(language)
    if isinstance(value, Mapping):
        return _pairs(value, language)
    unit = UNITS[ruling.unit].words.in_language(language)
    return f"{_short(value, language, is_code=ruling.unit != 'text')} {unit}".strip()


def validity(ruling: Ruling, language: str) -> str:
    """Return the validity in words; an end is the first day the value no longer holds."""
    start, end = ruling.valid_from, ruling.valid_until
    if end is None:
        return Words(f"{start} 起", f"from {start}").in_language(language)
    return Words(f"{start} 起，{end} 前", f"from {start}, before {end}").in_language(language)


def place_words(ruling: Ruling) -> Words:
    """Return the name of the place as it was when the ruling was last checked; its code where none is known."""
    if ruling.place == NATION:
        return Words("全国", "nationwide")
    try:
        place = division(ruling.place, ruling.checked_on)
    except UnknownDivision:
        return Words(ruling.place, ruling.place)
    return Words(place.name_zh, place.name_en)


def is_nested(value: Any) -> bool:
    """Tell whether a value needs lines of its own: a mapping with keys, or a list of mappings."""
    if isinstance(value, Mapping):
        return bool(value) and not _is_words(value)
    return isinstance(value, tuple) and any(isinstance(item, Mapping) for item in value)


def outline(value: Any, language: str) -> tuple[Line, ...]:
    """Return a nested value as lines inside lines; texts in both languages shrink to the asked one."""
    return tuple(_line(label, item, language) for label, item in _items(value, language)) if is_nested(value) else ()


def _line(label: str, value: Any, language: str) -> Line:
    return Line(label, "" if is_nested(value) else _short(value, language), outline(value, language))


def _items(value: Any, language: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return ((key_words(key, language), item) for key, item in value.items())
    return (_item(n, item, language) for n, item in enumerate(value, start=1))


def _item(number: int, item: Any, language: str) -> tuple[str, Any]:
    """Return an item of a list under its number and name, without what the name already says."""
    named = next((item[key] for key in _NAMING_KEYS if key in item), None) if isinstance(item, Mapping) else None
    if named is None or _is_words(item):
        return f"{number}.", item
    rest = {key: part for key, part in item.items() if key not in _NAMING_KEYS}
    return f"{number}. {_short(named, language)}", rest or ""


def _short(value: Any, language: str, *, is_code: bool = True) -> str:
    if isinstance(value, Mapping):
        return _short_mapping(value, language)
    if isinstance(value, tuple):
        comma = ", " if language.startswith("en") else "、"
        return comma.join(_short(item, language) for item in value) or "–"
    if isinstance(value, bool):
        return _SWITCH_WORDS[value].in_language(language)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return code_words(str(value), language) if is_code else str(value)


def _short_mapping(value: Mapping[str, Any], language: str) -> str:
    if _is_words(value):
        return str(value["en" if language.startswith("en") else "zh"])
    named = next((value[key] for key in _NAMING_KEYS if key in value), None)
    return _short(named, language) if named else _pairs(value, language) or "–"


def _pairs(value: Mapping[str, Any], language: str) -> str:
    pairs = (f"{key_words(key, language)} {_short(item, language)}" for key, item in value.items())
    return ("; " if language.startswith("en") else "；").join(pairs)


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"zh", "en"}
