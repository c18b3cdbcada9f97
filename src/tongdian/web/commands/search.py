"""`tongdian search`: what the search finds cases by."""

import click

from tongdian.web.database import database_in_use


@click.group(short_help="The search of cases.")
def command() -> None:
    """Keep what the search finds cases by."""


@command.command()
@click.option("--batch", type=click.IntRange(1, 10_000), default=1000, help="Cases per transaction.")
def rebuild(*, batch: int) -> None:
    """Cut the number, title, address and firms of every case into search terms anew.

    Needed after an update that changes how texts are cut; its release note says so. May run beside the site, be
    stopped and started again.
    """
    with database_in_use():
        from tongdian.case.operations.search import rebuild as rebuild_terms

        done = 0
        for done in rebuild_terms(batch=batch):
            click.echo(f"{done} cases", err=True)
        click.echo(f"rebuilt the search terms of {done} cases")
