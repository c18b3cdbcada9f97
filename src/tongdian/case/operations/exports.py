"""Take case sets out of the system: ask for a file, make it, fetch it, let it expire. Every step leaves a row."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation

from tongdian.case.models import Export, ExportFetch
from tongdian.case.operations.export_files import write
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.export_cases import ExportedCase, exported
from tongdian.case.queries.exports import is_making_exports
from tongdian.case.queries.timeline import installation_now
from tongdian.gateway import jobs
from tongdian.people.models import User
from tongdian.policy import current_book

PERMISSION = "case.export"
CHUNK_BYTES = 1 << 16
# How often the row of an export in the making says how far it is.
PROGRESS_EVERY = 100
_NEEDED = ("at_once.max_cases", "max_cases", "kept_days")


class NothingToExport(ValueError):
    def __init__(self) -> None:
        super().__init__("no case was chosen, or none of them is in reach; choose other filters")


class TooManyCases(ValueError):
    def __init__(self, wanted: int, most: int) -> None:
        super().__init__(f"{wanted} cases are more than the {most} one export may hold; narrow the filters")
        self.wanted, self.most = wanted, most


class StillMaking(RuntimeError):
    """Somebody's earlier large export is not finished yet."""

    def __init__(self) -> None:
        super().__init__("an earlier export of this person is still being made; wait for it")


class AlreadyMade(RuntimeError):
    def __init__(self, export_id: UUID, state: str) -> None:
        super().__init__(f"export {export_id} is {state}; it is made once")
        self.export_id, self.state = export_id, state


class NotFetchable(PermissionError):
    """The file of an export cannot be fetched: it is not ready, or not any more."""

    def __init__(self, export_id: UUID, state: str) -> None:
        super().__init__(f"export {export_id} is {state}; ask for a new one")
        self.export_id, self.state = export_id, state


@dataclass(frozen=True)
class Limits:
    """How large an export may be, how large to be made at once, and for how many days its file is kept."""

    at_once_max_cases: int
    max_cases: int
    kept_days: int


def export_limits(*, now: datetime) -> Limits:
    """Look up what exports may be. Raises NoRuling when the book says nothing for that day."""
    book, day = current_book(), local_date(now)
    return Limits(*(int(book.lookup(f"export.{name}", on=day).value) for name in _NEEDED))


def ask(user: User, *, case_ids: Sequence[UUID], format: str, language: str, now: datetime) -> Export:  # noqa: A002
    """Ask for the cases of these ids in a form: a small set is made at once, a large one by a job.

    case_ids: in the order they are to have. Not inside a transaction: the row must stay when making the file fails.

    Raises NothingToExport for no case; TooManyCases above the limit; StillMaking while an earlier large one is being
    made; ValueError for a format that is none.
    """
    limits = export_limits(now=now)
    if not case_ids:
        raise NothingToExport
    if len(case_ids) > limits.max_cases:
        raise TooManyCases(len(case_ids), limits.max_cases)
    is_large = len(case_ids) > limits.at_once_max_cases
    with transaction.atomic():
        # The account's row is the lock: two requests at the same moment see each other.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if is_large and is_making_exports(user):
            raise StillMaking
        export = Export.objects.create(
            requested_by=user,
            requested_at=now,
            format=Export.Format(format),
            language=language,
            case_ids=list(case_ids),
            wanted=len(case_ids),
        )
        if is_large:
            jobs.enqueue("case.make_export", export_id=str(export.pk))
    return export if is_large else make(export.pk, now=now)


def make(export_id: UUID, *, now: datetime) -> Export:
    """Make the file of an export from the cases its person reaches now; the row tells how far it is.

    A run that was cut off is begun anew. Not inside a transaction, or nobody sees the progress.

    Raises AlreadyMade when the file is ready, failed or expired.
    """
    export = _begun(export_id, now)
    try:
        with tempfile.TemporaryFile() as file, translation.override(export.language):
            written = write(file, export, _told(export, _cases(export)))
            size_bytes, sha256 = _kept(file, export)
    except BaseException:
        Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED)
        raise
    export.state = Export.State.READY
    export.written, export.size_bytes, export.sha256 = written, size_bytes, sha256
    export.ready_at = installation_now()
    export.expires_at = export.ready_at + timedelta(days=export_limits(now=now).kept_days)
    export.save(update_fields=["state", "written", "size_bytes", "sha256", "ready_at", "expires_at"])
    return export


def fetch(export: Export, *, reader: User, now: datetime) -> Iterator[bytes]:
    """Record that the file is fetched, and return its chunks.

    Raises NotFetchable when it is not ready, has expired, or is not the reader's own.
    """
    is_due = export.expires_at is not None and export.expires_at <= now
    if export.state != Export.State.READY or is_due or export.requested_by_id != reader.pk:
        raise NotFetchable(export.pk, "expired" if is_due else str(export.state))
    ExportFetch.objects.create(export=export, fetched_by=reader, fetched_at=now)
    return _chunks(export.storage_name)


def expire(*, now: datetime) -> int:
    """Delete the files that have been kept long enough and return how many; their rows stay."""
    due = list(Export.objects.filter(state=Export.State.READY, expires_at__lte=now).defer("case_ids"))
    for export in due:
        default_storage.delete(export.storage_name)
        Export.objects.filter(pk=export.pk).update(state=Export.State.EXPIRED)
    return len(due)


def _begun(export_id: UUID, now: datetime) -> Export:
    with transaction.atomic():
        export = Export.objects.select_for_update(no_key=True).get(pk=export_id)
        if not export.is_unfinished:
            raise AlreadyMade(export.pk, str(export.state))
        export.state, export.as_of, export.written = Export.State.RUNNING, now, 0
        export.save(update_fields=["state", "as_of", "written"])
    return export


def _cases(export: Export) -> Iterator[ExportedCase]:
    """Yield the chosen cases that are in reach as of now: rights may have gone since the export was asked for."""
    reached = cases_for(export.requested_by, PERMISSION)
    in_reach = set(reached.filter(pk__in=export.case_ids).values_list("pk", flat=True))
    assert export.as_of is not None  # noqa: S101 - set when it began
    yield from exported((each for each in export.case_ids if each in in_reach), as_of=export.as_of)


def _told(export: Export, cases: Iterable[ExportedCase]) -> Iterator[ExportedCase]:
    for number, case in enumerate(cases, start=1):
        yield case
        if number % PROGRESS_EVERY == 0:
            Export.objects.filter(pk=export.pk).update(written=number)


def _kept(file: IO[bytes], export: Export) -> tuple[int, str]:
    size_bytes = file.seek(0, 2)
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    # A run that was cut off may have left a file under this name.
    default_storage.delete(export.storage_name)
    default_storage.save(export.storage_name, File(file))
    return size_bytes, sha256


def _chunks(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as stored:
        while chunk := stored.read(CHUNK_BYTES):
            yield chunk
