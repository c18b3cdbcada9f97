"""`tongdian migrate`: bring the database to this release."""

import os

import click

from tongdian.web.database import database_in_use


@click.command(short_help="Bring the database to this release.")
@click.option("--verbosity", type=click.IntRange(0, 3), default=1, show_default=True, help="As Django counts it.")
@click.option("--static", "with_static_files", is_flag=True, help="Collect the static files too.")
@click.option("--found", "kind", type=click.Choice(["production", "demonstration", "test"]), help="Found a new one as.")
def command(*, verbosity: int, with_static_files: bool, kind: str | None) -> None:
    """Bring the database to this release.

    Applies the migrations as the owner, then gives the application's role its rights: rows, no
    tables, and no change to what is append-only. Safe to run again and beside another one.
    """
    if with_static_files:
        # Settings would take an empty folder for an uncollected site, and collect without hashed names.
        os.environ["TONGDIAN_COLLECTED"] = "1"
    with database_in_use(as_owner=True):
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        from tongdian.case.operations import found_installation
        from tongdian.case.queries.installation import installation_kind
        from tongdian.web.grants import MIGRATION_LOCK, apply_grants
        from tongdian.web.static_files import collect_static_files

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=verbosity)
        apply_grants(settings.DATABASE_APP_ROLE)
        if kind and not installation_kind():
            found_installation(kind=kind)
        connection.close()
        if with_static_files:
            collect_static_files()
