"""Writes workbooks of several lists in one pass: text stays text, a list longer than a sheet goes on in the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tongdian.engine.formats.csv_file import FORMULA_STARTS
from tongdian.engine.formats.xes import Value

SHEET_ROWS = 1_048_575  # below the heading
WIDTH = 20
# Text of others must not bring formulas, links or numbers to life.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass
class Sheet:
    """One list of the workbook, with its heading."""

    name: str
    header: Sequence[str]
    page: Worksheet | None = field(default=None, init=False)
    lines: int = field(default=0, init=False)
    pages: int = field(default=0, init=False)


def write_workbook(
    file: IO[bytes],
    sheets: Sequence[Sheet],
    rows: Iterable[tuple[int, Sequence[Value]]],
    *,
    zone: str,
    created: datetime,
) -> None:
    """Write a workbook; each row names the sheet it belongs to by its place in `sheets`. Memory holds one row.

    Instants become local time of `zone`, because a workbook knows no zones. The same rows give the same bytes.
    """
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": created.astimezone(ZoneInfo(zone)).replace(tzinfo=None)})
        _Writing(book, ZoneInfo(zone), rows_a_sheet=SHEET_ROWS).write(sheets, rows)


class _Writing:
    def __init__(self, book: Workbook, zone: ZoneInfo, *, rows_a_sheet: int) -> None:
        self.book, self.zone, self.rows_a_sheet = book, zone, rows_a_sheet
        self.bold: Format = book.add_format({"bold": True, "bottom": 1})
        self.quoted: Format = book.add_format({"quote_prefix": True})
        self.days: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moments: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, sheets: Sequence[Sheet], rows: Iterable[tuple[int, Sequence[Value]]]) -> None:
        for sheet in sheets:
            self._open(sheet)
        for place, row in rows:
            self._row(sheets[place], row)

    def _open(self, sheet: Sheet) -> Worksheet:
        sheet.pages += 1
        ending = f" {sheet.pages}" if sheet.pages > 1 else ""
        page = self.book.add_worksheet(sheet.name[: 31 - len(ending)] + ending)
        page.set_column(0, max(len(sheet.header) - 1, 0), WIDTH)
        page.freeze_panes(1, 0)
        for column, text in enumerate(sheet.header):
            page.write_string(0, column, text, self.bold)
        sheet.page, sheet.lines = page, 0
        return page

    def _row(self, sheet: Sheet, row: Sequence[Value]) -> None:
        page = sheet.page
        if page is None or sheet.lines == self.rows_a_sheet:
            page = self._open(sheet)
        sheet.lines += 1
        for column, value in enumerate(row):
            self._cell(page, sheet.lines, column, value)

    def _cell(self, page: Worksheet, line: int, column: int, value: Value) -> None:
        match value:
            case None:
                return
            case bool():
                page.write_boolean(line, column, value)
            case datetime():
                page.write_datetime(line, column, value.astimezone(self.zone).replace(tzinfo=None), self.moments)
            case date():
                page.write_datetime(line, column, value, self.days)
            case str():
                # The quote prefix keeps a later edit or CSV round trip from turning the text into a formula.
                page.write_string(line, column, value, self.quoted if value.startswith(FORMULA_STARTS) else None)
            case _:
                page.write_number(line, column, value)
