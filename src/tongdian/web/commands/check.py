"""`tongdian check`: is this installation fit for production?"""

import click

from tongdian.web.database import database_in_use


@click.command(short_help="Say whether this installation is fit for production.")
def command() -> None:
    """Say whether this installation is fit for production, and what is not; ends with 1 when something is not.

    The same is asked by every production start (TONGDIAN_PRODUCTION=1) before it serves a page.
    """
    with database_in_use():
        from tongdian.web.checks import unfit_for_production

        errors = unfit_for_production()
        for error in errors:
            click.echo(f"{error.id}: {error.msg}")
        if errors:
            raise click.ClickException(f"{len(errors)} reasons not to serve the public")
        click.echo("fit for production")
