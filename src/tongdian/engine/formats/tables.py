"""Rows of CSV, XLSX and XES files, one by one, as mappings of column name to cell."""

import csv
import gzip
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import BufferedReader
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

Cell = str | float | bool | datetime | date | None
Row = tuple[int, Mapping[str, Cell]]

TOO_MANY = "(more cells than the header has)"
_CHUNK = 1 << 16


class UnreadableLog(Exception):
    """A file could not be read as a log: `problem` says why and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


def rows(
    path: Path, *, encoding: str = "utf-8-sig", delimiter: str = ",", sheet: str | None = None
) -> tuple[frozenset[str] | None, Iterator[Row]]:
    """Open a table by the ending of its name: .csv, .xlsx, .xes or .xes.gz.

    Returns the column names (None for XES, where each event names its own) and the rows with their number: the line
    of a CSV file, the row of a sheet, the event of an XES file.
    Raises: UnreadableLog for another ending, a missing file, a wrong encoding, a sheet that is not there, a header
    that names a column twice, XML that is malformed or declares a DTD or entities; while reading as well as here.
    """
    if not path.is_file():
        raise UnreadableLog(path, "there is no such file")
    name = path.name.lower()
    if name.endswith(".csv"):
        return _csv(path, encoding, delimiter)
    if name.endswith(".xlsx"):
        return _xlsx(path, sheet)
    if name.endswith((".xes", ".xes.gz")):
        return None, _xes(path)
    raise UnreadableLog(path, "the name must end in .csv, .xlsx, .xes or .xes.gz")


def _csv(path: Path, encoding: str, delimiter: str) -> tuple[frozenset[str], Iterator[Row]]:
    lines = _csv_lines(path, encoding, delimiter)
    _, header = next(lines, (0, []))
    return _header(path, header), (
        (number, dict(zip(header, cells, strict=False)) | ({TOO_MANY: ""} if len(cells) > len(header) else {}))
        for number, cells in lines
        if cells
    )


def _csv_lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                yield reader.line_num, cells
    except LookupError as error:
        raise UnreadableLog(path, f"the encoding {encoding!r} is unknown") from error
    except UnicodeDecodeError as error:
        advice = "name the right one in the mapping, for example encoding: gb18030"
        raise UnreadableLog(path, f"byte {error.start} is not {encoding}: {advice}") from error
    except csv.Error as error:
        raise UnreadableLog(path, f"line {reader.line_num} is not CSV: {error}") from error


def _xlsx(path: Path, sheet: str | None) -> tuple[frozenset[str], Iterator[Row]]:
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise UnreadableLog(path, f"there is no sheet {sheet!r}; there are: {', '.join(names)}")
        page = workbook.get_sheet_by_name(sheet) if sheet else workbook.get_sheet_by_index(0)
    except CalamineError as error:
        raise UnreadableLog(path, f"is not a readable workbook: {error}") from error
    table = iter(page.to_python(skip_empty_area=False))
    header = [str(cell).strip() for cell in next(table, [])]
    return _header(path, header), (
        (number, dict(zip(header, (_cell(value) for value in cells), strict=False)))
        for number, cells in enumerate(table, start=2)
        if any(value != "" for value in cells)
    )


def _cell(value: object) -> Cell:
    return value if isinstance(value, str | float | bool | datetime | date) else str(value)


def _header(path: Path, header: list[str]) -> frozenset[str]:
    if not any(header):
        raise UnreadableLog(path, "the first row must name the columns, and it is empty")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise UnreadableLog(path, f"the first row names a column twice: {', '.join(twice)}")
    return frozenset(header)


def _xes(path: Path) -> Iterator[Row]:
    """Stream the events of an XES file (IEEE 1849), a trace's own attributes with "case:" before their key."""
    reading = _XesReading(path)
    try:
        with _binary(path) as file:
            while chunk := file.read(_CHUNK):
                reading.parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by place only
                yield from reading.take()
            reading.parser.Parse(b"", True)  # noqa: FBT003
            yield from reading.take()
    except (expat.ExpatError, gzip.BadGzipFile, EOFError) as error:
        raise UnreadableLog(path, f"is not readable as XES: {error}") from error


def _binary(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


class _XesReading:
    """Collects events while expat walks the file; holds one trace's attributes and the events not yet taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.depth: list[str] = []
        self.trace: dict[str, Cell] = {}
        self.event: dict[str, Cell] | None = None
        self.number = 0
        self.ready: list[Row] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        # A log needs no DTD; refusing it keeps entity expansion and outside references out.
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise UnreadableLog(self.path, "declares a document type or entities, which a log must not")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        parent = self.depth[-1] if self.depth else ""
        self.depth.append(tag)
        if tag == "trace":
            self.trace = {}
        elif tag == "event":
            self.event = {}
        elif parent == "event" and self.event is not None and "key" in attributes:
            self.event[attributes["key"]] = attributes.get("value")
        elif parent == "trace" and "key" in attributes:
            self.trace[f"case:{attributes['key']}"] = attributes.get("value")

    def end(self, name: str) -> None:
        self.depth.pop()
        if name.rpartition(":")[2] == "event" and self.event is not None:
            self.number += 1
            # The schema of XES puts a trace's own attributes before its events.
            self.ready.append((self.number, {**self.trace, **self.event}))
            self.event = None

    def take(self) -> Iterator[Row]:
        taken, self.ready = self.ready, []
        yield from taken
