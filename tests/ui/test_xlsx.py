from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest
from django.http import QueryDict
from openpyxl.worksheet.worksheet import Worksheet

from tongdian.ui.tables import Column, Table
from tongdian.ui.xlsx import FORMULA_STARTS, workbook, xlsx_response

DAY = date(2026, 11, 23)


class TextTable(Table):
    caption = "案件"
    columns = (Column("text", "文字", value=lambda row: row),)


def sheet(*rows: list[object], title: str = "案件") -> Worksheet:
    book = openpyxl.load_workbook(BytesIO(workbook(title, ["甲", "乙"], rows, on=DAY)))
    active = book.active
    assert isinstance(active, Worksheet)
    return active


class TestWorkbook:
    @pytest.mark.parametrize("start", FORMULA_STARTS)
    def test_keeps_text_that_looks_like_a_formula_as_text(self, start: str) -> None:
        cell = sheet([f"{start}1+1", 2])["A2"]

        assert cell.data_type == "s"
        assert cell.quotePrefix

    def test_keeps_numbers_days_and_moments(self) -> None:
        moment = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)

        written = [cell.value for cell in sheet([3.5, DAY], [moment, ""])["A"][1:3]]

        assert written == [3.5, datetime(2026, 11, 23, 0, 5)]  # noqa: DTZ001 - spreadsheets know no zone

    def test_names_both_hotlines_below_the_rows(self) -> None:
        written = [cell.value for cell in sheet(["a", 1])["A"]]

        assert written == ["甲", "a", None, "供电服务热线 95598", "能源监管热线 12398"]

    def test_names_both_hotlines_below_an_empty_list(self) -> None:
        assert [cell.value for cell in sheet()["A"]][-2:] == ["供电服务热线 95598", "能源监管热线 12398"]

    def test_ends_in_the_mark_of_the_installation(self) -> None:
        book = openpyxl.load_workbook(BytesIO(workbook("案件", ["甲"], [["a"]], on=DAY, mark="演示数据")))

        assert [cell.value for cell in book.active["A"]][-1] == "演示数据"  # type: ignore[index, union-attr]

    @pytest.mark.parametrize(("title", "name"), [("a/b:c", "abc"), ("", "Sheet1"), ("长" * 40, "长" * 31)])
    def test_makes_a_sheet_name_of_any_title(self, title: str, name: str) -> None:
        assert sheet(title=title).title == name


class TestXlsxResponse:
    def test_is_a_download_named_for_list_and_day(self) -> None:
        response = xlsx_response(TextTable(["b"], QueryDict()), "案件", on=DAY)

        assert response["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%A1%88%E4%BB%B6-2026-11-23.xlsx"
        assert openpyxl.load_workbook(BytesIO(response.content)).active is not None
