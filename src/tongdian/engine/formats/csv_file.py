"""Writes tables as CSV that a spreadsheet opens as it was meant: UTF-8 with its mark, and text that stays text."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from tongdian.engine.formats.xes import Value, utc_text

BYTE_ORDER_MARK = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Write a table line by line, by RFC 4180. Instants are in UTC; None is an empty cell.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises ValueError when an instant has no time zone, or a row is not as long as the header.
    """
    yield BYTE_ORDER_MARK + _line(header)
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row has {len(row)} cells under {len(header)} headings: {row[:3]}")
        yield _line([_cell(value) for value in row])


def _line(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return utc_text(value)
        case str() if value.startswith(FORMULA_STARTS):
            return f"'{value}"
        case _:
            return str(value)
