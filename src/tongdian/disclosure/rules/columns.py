"""The definition of the public file: every column with its type, its unit and what it means, in both languages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tongdian.policy import Words

FORMAT = "tongdian-public-month-1"


@dataclass(frozen=True)
class Column:
    """A column of the file: type text, code, integer, date or boolean; `unit` of integers."""

    name: str
    type: str
    unit: str
    title: Words
    meaning: Words
    clause: Words | None


def columns(stages: Mapping[str, Words], reasons: Mapping[str, Words]) -> tuple[Column, ...]:
    """Return the columns of a file for these stages and reasons to pause, each by id with its title."""
    return (
        *_columns("first"),
        *(column for stage, title in stages.items() for column in _columns("stage", stage, title)),
        *(column for reason, title in reasons.items() for column in _columns("pause", reason, title)),
        *_columns("last"),
    )


def definition(listed: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the columns as JSON values."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "unit": column.unit or None,
            "title": _both(column.title),
            "meaning": _both(column.meaning),
            "clause": _both(column.clause) if column.clause else None,
        }
        for column in listed
    ]


_NOTHING = Words("", "")


def _columns(part: str, id_: str = "", title: Words = _NOTHING) -> Iterator[Column]:
    for name, told in _written()[part].items():
        yield Column(
            name=name.format(id=id_),
            type=told["type"],
            unit=told.get("unit", ""),
            title=Words(told["title"]["zh"].format(title=title.zh), told["title"]["en"].format(title=title.en)),
            meaning=Words(**told["meaning"]),
            clause=Words(**told["clause"]) if "clause" in told else None,
        )


@cache
def _written() -> Mapping[str, Mapping[str, Any]]:
    text = files("tongdian.disclosure.rules").joinpath("columns.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return loaded


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
