"""`tongdian source`: the systems of utilities whose cases are mirrored."""

from pathlib import Path

import click
import yaml

from tongdian.web.database import database_in_use


@click.group(short_help="Mirror the cases of a utility's own system.")
def command() -> None:
    """Systems whose cases are mirrored here: add one, change what its codes mean, read it, list them."""


@command.command()
@click.argument("code")
@click.option("--name", required=True, help="How pages call the system.")
@click.option("--utility", required=True, help="Code of the utility whose cases it handles.")
@click.option("--url", help="Address of a system that answers signed requests.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Folder into which it drops files.")
@click.option("--key-id", default="", help="Key id of the signed requests.")
@click.option("--secret-file", type=click.Path(exists=True, path_type=Path), help="File with the signing secret.")
@click.option("--mapping", "mapping_file", required=True, type=click.Path(exists=True, path_type=Path))
def add(
    code: str,
    *,
    name: str,
    utility: str,
    url: str | None,
    folder: Path | None,
    key_id: str,
    secret_file: Path | None,
    mapping_file: Path,
) -> None:
    """Make a system known under CODE. Give --url with --secret-file, or --folder."""
    if (url is None) == (folder is None) or (url and not secret_file):
        raise click.UsageError("give either --url with --secret-file, or --folder")
    with database_in_use():
        from tongdian.connection.models import SourceSystem
        from tongdian.connection.operations.mirroring import SourceExists, add_source
        from tongdian.connection.queries.mirroring import NoUtilityOfCode, utility_of
        from tongdian.connection.rules.mirroring import MappingInvalid

        try:
            system = add_source(
                code=code,
                name=name,
                utility=utility_of(utility),
                transport=SourceSystem.Transport.HTTP if url else SourceSystem.Transport.FOLDER,
                place=url or str(folder.resolve() if folder else ""),
                mapping=_mapping(mapping_file),
                key_id=key_id,
                secret=secret_file.read_text().strip() if secret_file else "",
            )
        except (SourceExists, MappingInvalid, NoUtilityOfCode) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"added {system}; it is read every five minutes, or now with: tongdian source read {system}")


@command.command()
@click.argument("code")
@click.argument("mapping_file", type=click.Path(exists=True, path_type=Path))
def mapping(code: str, mapping_file: Path) -> None:
    """Use another mapping for CODE and read again what could not be read before."""
    with database_in_use():
        from tongdian.case.queries import installation_now
        from tongdian.connection.operations.mirroring import change_mapping
        from tongdian.connection.queries.mirroring import system_of
        from tongdian.connection.rules.mirroring import MappingInvalid

        try:
            taken = change_mapping(system_of(code), _mapping(mapping_file), now=installation_now())
        except (LookupError, MappingInvalid) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"mapping changed; {taken.applied} records read again, {len(taken.faults)} still not readable")


@command.command()
@click.argument("code")
def read(code: str) -> None:
    """Read what CODE has changed since the last time."""
    with database_in_use():
        from tongdian.case.queries import installation_now
        from tongdian.connection.operations.mirroring import read_source
        from tongdian.connection.queries.mirroring import system_of

        try:
            taken = read_source(system_of(code).pk, now=installation_now())
        except LookupError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{taken.applied} read, {taken.known} known before, {taken.conflicts} new conflicts")
        for place, why in taken.faults:
            click.echo(f"record {place + 1}: {why}", err=True)
        if trouble := system_of(code).trouble:
            raise click.ClickException(f"{code}: {trouble}")


@command.command(name="list")
def list_all() -> None:
    """List the systems, when they were read, and what went wrong."""
    with database_in_use():
        from tongdian.connection.queries.mirroring import every_system

        for system in every_system():
            state = system.trouble or (f"read {system.read_at:%F %T}" if system.read_at else "not read yet")
            click.echo(f"{system.code}  {system.transport}  {system.place}  {state}")


def _mapping(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise click.ClickException(f"{file}: {error}") from error
