"""Writes the cells of a list as HTML: each kind of value in its own way, everything escaped."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.translation import get_language

from tongdian.ui import formats
from tongdian.ui.components import LAMP_WORDS, Words

Kind = Literal["text", "number", "day", "moment", "lamp", "code", "choice"]
Direction = Literal["ascending", "descending", "none"]
ARROWS = {"ascending": "↑", "descending": "↓"}
ABSENT = '<span class="absent">—</span>'


def heading(kind: Kind, label: Words, query: str, direction: Direction) -> str:
    """Return the heading of a column; with a query it sorts the list."""
    sorted_by = f' aria-sort="{direction}"' if direction in ARROWS else ""
    arrow = f'<span aria-hidden="true"> {ARROWS[direction]}</span>' if direction in ARROWS else ""
    words = f'<a href="?{escape(query)}">{escape(label)}{arrow}</a>' if query else escape(label)
    return f'<th scope="col" role="columnheader" class="kind-{kind}"{sorted_by}>{words}</th>'


def opening(kind: Kind, label: Words) -> str:
    """Return the tag that opens every cell of a column; the label stands before the value on a phone."""
    return f'<td role="cell" class="kind-{kind}" data-label="{escape(label)}">'


def cell(kind: Kind, value: Any, url: str = "") -> str:
    """Return the content of a cell, inside the link it has."""
    content = _content(kind, value)
    return f'<a href="{escape(url)}">{content}</a>' if url else content


def _content(kind: Kind, value: Any) -> str:
    if value is None or value == "":
        return ABSENT
    if kind == "lamp":
        return _lamp(value, get_language() or "")
    if kind == "choice":
        sent, called = value
        return f'<input type="checkbox" name="chosen" value="{escape(sent)}" form="bulk" aria-label="{escape(called)}">'
    if isinstance(value, date) and kind in {"day", "moment"}:
        shown = formats.moment(value) if isinstance(value, datetime) else formats.day(value)
        return f'<time datetime="{formats.machine(value)}">{shown}</time>'
    text = conditional_escape(value if isinstance(value, str) else localize(value))
    return f"<code>{text}</code>" if kind == "code" else str(text)


@lru_cache(maxsize=32)
def _lamp(colour: str, language: str) -> str:
    return render_to_string("ui/lamp.html", {"colour": colour, "word": LAMP_WORDS[colour]}).strip()
