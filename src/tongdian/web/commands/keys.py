"""`tongdian keys`: which keys seal personal data and find it again, and changing them while people work."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import click

from tongdian.web.commands.backup import Line
from tongdian.web.database import RolesNotApart, database_in_use

FIELD_KEYS, LOOKUP_KEY = "TONGDIAN_FIELD_KEYS", "TONGDIAN_LOOKUP_KEY"
RINGS = {"field": FIELD_KEYS, "lookup": LOOKUP_KEY}


@click.group(short_help="Keys that seal personal data.")
def command() -> None:
    """Show and change the keys that seal personal data (field) and those that find it by its digest (lookup)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongdian.web.settings")


@command.command()
def show() -> None:
    """List the ids of the two rings, the key in use first."""
    from django.conf import settings

    from tongdian.ui.sealing import ring

    for number, key_id in enumerate(ring(settings.FIELD_KEYS)):
        click.echo(f"{key_id}  {'seals' if number == 0 else 'opens'}")
    for number, key_id in enumerate(ring(settings.LOOKUP_KEY)):
        click.echo(f"{key_id}  {'digests' if number == 0 else 'still finds'}")


@command.command()
@click.argument("which", type=click.Choice(list(RINGS)))
@click.argument("key_id")
@click.option("--last", "is_last", is_flag=True, help="Let it open only; with several hosts do this first on each.")
def add(*, which: str, key_id: str, is_last: bool) -> None:
    """Make a new key KEY_ID and put it in front of a ring; web and worker know it after their next start."""
    kept = _kept(which)
    if key_id in kept:
        raise click.ClickException(f"the ring holds a key {key_id!r} already")
    made = {key_id: secrets.token_urlsafe(48)}
    _keep(which, kept | made if is_last else made | kept)


@command.command()
@click.argument("which", type=click.Choice(list(RINGS)))
@click.argument("key_id")
def remove(*, which: str, key_id: str) -> None:
    """Take the key KEY_ID out of a ring, once no stored value needs it any more."""
    # The settings are read once: not before the database's address is known.
    with database_in_use():
        kept = _kept(which)
        if key_id not in kept:
            raise click.ClickException(f"the ring holds no key {key_id!r}, only {', '.join(kept)}")
        if len(kept) == 1:
            raise click.ClickException(f"{key_id!r} is the only key of the ring")
        needed = [f"{values:,} in {column}" for column, used, values in _counts(which) if used == key_id]
        if needed:
            raise click.ClickException(f"{key_id!r} is still needed: {'; '.join(needed)}. Run tongdian keys rotate")
        _keep(which, {known: secret for known, secret in kept.items() if known != key_id})


@command.command()
def rotate() -> None:
    """Bring every stored value under the first key of each ring, while people go on working.

    Works as the database's owner: histories are append-only for the application. Interrupted or crashed, run it again.
    """
    try:
        with database_in_use(as_owner=True):
            from tongdian.people.operations import reseal_authenticators
            from tongdian.ui.operations import reseal_all

            changed = reseal_all(on_progress=Line()) | {"mfa.Authenticator": reseal_authenticators()}
            for table, rows in changed.items():
                click.echo(f"{table}: {rows}")
    except RolesNotApart as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as error:
        raise click.ClickException("interrupted: what is done stays done, run it again") from error


@command.command()
def status() -> None:
    """Count the stored values under each key."""
    with database_in_use():
        for which in RINGS:
            click.echo(f"{which} keys")
            current = next(iter(_set(which)))
            for column, key_id, values in _counts(which):
                click.echo(f"  {column:<40} {key_id:<20} {values:>12,}{'' if key_id == current else '  to rotate'}")


def _counts(which: str) -> Iterable[tuple[str, str, int]]:
    from tongdian.people.second_factor import count_authenticator_keys
    from tongdian.ui.fields import LookupField
    from tongdian.ui.operations import count_keys, sealed_models

    lookups = {
        f"{model._meta.label}.{field.name}"
        for model in sealed_models()
        for field in model._meta.concrete_fields
        if isinstance(field, LookupField)
    }
    for (column, key_id), values in count_keys().items():
        if (column in lookups) == (which == "lookup"):
            yield column, key_id, values
    if which == "field":
        yield from (("mfa.Authenticator.data", key_id, values) for key_id, values in count_authenticator_keys().items())


def _set(which: str) -> dict[str, str]:
    from django.conf import settings

    from tongdian.ui.sealing import ring

    return ring(settings.FIELD_KEYS if which == "field" else settings.LOOKUP_KEY)


def _kept(which: str) -> dict[str, str]:
    """Read the ring where it is kept now, which a running process may not have seen yet."""
    from django.conf import settings

    from tongdian.ui.sealing import ring
    from tongdian.web.environment import secret

    return ring(secret(RINGS[which], home=settings.HOME))


def _keep(which: str, ring: dict[str, str]) -> None:
    """Write the ring back into its file; a ring given in the environment can only be printed."""
    from django.conf import settings

    name, text = RINGS[which], ",".join(f"{key_id}:{secret}" for key_id, secret in ring.items())
    if name in os.environ:
        click.echo(f"{name} stands in the environment; set it to this and restart web and worker:")
        click.echo(f"{name}={text}")
        return
    path = Path(os.environ.get(f"{name}_FILE", settings.HOME / "secrets" / name.lower()))
    fresh = path.with_name(f"{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
    click.echo(f"{path}: {', '.join(ring)}; restart web and worker, then run tongdian keys status")
