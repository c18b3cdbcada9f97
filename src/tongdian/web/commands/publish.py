"""`tongdian publish`: publish the case-level file of a month, again if need be, and destroy its secret in the end."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tongdian.web.database import database_in_use

if TYPE_CHECKING:
    from tongdian.disclosure.rules.months import Month


@click.group(short_help="Publish the case-level file of a month.")
def command() -> None:
    """Publish figures everybody may read, on /performance/data/."""


@command.command(name="month")
@click.argument("month", metavar="YYYY-MM")
@click.option("--note", default="", help="Why it is published again; shown on the page.")
def month(month: str, note: str) -> None:
    """Publish a month that has ended, as its next version.

    Ends with 1 when the month is not over, or measured now it is the version already published.
    """
    with database_in_use():
        from tongdian.disclosure.operations.month import MonthNotOver, NothingNew, SecretDestroyed, publish

        try:
            file = publish(_month(month), now=_now(), note=note)
        except (MonthNotOver, NothingNew, SecretDestroyed) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"published {file}: {file.rows} cases, sha256 {file.csv_sha256} (csv), {file.json_sha256} (json)")
        if file.withheld:
            click.echo(f"withheld {file.withheld} cases: fewer than {file.least} in the whole month")


@command.command(name="destroy-secret")
@click.argument("month", metavar="YYYY-MM")
@click.confirmation_option(prompt="No further version of this month can be published. Destroy its secret?")
def destroy_secret(month: str) -> None:
    """Destroy the secret of a month's pseudonyms, so that not even we can lead them back to cases."""
    with database_in_use():
        from django.db import transaction

        from tongdian.disclosure.models import MonthSecret
        from tongdian.disclosure.operations.month import SecretDestroyed
        from tongdian.disclosure.operations.month import destroy_secret as destroy

        try:
            with transaction.atomic():
                destroy(_month(month), now=_now())
        except (MonthSecret.DoesNotExist, SecretDestroyed) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"the secret of {month} is destroyed")


def _month(text: str) -> "Month":
    from tongdian.disclosure.rules.months import Month, NotAMonth

    try:
        return Month.parse(text)
    except NotAMonth as error:
        raise click.BadParameter(str(error)) from error


def _now() -> datetime:
    from tongdian.case.queries.timeline import NotFounded, installation_now

    try:
        return installation_now()
    except NotFounded as error:
        raise click.ClickException(str(error)) from error
