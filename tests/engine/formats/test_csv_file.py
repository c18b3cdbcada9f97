"""Tables written as CSV: a spreadsheet opens them as they were meant."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from tongdian.engine.formats.csv_file import BYTE_ORDER_MARK, csv_lines


def read(*rows: list, header: list[str] | None = None) -> list[list[str]]:
    text = "".join(csv_lines(header or ["a"] * len(rows[0]), rows))
    return list(csv.reader(StringIO(text.removeprefix(BYTE_ORDER_MARK))))


class TestCsvLines:
    def test_begins_with_the_mark_of_its_encoding(self) -> None:
        assert next(csv_lines(["编号"], [])) == "\ufeff编号\r\n"

    def test_keeps_text_with_marks_and_line_ends(self) -> None:
        assert read(['a,"b"\n第二行'])[1] == ['a,"b"\n第二行']

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
    def test_keeps_text_from_becoming_a_formula(self, text: str) -> None:
        assert read([text])[1] == [f"'{text}"]

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (None, ""),
            (True, "true"),
            (-3, "-3"),
            (0.5, "0.5"),
            (date(2026, 3, 2), "2026-03-02"),
            (datetime(2026, 3, 2, 1, tzinfo=UTC), "2026-03-02T01:00:00.000000+00:00"),
        ],
    )
    def test_writes_a_value(self, value: object, cell: str) -> None:
        assert read([value, "x"])[1] == [cell, "x"]

    def test_refuses_a_row_of_another_length(self) -> None:
        with pytest.raises(ValueError, match="2 cells under 1 headings"):
            list(csv_lines(["a"], [["b", "c"]]))

    def test_refuses_an_instant_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            list(csv_lines(["a"], [[datetime(2026, 3, 2)]]))  # noqa: DTZ001
