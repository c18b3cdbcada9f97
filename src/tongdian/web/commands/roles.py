"""`tongdian roles`: the page on roles and permissions."""

import os
from pathlib import Path

import click
import django


@click.command(short_help="Print or write the page on roles and permissions.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="File to write, instead of printing.")
def command(*, write: Path | None) -> None:
    """Print docs/reference/roles.md as the permission table has it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongdian.web.settings")
    django.setup()
    from tongdian.web.roles_page import render

    if write is None:
        click.echo(render(), nl=False)
    else:
        write.write_text(render(), encoding="utf-8")
