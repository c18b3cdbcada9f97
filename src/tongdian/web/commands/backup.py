"""`tongdian backup`: one file that holds this installation."""

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from tongdian.web.database import database_in_use

if TYPE_CHECKING:
    from tongdian.web.backup import Backup


@click.command(short_help="Write database and documents into one file.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-keys", "has_keys", is_flag=True, help="Put the secrets in: who has the file reads everything.")
def command(*, folder: Path, has_keys: bool) -> None:
    """Write database and documents of this installation into one file in FOLDER, while people go on working.

    The keys stay outside: without TONGDIAN_FIELD_KEYS and TONGDIAN_LOOKUP_KEY nobody can read the personal data in the
    file, whoever has it. Keep them elsewhere. Interrupted, it leaves nothing behind.
    """
    signal.signal(signal.SIGTERM, as_interrupt)
    with database_in_use():
        from django.utils import timezone

        from tongdian.case.queries.timeline import NotFounded
        from tongdian.web.backup import BackupExists, write_backup
        from tongdian.web.postgres_programs import ProgramMissing, ProgramRefused

        try:
            done = write_backup(folder, now=timezone.now(), has_keys=has_keys, on_progress=Line())
        except (BackupExists, NotFounded, ProgramMissing, ProgramRefused, OSError) as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt as error:
            raise click.ClickException("interrupted: nothing was left behind") from error
        _report(done)


def _report(done: "Backup") -> None:
    manifest = done.manifest
    click.echo(f"{done.path}\n  {done.size_bytes:,} bytes, {len(manifest.documents):,} documents")
    click.echo(f"  {manifest.timeline['events']:,} events, {manifest.timeline['leaves']:,} of them sealed")
    if manifest.has_keys:
        click.echo("  THE KEYS ARE INSIDE (keys.env): whoever has this file reads everything in it")
    else:
        ids = ", ".join(manifest.field_keys)
        click.echo(f"  the keys are not inside: keep TONGDIAN_FIELD_KEYS ({ids}), TONGDIAN_LOOKUP_KEY and")
        click.echo("  TONGDIAN_LOG_KEY in another place; without them the personal data stays closed for ever")


class Line:
    """Shows how far it is on one line, where a person is watching, at most twice a second."""

    def __init__(self) -> None:
        self._shown_at = time.monotonic()

    def __call__(self, part: str, done: int) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._shown_at > 0.5:
            self._shown_at = now
            click.echo(f"\r{part}: {done:,}\033[K", nl=False, err=True)


def as_interrupt(_number: int, _frame: FrameType | None) -> None:
    """A terminated command tidies up as an interrupted one does."""
    raise KeyboardInterrupt
