"""One file that holds an installation: its database as of one moment, its documents, and a list of what is inside.

The file is a ZIP without compression (the dump compresses itself):

    manifest.json     what, when, by which release; timeline's head; SHA-256 and size of each member
    database.dump     pg_dump's custom format
    documents/…       the files of the default storage
    keys.env          the secrets, only when asked for
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from tongdian.case.queries.state import TimelineState, timeline_state
from tongdian.ui import sealing
from tongdian.web import postgres_programs

FORMAT = "tongdian-backup-1"
MANIFEST, DUMP, DOCUMENTS, KEYS = "manifest.json", "database.dump", "documents/", "keys.env"
LAST_BACKUP = "last-backup.json"
SECRETS = ("TONGDIAN_FIELD_KEYS", "TONGDIAN_LOOKUP_KEY", "TONGDIAN_LOG_KEY", "TONGDIAN_SECRET_KEY")
CHUNK_BYTES = 1 << 20
Progress = Callable[[str, int], None]


class BackupExists(FileExistsError):
    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; one backup a second is enough")
        self.path = path


@dataclass(frozen=True)
class Member:
    """A file inside: its size and the SHA-256 of its content in hex."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: str
    made_at: str
    release: str
    migrations: tuple[str, ...]
    server_version: int
    installation: Mapping[str, str]
    timeline: Mapping[str, Any]
    field_keys: Mapping[str, str]
    lookup_keys: Mapping[str, str]
    has_keys: bool
    files: Mapping[str, Member]

    @property
    def documents(self) -> list[str]:
        """The names of the documents in the storage."""
        return [name.removeprefix(DOCUMENTS) for name in self.files if name.startswith(DOCUMENTS)]


@dataclass(frozen=True)
class Backup:
    """A finished backup: where it lies and what it holds."""

    path: Path
    size_bytes: int
    manifest: Manifest


def write_backup(folder: Path, *, now: datetime, has_keys: bool = False, on_progress: Progress | None = None) -> Backup:
    """Write a backup of this installation into a folder while it goes on working, and return it.

    The file has its name only when it is whole; it is readable by its owner only. `on_progress` is called with the
    part and the bytes or files done.

    Raises NotFounded when the database has no installation row; ProgramMissing and ProgramRefused as pg_dump ends;
    BackupExists when one was made in the same second.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = timeline_state()
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"tongdian-{state.kind}-{str(state.installation_id)[:8]}-{stamp}.zip"
    if path.exists():
        raise BackupExists(path)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        manifest = _write(partial, now=now, has_keys=has_keys, tell=on_progress or (lambda _part, _done: None))
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    done = Backup(path, path.stat().st_size, manifest)
    _remember(done)
    return done


def last_backup() -> tuple[datetime, str] | None:
    """Return when this host last finished a backup, and its name; None when it never did. Reads a file."""
    try:
        kept = json.loads((settings.HOME / LAST_BACKUP).read_text())
    except FileNotFoundError:
        return None
    return datetime.fromisoformat(kept["made_at"]), str(kept["name"])


def _write(path: Path, *, now: datetime, has_keys: bool, tell: Progress) -> Manifest:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            manifest = _fill(archive, now=now, has_keys=has_keys, tell=tell)
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _fill(archive: zipfile.ZipFile, *, now: datetime, has_keys: bool, tell: Progress) -> Manifest:
    files: dict[str, Member] = {}
    # The head and the dump are of one snapshot; documents are only ever added, so a later look has all it names.
    with transaction.atomic():
        snapshot = _snapshot()
        state, applied = timeline_state(), sorted(MigrationRecorder(connection).applied_migrations())
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        with postgres_programs.output_of("pg_dump", arguments) as dump:
            files[DUMP] = _copy(archive, DUMP, dump, tell=lambda done: tell("database", done))
    for number, name in enumerate(stored_names(default_storage), start=1):
        with default_storage.open(name) as document:
            files[DOCUMENTS + name] = _copy(archive, DOCUMENTS + name, document)
        tell("documents", number)
    if has_keys:
        lines = "".join(f"{name}={getattr(settings, name.removeprefix('TONGDIAN_'))}\n" for name in SECRETS)
        archive.writestr(KEYS, lines)
    return Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        release=version("tongdian"),
        migrations=tuple(f"{app}.{name}" for app, name in applied),
        server_version=postgres_programs.server_version(),
        installation={"id": str(state.installation_id), "kind": state.kind, "genesis_hash": state.genesis_hash},
        timeline=_head(state),
        field_keys=sealing.fingerprints(settings.FIELD_KEYS),
        lookup_keys=sealing.fingerprints(settings.LOOKUP_KEY),
        has_keys=has_keys,
        files=files,
    )


def stored_names(storage: Storage, folder: str = "") -> Iterator[str]:
    """List the files of a storage, in order of their names."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(names))
    for inner in sorted(folders):
        yield from stored_names(storage, f"{folder}{inner}/")


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file piece by piece."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


def _copy(archive: zipfile.ZipFile, name: str, source: Any, tell: Callable[[int], None] | None = None) -> Member:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as target:
        for chunk in chunks_of(source):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            if tell:
                tell(size)
    return Member(size, digest.hexdigest())


def _head(state: TimelineState) -> dict[str, Any]:
    return {
        "events": state.events,
        "leaves": state.leaves,
        "clock_offset_s": state.clock_offset_s,
        "checkpoint": state.checkpoint,
    }


def _remember(done: Backup) -> None:
    fresh = settings.HOME / f"{LAST_BACKUP}.new"
    fresh.write_text(json.dumps({"made_at": done.manifest.made_at, "name": done.path.name}))
    fresh.rename(settings.HOME / LAST_BACKUP)
