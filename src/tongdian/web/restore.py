"""Brings a backup back: first every hash of the file, then the database, then proof that it holds.

What lies in the database is put aside, not thrown away: its schema is renamed, and comes back when the restore fails,
is interrupted, or the restored timeline does not hold.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from tongdian.case.operations.documents import bring_back
from tongdian.case.queries.documents import stored_files
from tongdian.case.queries.verification import Verdict, verify
from tongdian.kernel.signed_note import Note
from tongdian.web import postgres_programs
from tongdian.web.backup import DOCUMENTS, DUMP, FORMAT, MANIFEST, Manifest, Member, chunks_of
from tongdian.web.grants import apply_grants

ASIDE = "before_restore"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
Progress = Callable[[str, int], None]


class NotABackup(ValueError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no backup of this product: {reason}")
        self.path, self.reason = path, reason


class Damaged(ValueError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}; the file was changed or cut after the backup was made")
        self.name, self.reason = name, reason


class NewerRelease(RuntimeError):
    def __init__(self, unknown: list[str]) -> None:
        super().__init__(f"the backup was made by a newer release (it knows {unknown[0]}): install that one first")
        self.unknown = unknown


class NewerServer(RuntimeError):
    def __init__(self, made_on: int, here: int) -> None:
        super().__init__(f"the backup was made on PostgreSQL {made_on}, this server is {here}: use {made_on} or later")
        self.made_on, self.here = made_on, here


class NotEmpty(RuntimeError):
    def __init__(self, database: str) -> None:
        super().__init__(f"database {database!r} is not empty; restore --into another one, or --force to replace it")
        self.database = database


class InUse(RuntimeError):
    def __init__(self, database: str, sessions: int) -> None:
        super().__init__(f"{sessions} other sessions use database {database!r}: stop web and worker first")
        self.database, self.sessions = database, sessions


class DoesNotHold(RuntimeError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"the restored data does not hold: {reason}; the database is as it was before")
        self.reason = reason


@dataclass(frozen=True)
class Restored:
    """What was brought back and proven."""

    verdict: Verdict
    documents: int


def read_manifest(path: Path) -> Manifest:
    """Read what a backup says of itself; nothing is proven yet.

    Raises NotABackup when the file is none, or of a form this release does not know.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise NotABackup(path, str(error)) from error
    if told.get("format") != FORMAT:
        raise NotABackup(path, f"its format is {told.get('format')!r}, not {FORMAT}")
    files = {name: Member(**member) for name, member in told.pop("files").items()}
    return Manifest(**{**told, "migrations": tuple(told["migrations"])}, files=files)


def check_file(path: Path, manifest: Manifest, *, on_progress: Progress | None = None) -> None:
    """Compare every member with the manifest, and every document with its name; touches no database.

    Raises Damaged naming the first member that is missing or not what was written.
    """
    tell = on_progress or (lambda _part, _done: None)
    with zipfile.ZipFile(path) as archive:
        inside = set(archive.namelist())
        for number, (name, member) in enumerate(manifest.files.items(), start=1):
            if name not in inside:
                raise Damaged(name, "is missing")
            _check_member(archive, name, member)
            tell("checking", number)


def restore(
    path: Path,
    manifest: Manifest,
    *,
    storage: Storage,
    app_role: str,
    checkpoint: Note | None = None,
    replaces: bool = False,
    on_progress: Progress | None = None,
) -> Restored:
    """Bring a checked backup into the database Django is connected to as its owner, and prove it.

    `checkpoint`: one kept elsewhere that the timeline must contain. `replaces`: what is there may go. Until the proof
    the old content is kept aside and put back on any failure; documents are only added.

    Raises NotEmpty, InUse, NewerRelease, NewerServer before anything is changed; ProgramRefused and DoesNotHold after
    everything was put back.
    """
    tell = on_progress or (lambda _part, _done: None)
    _require_fitting(manifest)
    _put_back_after_a_kill()
    if not replaces and _relations():
        raise NotEmpty(connection.settings_dict["NAME"])
    _require_alone()
    with _old_kept_aside():
        _load(path, tell)
        call_command("migrate", interactive=False, verbosity=0)
        apply_grants(app_role)
        documents = _bring_documents(path, manifest, storage, tell)
        verdict = _proven(manifest, checkpoint, tell)
        _check_documents(storage, tell)
    return Restored(verdict, documents)


def _check_member(archive: zipfile.ZipFile, name: str, member: Member) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as content:
            for chunk in chunks_of(content):
                digest.update(chunk)
                size += len(chunk)
    except zipfile.BadZipFile as error:
        raise Damaged(name, str(error)) from error
    if (size, digest.hexdigest()) != (member.size_bytes, member.sha256):
        raise Damaged(name, "is not what the manifest says")


def _require_fitting(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise NewerRelease(unknown)
    made_on, here = manifest.server_version // 10000, postgres_programs.server_version() // 10000
    if made_on > here:
        raise NewerServer(made_on, here)


def _relations() -> int:
    return int(
        _value(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
            " AND c.relkind IN ('r', 'v', 'm', 'S', 'p')"
        )
    )


def _require_alone() -> None:
    others = 0
    # A session that was just closed is still counted for a moment.
    for _ in range(10):
        others = int(_value(_OTHERS))
        if not others:
            return
        _value("SELECT pg_sleep(0.1)")
    raise InUse(connection.settings_dict["NAME"], others)


@contextmanager
def _old_kept_aside() -> Iterator[None]:
    """Move what is there out of the way; back when anything goes wrong, away for good when nothing did."""
    with transaction.atomic():
        _run(f"ALTER SCHEMA public RENAME TO {ASIDE}")
        _run("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
    try:
        yield
    except BaseException:
        # Loaded by a program of its own: this session's view of the tables is not to be trusted any more.
        connection.close()
        _put_back()
        raise
    _run(f"DROP SCHEMA {ASIDE} CASCADE")


def _put_back_after_a_kill() -> None:
    """A restore that was killed could not put back what it had moved: do it first, it is the only copy."""
    if _value("SELECT count(*) FROM pg_namespace WHERE nspname = %s", ASIDE):
        _put_back()


def _put_back() -> None:
    with transaction.atomic():
        _run("DROP SCHEMA public CASCADE")
        _run(f"ALTER SCHEMA {ASIDE} RENAME TO public")


def _load(path: Path, tell: Progress) -> None:
    arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                 "--dbname", connection.settings_dict["NAME"]]  # fmt: skip
    done = 0
    with (
        zipfile.ZipFile(path) as archive,
        archive.open(DUMP) as dump,
        postgres_programs.input_of("pg_restore", arguments) as target,
    ):
        for chunk in chunks_of(dump):
            target.write(chunk)
            tell("database", done := done + len(chunk))


def _bring_documents(path: Path, manifest: Manifest, storage: Storage, tell: Progress) -> int:
    brought = 0
    with zipfile.ZipFile(path) as archive:
        for name in manifest.documents:
            with archive.open(DOCUMENTS + name) as content:
                brought += bring_back(name, content, storage=storage)
            tell("documents", brought)
    return brought


def _proven(manifest: Manifest, checkpoint: Note | None, tell: Progress) -> Verdict:
    head = manifest.timeline["checkpoint"]
    notes = [Note.parse(head) if head else None, *([checkpoint] if checkpoint else [])]
    verdicts = [verify(checkpoint=note, on_progress=tell) for note in notes]
    for verdict in verdicts:
        if verdict.fault is not None:
            raise DoesNotHold(str(verdict.fault))
    if verdicts[0].events != manifest.timeline["events"]:
        raise DoesNotHold(f"{verdicts[0].events} events, the manifest names {manifest.timeline['events']}")
    return verdicts[0]


def _check_documents(storage: Storage, tell: Progress) -> None:
    for number, (sha256, name) in enumerate(stored_files(), start=1):
        if not storage.exists(name):
            raise DoesNotHold(f"document {name} is missing")
        digest = hashlib.sha256()
        with storage.open(name) as content:
            for chunk in chunks_of(content):
                digest.update(chunk)
        if digest.hexdigest() != sha256:
            raise DoesNotHold(f"document {name} has another content than its name says")
        tell("documents checked", number)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _value(query: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchone()[0]
