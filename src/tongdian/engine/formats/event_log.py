"""Event logs of others as columns: who did what in which case, when, and each case's own dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from tongdian.engine.formats.tables import TOO_MANY, Cell, UnreadableLog, rows

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

NO_TIME = np.iinfo(np.int64).min
NO_CODE = -1
CASE_TIMES = ("start", "due", "end", "planned")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DAY = timedelta(days=1) - timedelta(microseconds=1)
# Typing errors such as the year 20011 or 0211 would stretch every sum; a permit log has no business outside these.
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class LogColumns:
    """The names of a log's columns. The last four hold one value per case, repeated on each of its rows."""

    case: str
    activity: str
    time: str
    recorded: str | None = None
    resource: str | None = None
    start: str | None = None
    due: str | None = None
    end: str | None = None
    planned: str | None = None


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How a file is written. `zone` is that of times without one; `time_format` a strptime pattern, None = ISO 8601."""

    columns: LogColumns
    zone: str
    time_format: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row, or one value of it, that could not be used: `column`, the `value` as it stands, and a `reason` code.

    With `is_dropped` the whole event is left out, else only that value.
    """

    row: int
    column: str
    value: str
    reason: str
    is_dropped: bool


@dataclass(frozen=True)
class EventLog:
    """Events in the order of the file, a row each, and the cases they belong to.

    case, activity, resource: [n] index into `cases`, `activities`, `resources` (-1 none); at_us, recorded_us: [n]
    microseconds since 1970-01-01 UTC, NO_TIME where the file has none; row: [n] row number in the file.
    case_times: name of CASE_TIMES -> [cases] microseconds, NO_TIME where empty, only for mapped columns.
    """

    cases: tuple[str, ...]
    activities: tuple[str, ...]
    resources: tuple[str, ...]
    case: Codes
    activity: Codes
    resource: Codes
    at_us: Ints
    recorded_us: Ints
    row: Ints
    case_times: Mapping[str, Ints]
    rows_read: int
    bad_rows: tuple[BadRow, ...]


class BadTime(ValueError):
    """A cell is not a time; the message is the reason code."""


def read_event_log(path: Path, layout: LogFormat) -> EventLog:
    """Read a log. A row that cannot be used is listed with its number and reason, never dropped in silence.

    Raises: UnreadableLog for a file that `rows` cannot open or a mapped column it does not have.
    """
    names, table = rows(path, encoding=layout.encoding, delimiter=layout.delimiter, sheet=layout.sheet)
    wanted = [getattr(layout.columns, each.name) for each in fields(LogColumns)]
    missing = sorted({name for name in wanted if name and names is not None and name not in names})
    if missing:
        raise UnreadableLog(path, f"has no column {', '.join(missing)}; it has: {', '.join(sorted(names or ()))}")
    reading = _Reading(layout)
    for number, cells in table:
        reading.take(number, cells)
    return reading.log()


@dataclass
class _Codes:
    """Numbers texts in the order they are first met."""

    codes: dict[str, int] = field(default_factory=dict)

    def of(self, text: str) -> int:
        return self.codes.setdefault(text, len(self.codes))


class _Reading:
    def __init__(self, layout: LogFormat) -> None:
        self.layout, self.columns = layout, layout.columns
        self.zone = ZoneInfo(layout.zone)
        self.cases, self.activities, self.resources = _Codes(), _Codes(), _Codes()
        self.events: list[tuple[int, int, int, int, int, int]] = []
        self.case_times: dict[str, dict[int, int]] = {
            name: {} for name in CASE_TIMES if getattr(self.columns, name) is not None
        }
        self.first_text: dict[tuple[str, int], str] = {}
        self.bad: list[BadRow] = []
        self.rows_read = 0

    def take(self, row: int, cells: Mapping[str, Cell]) -> None:
        self.rows_read += 1
        columns = self.columns
        if TOO_MANY in cells:
            self._reject(row, TOO_MANY, "", "too_many_cells")
            return
        case, activity = _text(cells.get(columns.case)), _text(cells.get(columns.activity))
        for column, value in ((columns.case, case), (columns.activity, activity)):
            if not value:
                self._reject(row, column, "", "empty")
                return
        at_us = self._time(row, columns.time, cells, is_needed=True)
        if at_us is None:
            return
        code = self.cases.of(case)
        recorded = self._time(row, columns.recorded, cells) if columns.recorded else None
        resource = _text(cells.get(columns.resource)) if columns.resource else ""
        self.events.append(
            (
                code,
                self.activities.of(activity),
                self.resources.of(resource) if resource else NO_CODE,
                at_us,
                NO_TIME if recorded is None else recorded,
                row,
            )
        )
        for name, known in self.case_times.items():
            self._case_time(row, code, name, known, cells)

    def log(self) -> EventLog:
        table = np.array(self.events, np.int64).reshape(-1, 6)
        return EventLog(
            cases=tuple(self.cases.codes),
            activities=tuple(self.activities.codes),
            resources=tuple(self.resources.codes),
            case=table[:, 0].astype(np.int32),
            activity=table[:, 1].astype(np.int32),
            resource=table[:, 2].astype(np.int32),
            at_us=table[:, 3].copy(),
            recorded_us=table[:, 4].copy(),
            row=table[:, 5].copy(),
            case_times={name: self._column(known) for name, known in self.case_times.items()},
            rows_read=self.rows_read,
            bad_rows=tuple(self.bad),
        )

    def _column(self, known: Mapping[int, int]) -> Ints:
        return np.array([known.get(code, NO_TIME) for code in range(len(self.cases.codes))], np.int64)

    def _case_time(self, row: int, code: int, name: str, known: dict[int, int], cells: Mapping[str, Cell]) -> None:
        column = getattr(self.columns, name)
        text = _text(cells.get(column))
        # The same text on every row of a case is the rule; it is parsed once.
        if self.first_text.setdefault((name, code), text) == text and code in known:
            return
        value = self._time(row, column, cells, at_end_of_day=name in ("due", "planned"))
        if value is None:
            return
        if known.setdefault(code, value) != value:
            self.bad.append(BadRow(row, column, text, "differs_within_case", is_dropped=False))

    def _time(
        self,
        row: int,
        column: str,
        cells: Mapping[str, Cell],
        *,
        is_needed: bool = False,
        at_end_of_day: bool = False,
    ) -> int | None:
        cell = cells.get(column)
        reason = "empty"
        if _text(cell):
            try:
                return _micros(cell, self.zone, self.layout.time_format, at_end_of_day=at_end_of_day)
            except BadTime as error:
                reason = str(error)
        if is_needed or reason != "empty":
            self.bad.append(BadRow(row, column, _text(cell), reason, is_dropped=is_needed))
        return None

    def _reject(self, row: int, column: str, value: str, reason: str) -> None:
        self.bad.append(BadRow(row, column, value, reason, is_dropped=True))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    # A spreadsheet keeps the number 10011 as 10011.0.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _micros(cell: Cell, zone: ZoneInfo, pattern: str | None, *, at_end_of_day: bool) -> int:
    """Read a cell as an instant. A day without a time is its beginning, or its end where a day is a limit.

    Raises: BadTime for what is no time, or lies outside the years 1900 to 2199.
    """
    moment, is_day = _moment(cell, pattern)
    if moment.year not in _YEARS:
        raise BadTime("year_out_of_range")
    if is_day and at_end_of_day:
        moment += _END_OF_DAY
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _moment(cell: Cell, pattern: str | None) -> tuple[datetime, bool]:
    if isinstance(cell, datetime):
        return cell, cell.time() == time.min
    if isinstance(cell, date):
        return datetime.combine(cell, time.min), True
    if not isinstance(cell, str):
        raise BadTime("not_a_time")
    text = cell.strip()
    try:
        if pattern:
            return datetime.strptime(text, pattern), "%H" not in pattern and "%I" not in pattern  # noqa: DTZ007
        return datetime.fromisoformat(text), len(text) == len("2026-01-31")
    except ValueError as error:
        raise BadTime("not_a_time") from error
