"""`tongdian reset`: forget everything this installation keeps."""

import shutil
import sys
from pathlib import Path

import click

from tongdian.web.embedded import Embedded
from tongdian.web.environment import text
from tongdian.web.lock import HomeInUse, HomeLock

KEPT = {"stamps"}  # what set-up built is not data


@click.command(short_help="Delete the embedded database, documents and secrets.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal there is nobody to ask.")
def command(*, yes: bool) -> None:
    """Delete the embedded database, documents and secrets under TONGDIAN_HOME.

    A database named by DATABASE_URL is not touched.
    """
    server = Embedded(Path(text("TONGDIAN_HOME", "var")))
    _require_consent(server, yes=yes)
    lock = HomeLock(server.home / "database.lock")
    try:
        lock.take("tongdian reset")
    except HomeInUse as error:
        raise click.ClickException(str(error)) from error
    if server.place.exists():
        shutil.rmtree(server.place)
    for entry in server.home.iterdir():
        if entry.name not in KEPT and entry != lock.path:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    lock.release()
    click.echo(f"已清空 {server.home} · emptied {server.home}")


def _require_consent(server: Embedded, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nothing was deleted: not a terminal, so nobody can be asked; repeat with YES=1")
    click.confirm(f"删除 {server.place} 中的全部数据?Delete all data in {server.place}?", abort=True)
