"""`tongdian messages`: keep the English catalogues complete."""

from pathlib import Path

import click

from tongdian.web.messages import compile_catalogue, contradictions, findings, packages, update_catalogue

SOURCE = Path(__file__).resolve().parents[2]


@click.group()
def command() -> None:
    """Extract, compile and check the English translations."""


@command.command()
@click.argument("names", nargs=-1, metavar="[PACKAGE]...")
def extract(names: tuple[str, ...]) -> None:
    """Bring locale/en of every package (or of those named) up to date with its messages."""
    for package in _chosen(names):
        catalogue = update_catalogue(package)
        missing = len(findings(package))
        click.echo(f"{package.name}: {len(catalogue)} messages, {missing} to look at")


@command.command(name="compile")
def compile_all() -> None:
    """Compile every catalogue to the form Django reads."""
    for package in packages(SOURCE):
        compile_catalogue(package)


@command.command()
@click.argument("names", nargs=-1, metavar="[PACKAGE]...")
def check(names: tuple[str, ...]) -> None:
    """Fail, with a list, when a message lacks its English string, or two packages or placeholders differ."""
    chosen = _chosen(names)
    found = [finding for package in chosen for finding in findings(package)] + contradictions(chosen)
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        raise click.ClickException(f"{len(found)} messages to look at; edit locale/en/LC_MESSAGES/django.po")


def _chosen(names: tuple[str, ...]) -> list[Path]:
    known = {package.name: package for package in packages(SOURCE)}
    if unknown := set(names) - known.keys():
        raise click.BadParameter(f"no messages in {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return [known[name] for name in names] or list(known.values())
