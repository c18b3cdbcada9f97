"""`tongdian calendar`: holiday notices entered by two persons, and the recomputation that follows."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from tongdian.web.database import database_in_use

if TYPE_CHECKING:
    from tongdian.case.operations.notices import NoticeFacts
    from tongdian.people.models import User


@click.group(short_help="Enter and confirm holiday notices, recompute deadlines.")
def command() -> None:
    """The working calendar: a notice counts once a second person has confirmed it."""


def _as(function: Callable[..., None]) -> Callable[..., None]:
    option = click.option("--as", "username", required=True, metavar="USER", help="Who does it (a staff user name).")
    return option(function)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_as
def enter(file: Path, username: str) -> None:
    """Enter the notice in a YAML FILE; it changes nothing before it is confirmed.

    Keys: number, title, address, announced, settles (two days, may be left out), holidays: a list of name, rest and
    work, each a list of days.
    """
    with database_in_use():
        from tongdian.case.operations.notices import enter_notice
        from tongdian.case.queries import installation_now
        from tongdian.kernel.notices import NoticeContradiction

        try:
            notice = enter_notice(_facts(file), actor=_user(username), now=installation_now())
        except (NoticeContradiction, ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"{file}: {type(error).__name__}: {error}") from error
        click.echo(f"entered {notice.number}; now a second person runs: tongdian calendar confirm {notice.number}")


@command.command()
@click.argument("number")
@_as
def confirm(number: str, username: str) -> None:
    """Put the notice of a NUMBER into force and order the recomputation of all open cases."""
    with database_in_use():
        from tongdian.case.models import CalendarNotice
        from tongdian.case.operations.notices import AlreadyConfirmed, SamePerson, confirm_notice
        from tongdian.case.queries import calendar, installation_now

        try:
            confirm_notice(CalendarNotice.objects.get(number=number), actor=_user(username), now=installation_now())
        except CalendarNotice.DoesNotExist as error:
            raise click.ClickException(f"no notice {number} is entered: tongdian calendar show") from error
        except (AlreadyConfirmed, SamePerson) as error:
            raise click.ClickException(str(error)) from error
        in_force = calendar()
        click.echo(f"confirmed {number}; calendar {in_force.version[:12]} is settled until {in_force.horizon}")


@command.command()
def show() -> None:
    """Show the calendar in force and the notices entered here."""
    with database_in_use():
        from tongdian.case.queries.calendar import calendar, notices

        in_force = calendar()
        click.echo(
            f"calendar {in_force.version[:12]}: {in_force.first} to {in_force.last}, settled to {in_force.horizon}"
        )
        for notice in notices():
            state = f"confirmed by {notice.confirmed_by}" if notice.confirmed_by else "NOT CONFIRMED"
            click.echo(f"{notice.announced_date}  {notice.number}  entered by {notice.entered_by}, {state}")


@command.command()
def recompute() -> None:
    """Recompute the deadlines of all open cases now and report every move."""
    with database_in_use():
        from tongdian.case.operations.recomputation import recompute_open_cases
        from tongdian.case.queries import installation_now

        report = recompute_open_cases(actor=None, now=installation_now())
        for moved in report.moved:
            click.echo(f"moved   {moved.number}: {moved.deadlines} deadlines")
        for failed in report.failed:
            click.echo(f"FAILED  {failed.number}: {failed.reason}")
        click.echo(f"{report.checked} open cases, {len(report.moved)} moved, {len(report.failed)} failed")
        if report.failed:
            raise click.exceptions.Exit(1)


def _user(username: str) -> "User":
    from tongdian.people.models import User

    try:
        return User.objects.get(username=username, kind=User.Kind.STAFF, is_active=True)
    except User.DoesNotExist as error:
        raise click.ClickException(f"no active member of staff is called {username!r}") from error


def _facts(file: Path) -> "NoticeFacts":
    from tongdian.case.operations.notices import NoticeFacts

    told: dict[str, Any] = yaml.safe_load(file.read_bytes())
    days: list[tuple[date, bool, str]] = []
    for holiday in told["holidays"]:
        days += [(day, False, holiday["name"]) for day in holiday.get("rest", ())]
        days += [(day, True, holiday["name"]) for day in holiday.get("work", ())]
    return NoticeFacts(
        number=str(told["number"]),
        title=str(told["title"]),
        address=str(told["address"]),
        announced_date=told["announced"],
        days=days,
        settles=tuple(told["settles"]) if told.get("settles") else None,
    )
