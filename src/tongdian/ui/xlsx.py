"""Writes a table as xlsx: text stays text, whatever it begins with, and both hotlines stand below."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tongdian.ui.hotlines import hotlines_on
from tongdian.ui.tables import Table, plain

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | float | date | datetime


def xlsx_response(table: Table, name: str, *, on: date, mark: str = "") -> HttpResponse:
    """Answer with every row of the table as a download. Causes a query.

    mark: what the reader must know of all rows, such as that they are a demonstration; stands below them.
    """
    rows = ([plain(value) for value in row] for row in table.all_rows())
    header = [str(column.label) for column in table.sheet_columns]
    content = workbook(str(table.caption), header, rows, on=on, mark=mark)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}-{on.isoformat()}.xlsx"
    return response


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Value]], *, on: date, mark: str = "") -> bytes:
    """Write one sheet: header, rows, then the hotlines in force on that day and the mark, if any."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        for column, label in enumerate(header):
            sheet.write_string(0, column, label, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, last, column, value, quoted=quoted, days=days, moments=moments)
        lines = hotlines_on(on)
        sheet.write_string(last + 2, 0, _("供电服务热线 %(number)s") % {"number": lines.supply})
        sheet.write_string(last + 3, 0, _("能源监管热线 %(number)s") % {"number": lines.regulator})
        if mark:
            sheet.write_string(last + 4, 0, mark, bold)
    return buffer.getvalue()


def _write(
    sheet: Worksheet, row: int, column: int, value: Value, *, quoted: Format, days: Format, moments: Format
) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, _naive(value), moments)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, days)
    elif isinstance(value, str):
        # The quote prefix keeps a later edit or CSV round trip from turning the text into a formula.
        sheet.write_string(row, column, value, quoted if value.startswith(FORMULA_STARTS) else None)
    else:
        sheet.write_number(row, column, value)


def _naive(value: datetime) -> datetime:
    return timezone.make_naive(value) if timezone.is_aware(value) else value


def _sheet_name(title: str) -> str:
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31] or "Sheet1"
