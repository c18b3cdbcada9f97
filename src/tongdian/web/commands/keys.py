"""`tongdian keys`: which keys seal personal data, and sealing again after a change."""

import click

from tongdian.web.database import database_in_use


@click.group(short_help="Keys that seal personal data.")
def command() -> None:
    """Show the keys that seal personal data, and seal stored values again after a change."""


@command.command()
def show() -> None:
    """List the ids of the key ring, the one that seals first."""
    from django.conf import settings

    from tongdian.ui.sealing import ring

    for number, key_id in enumerate(ring(settings.FIELD_KEYS)):
        click.echo(f"{key_id}  {'seals' if number == 0 else 'opens'}")


@command.command()
def rotate() -> None:
    """Seal every stored value with the first key of TONGDIAN_FIELD_KEYS; old keys can then be removed."""
    with database_in_use():
        from tongdian.people.operations import reseal_authenticators
        from tongdian.ui.operations import reseal_all

        for table, rows in (reseal_all() | {"mfa.Authenticator": reseal_authenticators()}).items():
            click.echo(f"{table}: {rows}")
