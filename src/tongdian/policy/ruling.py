"""The values of the book: a ruling, the entry it belongs to, the instrument it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

CERTAINTIES = ("verified", "secondary", "derived", "memory")
LAYERS = ("plan", "national", "regulator", "company", "installation")
ZONES = ("urban_planned_area",)


class Unknown(Enum):
    """Stands where a value exists in law but nobody has entered it: never zero, never empty."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Words:
    """One text in both languages; `str()` gives the Chinese."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def in_language(self, code: str) -> str:
        """Return the English for `en…`, else the Chinese."""
        return self.en if code.lower().startswith("en") else self.zh


@dataclass(frozen=True)
class Source:
    """An instrument that values cite."""

    id: str
    title: Words
    issued_on: date | None


@dataclass(frozen=True)
class Ruling:
    """One dated value with its authority; `valid_until` is the first day it no longer holds (None: open)."""

    id: str
    value: Any
    unit: str
    clause: Words
    certainty: str
    valid_from: date
    valid_until: date | None
    place: str
    zone: str | None
    layer: str
    checked_on: date
    note: Words | None
    source: str
    origin: str

    @property
    def is_known(self) -> bool:
        return self.value is not UNKNOWN

    def holds_on(self, day: date) -> bool:
        """Tell whether `day` lies in the half-open validity."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True)
class Entry:
    """Everything the book says under one id; `layer` is the one that speaks when none is asked for."""

    id: str
    matter: str
    title: Words
    unit: str
    layer: str
    note: Words | None
    rulings: tuple[Ruling, ...]


def frozen(value: Any) -> Any:
    """Return `value` with mappings read-only and lists as tuples, all the way down."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(frozen(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """Return `value` as JSON can write it: decimals and dates as tagged texts, so that 0.9 and "0.9" stay apart."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if value is UNKNOWN:
        return {"unknown": True}
    return value
