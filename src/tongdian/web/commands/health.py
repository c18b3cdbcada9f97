"""`tongdian health`: how the installation does, as the health page shows it."""

import click

from tongdian.web.database import database_in_use

FAULT = 1


@click.command(short_help="Say how the installation does; ends with 1 on a fault.")
@click.option("--language", type=click.Choice(["zh-hans", "en"]), default="en", show_default=True)
def command(*, language: str) -> None:
    """Show what the page /health/ shows: queues, messages, calendar, timeline, database, disk, keys, clock, backup.

    Ends with 1 when a reading is a fault, for a monitor that watches exit codes.
    """
    with database_in_use():
        from django.utils import timezone
        from django.utils.translation import override

        from tongdian.case.queries.timeline import NotFounded
        from tongdian.web.health import readings, worst

        try:
            with override(language):
                found = readings(now=timezone.now())
                for reading in found:
                    click.echo(f"{reading.level:<8} {reading.title}: {reading.value}")
                    if reading.level != "good":
                        click.echo(f"{'':<8} {' · '.join(part for part in (reading.limit, reading.advice) if part)}")
        except NotFounded as error:
            raise click.ClickException(str(error)) from error
        if worst(found) == "fault":
            raise SystemExit(FAULT)
