"""`tongdian installation`: say once what this database is for."""

import click

from tongdian.web.database import database_in_use

KINDS = ("production", "demonstration", "test")


@click.group(short_help="Say once what this database is for, or show it.")
def command() -> None:
    """The installation row: production, demonstration or test; written once, hashed into every case's chain."""


@command.command()
@click.argument("kind", type=click.Choice(KINDS))
def found(kind: str) -> None:
    """Write the row. It can never be changed; only a demonstration or test database can move its clock."""
    with database_in_use():
        from tongdian.case.models import Installation
        from tongdian.case.operations import found_installation

        if existing := Installation.objects.first():
            raise click.ClickException(f"this database is already founded: {existing}")
        click.echo(f"founded {found_installation(kind=kind)}")


@command.command()
def show() -> None:
    """Show what this database is for, its clock and the log's key."""
    with database_in_use():
        from tongdian.case.models import Installation
        from tongdian.case.queries.timeline import installation_clock
        from tongdian.case.queries.tree import origin
        from tongdian.gateway.log_keys import signing_keys
        from tongdian.kernel.signed_note import verifier_key

        installation = Installation.objects.first()
        if installation is None:
            raise click.ClickException("this database is not founded: run tongdian installation found KIND")
        clock = installation_clock()
        click.echo(f"installation  {installation}\ngenesis       {bytes(installation.genesis_hash).hex()}")
        click.echo(f"clock         {clock.now.isoformat()} (offset {clock.offset_s:+d} s)")
        for key in signing_keys():
            click.echo(f"log key       {verifier_key(origin(), key)}")
