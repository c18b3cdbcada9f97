"""The text of a public file: a table as CSV, and the same rows as JSON with everything needed to read them."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

from tongdian.disclosure.rules.columns import FORMAT, Column, definition
from tongdian.disclosure.rules.rows import Value
from tongdian.engine.formats.csv_file import BYTE_ORDER_MARK, csv_lines


@dataclass(frozen=True)
class About:
    """What a version says of itself. The log's head lets a reader check later that no history was exchanged."""

    month: str
    version: int
    known_at: datetime
    mark: str
    note: str
    least: int
    withheld: int
    policy_digest: str
    calendar_version: str
    log_size: int | None
    log_root: str
    log_key: str
    csv_sha256: str


def csv_text(listed: Sequence[Column], rows: Sequence[Mapping[str, Value]]) -> str:
    """Return rows as CSV. Nothing in it depends on version or moment: the same rows are the same bytes."""
    names = [column.name for column in listed]
    return "".join(csv_lines(names, ([each.get(name) for name in names] for each in rows)))


def json_text(about: About, listed: Sequence[Column], rows: Sequence[Mapping[str, Value]]) -> str:
    """Return rows as JSON, one a line, behind the version and the definition of the columns."""
    head = {"format": FORMAT, **{name: _plain(value) for name, value in asdict(about).items()}}
    names = [column.name for column in listed]
    lines = ",\n".join(_json([_plain(each.get(name)) for name in names]) for each in rows)
    parts = (f'"about":{_json(head)}', f'"columns":{_json(definition(listed))}', f'"rows":[\n{lines}\n]')
    return "{" + ",\n".join(parts) + "}\n"


def read_rows(text: str) -> list[dict[str, Value]]:
    """Read the rows of a CSV file back; every value is its text, and an empty cell is left out."""
    lines = csv.DictReader(StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    return [{name: value for name, value in each.items() if value} for each in lines]


def as_text(row: Mapping[str, Value]) -> dict[str, Value]:
    """Return a row as `read_rows` would read it."""
    return {name: _cell(value) for name, value in row.items() if value is not None}


def _cell(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
