"""`tongdian migrate`: bring the database to this release."""

import click

from tongdian.web.database import database_in_use


@click.command(short_help="Bring the database to this release.")
@click.option("--verbosity", type=click.IntRange(0, 3), default=1, show_default=True, help="As Django counts it.")
def command(verbosity: int) -> None:
    """Bring the database to this release.

    Applies the migrations as the owner, then gives the application's role its rights: rows, no
    tables, and no change to what is append-only. Safe to run again and beside another one.
    """
    with database_in_use(as_owner=True):
        # Django's parts can only be imported once it is set up.
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        from tongdian.web.grants import MIGRATION_LOCK, apply_grants  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=verbosity)
        apply_grants(settings.DATABASE_APP_ROLE)
        connection.close()
