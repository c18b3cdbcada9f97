"""Reading outside logs: every row is used or listed, whatever stands in the file."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from support.permit_logs import HEADER, permit_log
from tongdian.engine.clock.zones import instant
from tongdian.engine.formats import NO_TIME, EventLog, LogColumns, LogFormat, UnreadableLog, read_event_log

COLUMNS = LogColumns(case="case", activity="step", time="time", recorded="recorded", due="due", end="end")
LAYOUT = LogFormat(columns=COLUMNS, zone="Asia/Shanghai")
WABO = LogFormat(
    columns=LogColumns(
        case="case:concept:name",
        activity="concept:name",
        time="time:timestamp",
        start="case:startdate",
        due="case:deadline",
        end="case:enddate",
    ),
    zone="Europe/Amsterdam",
)
HEAD = "case,step,time,recorded,due,end\n"


def written(folder: Path, text: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def shape(log: EventLog) -> dict[str, object]:
    """Everything a log says, without the row numbers, which differ between formats."""
    return {
        "cases": log.cases,
        "activities": log.activities,
        "case": log.case.tolist(),
        "at": log.at_us.tolist(),
        "times": {name: column.tolist() for name, column in log.case_times.items()},
        "bad": log.bad_rows,
    }


class TestReadEventLog:
    def test_reads_times_with_and_without_a_zone(self, tmp_path: Path) -> None:
        path = written(tmp_path, HEAD + "a,x,2026-03-02 09:00,,,\na,y,2026-03-02T09:00:00+01:00,,,\n")

        log = read_event_log(path, LAYOUT)

        assert [instant(int(at)) for at in log.at_us] == [
            datetime(2026, 3, 2, 1, tzinfo=UTC),
            datetime(2026, 3, 2, 8, tzinfo=UTC),
        ]

    def test_lets_a_bare_due_date_last_to_the_end_of_its_day(self, tmp_path: Path) -> None:
        log = read_event_log(written(tmp_path, HEAD + "a,x,2026-03-02,,2026-03-05,\n"), LAYOUT)

        assert instant(int(log.case_times["due"][0])) == datetime(2026, 3, 5, 15, 59, 59, 999_999, tzinfo=UTC)
        assert instant(int(log.at_us[0])) == datetime(2026, 3, 1, 16, tzinfo=UTC)

    def test_takes_a_pattern_for_times(self, tmp_path: Path) -> None:
        layout = LogFormat(
            columns=LogColumns("case", "step", "time"), zone="Asia/Shanghai", time_format="%d/%m/%Y %H:%M"
        )

        log = read_event_log(written(tmp_path, "case,step,time\na,x,02/03/2026 09:00\n"), layout)

        assert instant(int(log.at_us[0])) == datetime(2026, 3, 2, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("line", "column", "reason", "is_dropped"),
        [
            (",x,2026-03-02,,,", "case", "empty", True),
            ("a,,2026-03-02,,,", "step", "empty", True),
            ("a,x,,,,", "time", "empty", True),
            ("a,x,yesterday,,,", "time", "not_a_time", True),
            ("a,x,0211-03-02,,,", "time", "year_out_of_range", True),
            ("a,x,2026-02-30,,,", "time", "not_a_time", True),
            ("a,x,2026-03-02,later,,", "recorded", "not_a_time", False),
            ("a,x,2026-03-02,,soon,", "due", "not_a_time", False),
            ("a,x,2026-03-02,,2027-03-02,", "due", "differs_within_case", False),
            ("a,x,2026-03-02,,,,more", "(more cells than the header has)", "too_many_cells", True),
        ],
    )
    def test_lists_a_row_it_cannot_use_with_number_and_reason(
        self, tmp_path: Path, line: str, column: str, reason: str, is_dropped: bool
    ) -> None:
        path = written(tmp_path, f"{HEAD}a,w,2026-03-01,,2026-03-09,\n{line}\nb,x,2026-03-03,,,\n")

        log = read_event_log(path, LAYOUT)

        assert [(bad.row, bad.column, bad.reason, bad.is_dropped) for bad in log.bad_rows] == [
            (3, column, reason, is_dropped)
        ]
        assert log.rows_read == 3
        assert len(log.case) == (2 if is_dropped else 3)

    def test_leaves_an_absent_case_time_absent(self, tmp_path: Path) -> None:
        log = read_event_log(written(tmp_path, HEAD + "a,x,2026-03-02,,,\n"), LAYOUT)

        assert log.case_times["end"].tolist() == [NO_TIME]
        assert log.recorded_us.tolist() == [NO_TIME]
        assert "start" not in log.case_times

    def test_reads_the_same_from_csv_and_xes(self, tmp_path: Path) -> None:
        made = permit_log(40, seed=5)
        xes = written(tmp_path, made.xes(), "log.xes")
        packed = tmp_path / "log.xes.gz"
        packed.write_bytes(gzip.compress(made.xes().encode()))

        expected = shape(read_event_log(made.write(tmp_path / "log.csv"), WABO))

        assert shape(read_event_log(xes, WABO)) == expected
        assert shape(read_event_log(packed, WABO)) == expected

    def test_reads_the_same_from_csv_and_xlsx(self, tmp_path: Path) -> None:
        made = permit_log(20, seed=6)
        path = tmp_path / "log.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("events")
            for line, cells in enumerate([HEADER, *([row[name] for name in HEADER] for row in made.rows)]):
                for column, text in enumerate(cells):
                    sheet.write_string(line, column, text)

        assert shape(read_event_log(path, WABO)) == shape(read_event_log(made.write(tmp_path / "log.csv"), WABO))

    def test_takes_numbers_and_dates_of_a_sheet_for_what_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "log.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet, day = book.add_worksheet("events"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
            sheet.write_row(0, 0, ["case", "step", "time", "recorded", "due", "end"])
            sheet.write_row(1, 0, [10011, "x"])
            sheet.write_datetime(1, 2, datetime(2026, 3, 2, 9), day)  # noqa: DTZ001 - sheets have no zones
            sheet.write_datetime(1, 4, date(2026, 3, 5), day)
            sheet.write_row(2, 0, [10011, "y", 12.5])

        log = read_event_log(path, LAYOUT)

        assert log.cases == ("10011",)
        assert instant(int(log.at_us[0])) == datetime(2026, 3, 2, 1, tzinfo=UTC)
        assert instant(int(log.case_times["due"][0])).second == 59
        assert [(bad.row, bad.reason) for bad in log.bad_rows] == [(3, "not_a_time")]

    @pytest.mark.parametrize(
        ("name", "text", "problem"),
        [
            ("log.txt", HEAD, "must end in"),
            ("log.csv", "", "must name the columns"),
            ("log.csv", "case,case,time\n", "names a column twice: case"),
            ("log.csv", "case,step\n", "has no column due, end, recorded, time; it has: case, step"),
            ("log.csv", HEAD + 'a,"x', "is not CSV"),
            ("log.xlsx", "not a zip", "not a readable workbook"),
            ("log.xes", "<log><trace>", "is not readable as XES"),
            ("log.xes.gz", "<log/>", "is not readable as XES"),
        ],
    )
    def test_refuses_a_file_it_cannot_read(self, tmp_path: Path, name: str, text: str, problem: str) -> None:
        path = written(tmp_path, text, name)

        with pytest.raises(UnreadableLog) as caught:
            read_event_log(path, LAYOUT)

        assert problem in caught.value.problem

    @pytest.mark.parametrize(
        "declared",
        ['<!DOCTYPE log [<!ENTITY a "aaaa">]>', '<!DOCTYPE log SYSTEM "file:///etc/passwd">', "<!DOCTYPE log>"],
    )
    def test_refuses_xml_with_a_document_type(self, tmp_path: Path, declared: str) -> None:
        path = written(tmp_path, f'<?xml version="1.0"?>{declared}<log/>', "log.xes")

        with pytest.raises(UnreadableLog, match="declares a document type"):
            read_event_log(path, LAYOUT)

    def test_names_the_way_out_of_a_wrong_encoding(self, tmp_path: Path) -> None:
        path = written(tmp_path, HEAD + "案件,受理,2026-03-02,,,\n", encoding="gb18030")

        with pytest.raises(UnreadableLog, match="encoding: gb18030"):
            read_event_log(path, LAYOUT)
        assert read_event_log(path, LogFormat(COLUMNS, "Asia/Shanghai", encoding="gb18030")).cases == ("案件",)

    def test_refuses_an_encoding_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableLog, match="'martian' is unknown"):
            read_event_log(written(tmp_path, HEAD), LogFormat(COLUMNS, "Asia/Shanghai", encoding="martian"))

    def test_refuses_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableLog, match="no such file"):
            read_event_log(tmp_path / "log.csv", LAYOUT)

    def test_refuses_a_sheet_that_is_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "log.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            book.add_worksheet("events")

        with pytest.raises(UnreadableLog, match="there are: events"):
            read_event_log(path, LogFormat(COLUMNS, "Asia/Shanghai", sheet="cases"))
