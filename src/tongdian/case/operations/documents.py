"""Write documents: receive an upload, attach it to a case, scan it, open it for a reader.

upload → size, hash (streamed) → content.checked → stored once under its SHA-256 → scanned by a job
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import transaction

from tongdian.case.content import RefusedUpload, checked
from tongdian.case.models import Case, Document, StoredFile, ViewRecord
from tongdian.case.operations import frame
from tongdian.case.queries.documents import upload_limits
from tongdian.gateway import jobs
from tongdian.gateway.scan import Scanner, configured_scanner
from tongdian.people.models import User

CHUNK_BYTES = 1 << 16
NAME_LENGTH = 200


class Upload(Protocol):
    """What a form hands over: Django's UploadedFile, or anything that reads like it."""

    @property
    def name(self) -> str | None: ...

    def chunks(self) -> Iterable[bytes]: ...


class NotReleased(PermissionError):
    """A document may not be opened: it waits for its scan, or the scan rejected it."""

    def __init__(self, document_id: UUID, scan_state: str) -> None:
        super().__init__(f"document {document_id} is {scan_state}: it cannot be opened")
        self.document_id, self.scan_state = document_id, scan_state


class AlreadyAttached(ValueError):
    def __init__(self, document_id: UUID, case_id: UUID) -> None:
        super().__init__(f"document {document_id} belongs to case {case_id}; hand it in again for another case")
        self.document_id, self.case_id = document_id, case_id


class AlreadySuperseded(ValueError):
    def __init__(self, document_id: UUID) -> None:
        super().__init__(f"document {document_id} has been superseded; supersede the newer one")
        self.document_id = document_id


class AlreadyScanned(ValueError):
    def __init__(self, sha256: str, scan_state: str) -> None:
        super().__init__(f"file {sha256[:12]} is {scan_state}; a verdict is given once")
        self.sha256, self.scan_state = sha256, scan_state


@dataclass(frozen=True)
class Opened:
    """A document to be sent to its reader; `chunks` opens the stored file when it is first read, and closes it."""

    name: str
    media_type: str
    size_bytes: int
    chunks: Iterator[bytes]


def receive(
    upload: Upload, *, kind: str, actor: User, now: datetime, stage: str = "", case: Case | None = None
) -> Document:
    """Check, store and keep an upload of a case, or one that belongs to none yet, and return its document.

    Never holds more than a chunk of the upload in memory. Equal contents are stored once.

    Raises RefusedUpload with its reason when the upload is empty, too large, of a format not accepted, named like
    another format, broken, an image with too many pixels, or a content that a scanner rejected before.
    """
    limits = upload_limits(on=now)
    name = (upload.name or "").replace("\\", "/").rsplit("/", 1)[-1][-NAME_LENGTH:]
    with tempfile.TemporaryFile() as received:
        received_sha256 = _copy(upload.chunks(), received, limits.max_bytes)
        content = checked(received, name=name, formats=limits.formats, max_pixels=limits.max_pixels)
        with content.file:
            file = _store(content.file, content.media_type, now)
    return Document.objects.create(
        case=case,
        kind=kind,
        stage=stage,
        name=name,
        file=file,
        received_sha256=received_sha256,
        uploaded_by=actor,
        uploaded_at=now,
    )


def attach(document: Document, *, case: Case) -> Document:
    """Give a received document to a case; the caller records the event that names it, with its hash as evidence.

    Raises AlreadyAttached when it belongs to a case.
    """
    if document.case_id is not None:
        raise AlreadyAttached(document.pk, document.case_id)
    document.case = case
    document.save(update_fields=["case"])
    return document


def add_document(
    case: Case,
    *,
    upload: Upload,
    kind: str,
    stage: str,
    actor: User,
    channel: str,
    expected_version: int,
    now: datetime,
    role: str = "",
    supersedes: Document | None = None,
) -> Document:
    """Receive an upload into a case and record it as an event of its own, in one transaction.

    Raises AlreadySuperseded when `supersedes` has a successor; and as `receive` and `frame.record`.
    """
    with transaction.atomic():
        frame.lock(case.pk, expected_version=expected_version)
        if supersedes is not None and Document.objects.filter(supersedes=supersedes).exists():
            raise AlreadySuperseded(supersedes.pk)
        document = receive(upload, kind=kind, actor=actor, now=now, stage=stage)
        document.case, document.supersedes = case, supersedes
        document.save(update_fields=["case", "supersedes"])
        frame.record(
            case,
            kind="document.added",
            actor=actor,
            role=role,
            channel=channel,
            body={
                "document_id": document.pk,
                "document_kind": kind,
                "stage": stage,
                "supersedes_id": supersedes and supersedes.pk,
            },
            expected_version=expected_version,
            now=now,
            evidence=[document.file_id],
        )
    return document


def open_document(document: Document, *, viewer: User, purpose: str, now: datetime) -> Opened:
    """Open a document for reading and record who read it, when and why. The caller has checked the reach.

    Raises NotReleased when its content waits for its scan or was rejected.
    """
    if not document.file.is_released:
        raise NotReleased(document.pk, document.file.scan_state)
    ViewRecord.objects.create(
        viewer=viewer,
        viewed_at=now,
        case=document.case,
        matter=ViewRecord.Matter.DOCUMENT,
        object_id=document.pk,
        purpose=purpose,
    )
    file = document.file
    return Opened(document.name, file.media_type, file.size_bytes, _chunks_of(file))


def scan(sha256: str, *, scanner: Scanner | None, now: datetime) -> StoredFile:
    """Let a scanner judge a stored content and keep its verdict; without a scanner it is marked as not scanned.

    Raises AlreadyScanned when it has a verdict; ScannerUnavailable when the scanner gives none: it stays pending.
    """
    file = StoredFile.objects.get(pk=sha256)
    if file.scan_state != StoredFile.ScanState.PENDING:
        raise AlreadyScanned(sha256, file.scan_state)
    if scanner is None:
        file.scan_state = StoredFile.ScanState.UNSCANNED
    else:
        verdict = scanner.scan(_chunks_of(file))
        file.scan_state, file.scanner, file.scan_finding = verdict.state, verdict.scanner, verdict.finding[:200]
    file.scanned_at = now
    file.save(update_fields=["scan_state", "scanner", "scan_finding", "scanned_at"])
    return file


def bring_back(name: str, content: IO[bytes], *, storage: Storage) -> bool:
    """Put a content back into a storage under the name it had, and tell whether it was missing; rows are untouched."""
    if storage.exists(name):
        return False
    storage.save(name, File(content))
    return True


def _copy(chunks: Iterable[bytes], target: IO[bytes], max_bytes: int) -> str:
    """Copy a stream and return its SHA-256; stops reading at the limit."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise RefusedUpload("too_large", f"more than {max_bytes:,} bytes")
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _store(content: IO[bytes], media_type: str, now: datetime) -> StoredFile:
    digest = hashlib.sha256()
    for chunk in iter(lambda: content.read(CHUNK_BYTES), b""):
        digest.update(chunk)
    sha256, size = digest.hexdigest(), content.tell()
    known = StoredFile.objects.filter(pk=sha256).first()
    if known is not None:
        if known.scan_state == StoredFile.ScanState.REJECTED:
            raise RefusedUpload("infected", known.scan_finding)
        return known
    content.seek(0)
    return _stored(StoredFile(sha256=sha256, media_type=media_type, size_bytes=size, stored_at=now), content)


def _stored(file: StoredFile, content: IO[bytes]) -> StoredFile:
    if not default_storage.exists(file.storage_name):
        saved = default_storage.save(file.storage_name, File(content))
        if saved != file.storage_name:
            # Somebody stored the same content in the same moment, under the right name.
            default_storage.delete(saved)
    is_scanned = configured_scanner() is not None
    if not is_scanned:
        file.scan_state, file.scanned_at = StoredFile.ScanState.UNSCANNED, file.stored_at
    with transaction.atomic():
        _, is_new = StoredFile.objects.get_or_create(
            pk=file.sha256,
            defaults={
                field.name: getattr(file, field.name)
                for field in StoredFile._meta.concrete_fields
                if not field.primary_key
            },
        )
        if is_new and is_scanned:
            jobs.enqueue("case.scan_file", sha256=file.sha256)
    return StoredFile.objects.get(pk=file.sha256)


def _chunks_of(file: StoredFile) -> Iterator[bytes]:
    with default_storage.open(file.storage_name) as stored:
        while chunk := stored.read(CHUNK_BYTES):
            yield chunk
