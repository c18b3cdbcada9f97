"""A utility's own marketing system behind a small protocol: what changed since last time, by HTTP or by dropped files.

Records are handed on as they came; what they mean is not known here. A reader keeps `next` once the records are
stored, so a crash repeats records and loses none.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from tongdian.gateway import signing

PAGE = 500
DONE, REFUSED = "done", "refused"


class SourceUnavailable(RuntimeError):
    """The system could not be read now; nothing was taken, it is tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Changes:
    """Records in the order in which they were made, and where to go on. `refusal`: why nothing of it can be read."""

    records: Sequence[Any]
    next: str
    has_more: bool
    refusal: str = ""


class MarketingSystem(Protocol):
    """A system whose cases are mirrored here."""

    def changes(self, after: str) -> Changes: ...

    def settle(self, changes: Changes, *, faults: Sequence[tuple[int, str]]) -> None:
        """Tell the system that the records are kept, and which of them (by their place) could not be read, and why."""
        ...


@dataclass(frozen=True)
class SignedHttpMarketing:
    """A system that answers signed GET /v1/changes?after=…&limit=… with {records, next, has_more}."""

    url: str
    key_id: str
    secret: str
    timeout_s: float = 20.0

    def changes(self, after: str) -> Changes:
        """Ask for what changed.

        Raises SourceUnavailable when the network, the system or its answer fails.
        """
        path = "/v1/changes?" + urlencode({"after": after, "limit": PAGE})
        headers = signing.sign("GET", path, b"", key_id=self.key_id, secret=self.secret, now=datetime.now(UTC))
        try:
            response = httpx.get(self.url.rstrip("/") + path, headers=headers, timeout=self.timeout_s)
            response.raise_for_status()
            told = response.json()
            return Changes(list(told["records"]), str(told["next"]), bool(told["has_more"]))
        except httpx.HTTPStatusError as error:
            raise SourceUnavailable(f"HTTP {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise SourceUnavailable(type(error).__name__) from error
        except (ValueError, KeyError, TypeError) as error:
            raise SourceUnavailable("the answer is not {records, next, has_more}") from error

    def settle(self, changes: Changes, *, faults: Sequence[tuple[int, str]]) -> None:
        """Do nothing: the cursor is all such a system needs."""


@dataclass(frozen=True)
class FolderMarketing:
    """A folder into which a system drops files: .ndjson (one record a line) or .csv (a header, UTF-8), in name order.

    A file is taken once it is there under its final name: write it under another ending and rename it. What was read
    goes to done/, what cannot be read at all to refused/, each with a report of its faults.
    """

    folder: Path

    def changes(self, after: str) -> Changes:
        """Read the first file of the folder.

        Raises SourceUnavailable when the folder cannot be read.
        """
        try:
            waiting = sorted(each for each in self.folder.iterdir() if each.suffix in {".ndjson", ".csv"})
            if not waiting:
                return Changes((), after, has_more=False)
            content = waiting[0].read_bytes()
        except OSError as error:
            raise SourceUnavailable(f"{type(error).__name__}: {self.folder}") from error
        try:
            records = _lines(content) if waiting[0].suffix == ".ndjson" else _rows(content)
        except (ValueError, csv.Error) as error:
            return Changes((), waiting[0].name, len(waiting) > 1, refusal=str(error))
        return Changes(records, waiting[0].name, len(waiting) > 1)

    def settle(self, changes: Changes, *, faults: Sequence[tuple[int, str]]) -> None:
        """Move the file away, beside a report when something of it could not be read."""
        file = self.folder / changes.next
        if not changes.next or not file.exists():
            return
        target = self.folder / (REFUSED if changes.refusal else DONE)
        target.mkdir(exist_ok=True)
        if changes.refusal or faults:
            lines = [f"0\t{changes.refusal}"] if changes.refusal else [f"{place + 1}\t{why}" for place, why in faults]
            (target / f"{file.name}.report.tsv").write_text("record\treason\n" + "\n".join(lines) + "\n")
        file.rename(target / file.name)


def _lines(content: bytes) -> list[Any]:
    records = []
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON: {error}") from error
    return records


def _rows(content: bytes) -> list[Any]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
