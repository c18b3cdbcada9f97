"""`tongdian worker`: do the queued jobs."""

import os

import click

from tongdian.web.database import database_in_use

# A province's solve must not slow the pages served beside it.
HEAVY_NICENESS = 10


@click.command(short_help="Do the queued jobs until stopped.")
@click.option("--queue", type=click.Choice(["quick", "heavy"]), default="quick", show_default=True)
def command(queue: str) -> None:
    """Do the jobs of one queue until stopped: quick ones side by side, heavy ones one at a time and niced."""
    if queue == "heavy":
        os.nice(HEAVY_NICENESS)
    with database_in_use():
        from tongdian.gateway.jobs import run_worker

        run_worker([queue])
