"""Read documents: what may be uploaded, which ones a user reaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from tongdian.case.models import Case, Document, StoredFile
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.policy import current_book


@dataclass(frozen=True)
class UploadLimits:
    max_bytes: int
    max_pixels: int
    formats: frozenset[str]


def upload_limits(*, on: datetime) -> UploadLimits:
    """Look up what may be uploaded. Raises NoRuling when the book says nothing for that day."""
    book, day = current_book(), local_date(on)
    return UploadLimits(
        max_bytes=int(book.lookup("case.document.max_bytes", on=day).value),
        max_pixels=int(book.lookup("case.document.max_pixels", on=day).value),
        formats=frozenset(book.lookup("case.document.formats", on=day).value),
    )


def documents_for(user: User | AnonymousUser, permission: str) -> QuerySet[Document]:
    """Return the documents in reach: those of cases in reach, and one's own uploads that have no case yet."""
    if not scope(user, permission).is_allowed:
        return Document.objects.none()
    reached = Q(case__in=cases_for(user, permission).values("pk"))
    return Document.objects.filter(reached | Q(case=None, uploaded_by=user.pk)).select_related("file", "case")


def document_for(user: User | AnonymousUser, permission: str, document_id: UUID) -> Document:
    """Return one document with its file and case loaded.

    Raises Document.DoesNotExist when there is none or it is out of reach.
    """
    return documents_for(user, permission).get(pk=document_id)


def documents_of(case: Case) -> list[Document]:
    """Load the documents of a case, oldest first, with file, uploader and successor. Causes one query."""
    rows = Document.objects.filter(case=case).select_related("file", "uploaded_by", "superseded_by")
    return list(rows.order_by("uploaded_at", "id"))


def stored_files() -> Iterator[tuple[str, str]]:
    """Walk all stored contents: SHA-256 in hex and name in the storage; one query, read as it goes."""
    for file in StoredFile.objects.only("sha256").order_by("sha256").iterator(chunk_size=1000):
        yield file.sha256, file.storage_name
