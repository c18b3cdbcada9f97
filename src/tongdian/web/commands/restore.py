"""`tongdian restore`: bring a backup back, and prove it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psycopg
from psycopg import sql

from tongdian.web.commands.backup import Line, as_interrupt
from tongdian.web.database import RolesNotApart, database_in_use
from tongdian.web.embedded import OWNER, SUPERUSER, Embedded, Urls
from tongdian.web.environment import text

if TYPE_CHECKING:
    from django.core.files.storage import Storage

    from tongdian.kernel.signed_note import Note
    from tongdian.web.backup import Manifest


@click.command(short_help="Bring a backup back, and prove it.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", "name", help="Make a database of this name and restore there: a drill beside the running site.")
@click.option("--force", "replaces", is_flag=True, help="Replace what the database holds.")
@click.option("--check", "only_checks", is_flag=True, help="Only compare the file with its manifest.")
@click.option("--checkpoint", "kept", type=click.Path(exists=True, path_type=Path), help="A checkpoint kept elsewhere.")
@click.option("--documents", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where documents go.")
def command(
    *, file: Path, name: str | None, replaces: bool, only_checks: bool, kept: Path | None, folder: Path | None
) -> None:
    """Bring a backup into an empty database, prove its timeline and its documents; nothing is half done.

    With --into the documents go to documents-NAME beside the others, unless --documents says where.
    """
    signal.signal(signal.SIGTERM, as_interrupt)
    uses_own_server = "DATABASE_URL" not in os.environ
    try:
        with database_in_use(as_owner=not only_checks) as urls:
            manifest = _checked(file)
            if only_checks:
                return
            with _target(urls, name, uses_own_server=uses_own_server):
                _restore(file, manifest, storage=_storage(name, folder), replaces=replaces, note=_note(kept))
            if name:
                click.echo(f"to work with it: DATABASE_URL with the name {name}")
    except KeyboardInterrupt as error:
        raise click.ClickException("interrupted: the database is as it was before") from error
    except RolesNotApart as error:
        raise click.ClickException(str(error)) from error


def _checked(file: Path) -> "Manifest":
    from tongdian.web import restore

    try:
        manifest = restore.read_manifest(file)
        restore.check_file(file, manifest, on_progress=Line())
    except (restore.NotABackup, restore.Damaged) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file.name}: made {manifest.made_at} by release {manifest.release}, {manifest.installation['kind']}")
    click.echo(f"  every one of its {len(manifest.files):,} files is what was written")
    return manifest


def _restore(file: Path, manifest: "Manifest", *, storage: "Storage", replaces: bool, note: "Note | None") -> None:
    from django.conf import settings

    from tongdian.web import restore
    from tongdian.web.postgres_programs import ProgramMissing, ProgramRefused

    refusals = (restore.NotEmpty, restore.InUse, restore.NewerRelease, restore.NewerServer, restore.DoesNotHold,
                ProgramMissing, ProgramRefused)  # fmt: skip
    try:
        done = restore.restore(
            file,
            manifest,
            storage=storage,
            app_role=settings.DATABASE_APP_ROLE,
            checkpoint=note,
            replaces=replaces,
            on_progress=Line(),
        )
    except refusals as error:
        raise click.ClickException(str(error)) from error
    verdict = done.verdict
    click.echo(f"HOLDS: {verdict.events} events, {verdict.leaves} leaves, {verdict.checkpoints} checkpoints")
    click.echo(f"  {done.documents:,} documents brought, each is what its name says")
    for warning in _closed(manifest):
        click.echo(f"  WARNING: {warning}", err=True)


def _closed(manifest: "Manifest") -> Iterator[str]:
    """Say which keys of the backup are not the ones set here: without them its personal data cannot be read."""
    from django.conf import settings

    from tongdian.ui import sealing

    rings = (
        ("TONGDIAN_FIELD_KEYS", manifest.field_keys, settings.FIELD_KEYS),
        ("TONGDIAN_LOOKUP_KEY", manifest.lookup_keys, settings.LOOKUP_KEY),
    )
    for name, wanted, here in rings:
        known = sealing.fingerprints(here)
        if missing := [key_id for key_id, fingerprint in wanted.items() if known.get(key_id) != fingerprint]:
            yield f"{name} here lacks {', '.join(missing)} of the backup: put back the secrets kept elsewhere"


@contextmanager
def _target(urls: Urls, name: str | None, *, uses_own_server: bool) -> Iterator[None]:
    """Point Django at a new database of that name, which goes again when the restore fails."""
    if name is None:
        yield
        return
    from django.db import connection

    usual = connection.settings_dict["NAME"]
    if uses_own_server:
        administrator, owner = Embedded(Path(text("TONGDIAN_HOME", "var"))).url(SUPERUSER, "postgres"), OWNER
    else:
        administrator, owner = urls.owner, connection.settings_dict["USER"]
    _make_database(administrator, name, owner)
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    except BaseException:
        connection.close()
        _on_server(administrator, sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        raise
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _make_database(administrator: str, name: str, owner: str) -> None:
    create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
    try:
        _on_server(administrator, create)
    except psycopg.errors.DuplicateDatabase as error:
        raise click.ClickException(f"there is a database {name!r} already; choose another name") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise click.ClickException(
            f"{owner} may not make databases: let an administrator run `createdb --owner {owner} {name}`, then restore "
            "with DATABASE_URL and DATABASE_OWNER_URL naming it"
        ) from error


def _on_server(administrator: str, statement: sql.Composed) -> None:
    with psycopg.connect(administrator, autocommit=True) as server:
        server.execute(statement)


def _storage(name: str | None, folder: Path | None) -> "Storage":
    from django.conf import settings
    from django.core.files.storage import FileSystemStorage, default_storage

    if folder is None and name is None:
        return default_storage
    return FileSystemStorage(location=folder or settings.HOME / f"documents-{name}")


def _note(path: Path | None) -> "Note | None":
    from tongdian.kernel.signed_note import MalformedNote, Note

    try:
        return Note.parse(path.read_text(encoding="utf-8")) if path else None
    except MalformedNote as error:
        raise click.ClickException(f"{path}: {error}") from error
