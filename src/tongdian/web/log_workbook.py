"""A judged log as a workbook: every number with its definition, and every case and event behind it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tongdian.engine.clock.zones import MICROS_A_DAY, instant
from tongdian.engine.conformance import Judgement, Spread
from tongdian.engine.formats import NO_TIME
from tongdian.web.log_summary import Provenance, digests, facts
from tongdian.web.log_words import FIGURES, RATES, Words, label, words

Value = str | int | float | datetime | None
SHEET_ROWS = 1_048_575  # below the heading
# A file of unknown origin must not bring formulas, links or numbers to life: text stays text.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
}


def write_workbook(path: Path, judged: Judgement, origin: Provenance, *, language: str) -> None:
    """Write the workbook to `path`. A list longer than a sheet goes on in a further sheet."""
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        _Pages(book, judged, language).write(origin)


class _Pages:
    def __init__(self, book: Workbook, judged: Judgement, language: str) -> None:
        self.book, self.judged, self.language = book, judged, language
        self.word: Words = words(language)
        self.bold: Format = book.add_format({"bold": True, "bottom": 1})
        self.percent: Format = book.add_format({"num_format": "0.0%"})
        self.zone = ZoneInfo(judged.mapping.layout.zone)

    def write(self, origin: Provenance) -> None:
        word, judged = self.word, self.judged
        about = [*facts(judged, origin, self.language), *digests(judged, origin, self.language)]
        self._page("summary", [word("figure"), word("number"), word("definition")], self._summary())
        self._page("months", self._month_headings(), self._months())
        shapes = [f"{word(each)}·{word(unit)}" for unit in ("counted_days", "elapsed_days") for each in _SHAPES]
        names = ("stage", "open_instances", "again", "limit", "on_time", "late_instances", "instances")
        self._page("durations", [*(word(each) for each in names), *shapes], self._durations())
        shapes = [f"{word(each)}·{word('hours_since')}" for each in _SHAPES]
        headings = [word("step"), word("events"), word("number"), word("repeated"), *shapes]
        self._page("steps", headings, self._steps())
        figures = [label(FIGURES, name, self.language)[0] for name in judged.figures]
        headings = [word(each) for each in ("case", "start", "due", "end", "planned", "counted_days", "elapsed_days")]
        self._page("cases_sheet", [*headings, *figures], self._cases())
        self._page("evidence", [word("figure"), word("case")], self._evidence())
        headings = [word(each) for each in ("finding", "case", "step", "time", "recorded", "row")]
        self._page("findings", headings, self._findings())
        headings = [word(each) for each in ("row", "column", "value", "reason", "is_dropped")]
        self._page("bad_rows", headings, self._bad_rows())
        self._page("provenance", [word("provenance"), word("value")], about)

    def _page(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        sheet, line = self._sheet(self.word(name), headings), 0
        for number, row in enumerate(rows):
            if number and number % SHEET_ROWS == 0:
                sheet, line = self._sheet(f"{self.word(name)} {number // SHEET_ROWS + 1}", headings), 0
            line += 1
            for column, value in enumerate(row):
                self._cell(sheet, line, column, value)

    def _sheet(self, name: str, headings: Sequence[str]) -> Worksheet:
        sheet = self.book.add_worksheet(name[:31])
        sheet.set_column(0, len(headings), 22)
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, self.bold)
        return sheet

    def _cell(self, sheet: Worksheet, line: int, column: int, value: Value) -> None:
        if isinstance(value, str):
            sheet.write_string(line, column, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, column, value)
        elif isinstance(value, float):
            sheet.write_number(line, column, value, self.percent if isinstance(value, _Share) else None)
        elif value is not None:
            sheet.write_number(line, column, value)

    def _summary(self) -> Iterator[Sequence[Value]]:
        for name, cases in self.judged.figures.items():
            text, definition = label(FIGURES, name, self.language)
            yield text, len(cases), definition
        for rate in self.judged.rates:
            text, definition = label(RATES, rate.id, self.language)
            yield text, _share(rate.numerator_n, rate.denominator_n), definition

    def _month_headings(self) -> list[str]:
        names = ("month", "due_in_month", "on_time", "share_due", "closed_in_month", "on_time", "share_closed")
        return [self.word(each) for each in names]

    def _months(self) -> Iterator[Sequence[Value]]:
        for month in self.judged.months:
            due, due_kept, closed, kept = (
                len(each) for each in (month.due, month.due_on_time, month.closed, month.closed_on_time)
            )
            yield f"{month.first:%Y-%m}", due, due_kept, _share(due_kept, due), closed, kept, _share(kept, closed)

    def _durations(self) -> Iterator[Sequence[Value]]:
        judged, nothing = self.judged, (None,) * 4
        yield self.word("whole_case"), len(judged.figures["open"]), *nothing, *_days(judged.counted, judged.elapsed)
        for stage in judged.stages:
            verdicts = (
                (stage.limit_days, len(stage.on_time), len(stage.late)) if stage.limit_days is not None else nothing[:3]
            )
            counts = (len(stage.open), len(stage.again), *verdicts)
            yield stage.title.get(self.language, stage.id), *counts, *_days(stage.counted, stage.elapsed)

    def _steps(self) -> Iterator[Sequence[Value]]:
        for line in self.judged.step_lines:
            counts = (line.events, len(line.cases), len(line.again))
            yield line.activity, *counts, line.hours.mean, line.hours.p50, line.hours.p90

    def _cases(self) -> Iterator[Sequence[Value]]:
        cases, figures = self.judged.cases, self.judged.figures
        marks: list[list[int]] = [[] for _ in cases.ids]
        for place, members in enumerate(figures.values()):
            for case in members.tolist():
                marks[case].append(place)
        for case, id_ in enumerate(cases.ids):
            times = [
                self._time(int(column[case]))
                for column in (cases.start_us, cases.due_us, cases.end_us, cases.planned_us)
            ]
            counted = int(cases.counted_days[case])
            elapsed = (int(cases.end_us[case]) - int(cases.start_us[case])) / MICROS_A_DAY if counted >= 0 else None
            member = [1 if place in marks[case] else 0 for place in range(len(figures))]
            yield id_, *times, counted if counted >= 0 else None, elapsed, *member

    def _evidence(self) -> Iterator[Sequence[Value]]:
        for name, cases in self._lists():
            for case in cases:
                yield name, self.judged.cases.ids[case]

    def _lists(self) -> Iterator[tuple[str, Iterable[int]]]:
        """Name every number of the report with the cases behind it."""
        word = self.word
        for name, cases in self.judged.figures.items():
            yield label(FIGURES, name, self.language)[0], cases
        for month in self.judged.months:
            yield f"{month.first:%Y-%m} {word('due_in_month')}", month.due
            yield f"{month.first:%Y-%m} {word('due_in_month')} {word('on_time')}", month.due_on_time
            yield f"{month.first:%Y-%m} {word('closed_in_month')}", month.closed
            yield f"{month.first:%Y-%m} {word('closed_in_month')} {word('on_time')}", month.closed_on_time
        for stage in self.judged.stages:
            title = stage.title.get(self.language, stage.id)
            yield f"{title} {word('instances')}", stage.finished
            yield f"{title} {word('open_instances')}", stage.open
            yield f"{title} {word('again')}", stage.again
            yield f"{title} {word('on_time')}", stage.on_time
            yield f"{title} {word('late_instances')}", stage.late
        for line in self.judged.step_lines:
            yield f"{line.activity} {word('number')}", line.cases
            yield f"{line.activity} {word('repeated')}", line.again

    def _findings(self) -> Iterator[Sequence[Value]]:
        steps = self.judged.steps
        for name, places in self.judged.findings.items():
            for place in places:
                case, step = self.judged.cases.ids[steps.case[place]], steps.activities[steps.activity[place]]
                times = self._time(int(steps.at_us[place])), self._time(int(steps.recorded_us[place]))
                yield self.word(name), case, step, *times, int(steps.row[place])

    def _bad_rows(self) -> Iterator[Sequence[Value]]:
        for bad in self.judged.log.bad_rows:
            dropped = self.word("yes" if bad.is_dropped else "no")
            yield bad.row, bad.column, bad.value, self.word(bad.reason), dropped

    def _time(self, at_us: int) -> datetime | None:
        # A workbook knows no time zones: local time of the mapping's zone, to the second it can show.
        return None if at_us == NO_TIME else instant(at_us).astimezone(self.zone).replace(tzinfo=None)


_SHAPES = ("mean", "p50", "p90")


class _Share(float):
    """A number to be shown in per cent."""


def _days(counted: Spread, elapsed: Spread) -> tuple[Value, ...]:
    return (counted.n, counted.mean, counted.p50, counted.p90, elapsed.mean, elapsed.p50, elapsed.p90)


def _share(part: int, whole: int) -> Value:
    return _Share(part / whole) if whole else None
