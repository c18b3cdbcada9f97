"""`tongdian policy`: ask the policy book, list it, check an overlay, write its reference page."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

import click

from tongdian.kernel.divisions import Division, divisions
from tongdian.policy import (
    Book,
    NoRuling,
    NotADivisionCode,
    PolicyFileError,
    Ruling,
    current_book,
    load_book,
    packaged_book,
)
from tongdian.policy.loading import PACKAGED_ORIGIN
from tongdian.policy.places import PROVINCE
from tongdian.policy.reference import as_markdown
from tongdian.policy.ruling import LAYERS
from tongdian.policy.wording import (
    CERTAINTY_WORDS,
    LAYER_WORDS,
    ZONE_WORDS,
    Line,
    in_words,
    is_nested,
    outline,
    place_words,
    validity,
)

REFERENCE = Path("docs/reference/policy.md")

_overlay = click.option(
    "overlays",
    "--overlay",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Directory laid over the packaged book; may be repeated. Default: those of TONGDIAN_POLICY.",
)
_language = click.option(
    "language", "--language", type=click.Choice(["zh", "en"]), default="en", help="Language of titles and clauses."
)


@click.group()
def command() -> None:
    """Ask the policy book: dated rules with their clause and certainty."""


@command.command()
@click.argument("rule_id", metavar="ID")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="Day the rule must hold; today if left out.")
@click.option("--in", "place", default=PROVINCE, metavar="PLACE", help="Division, such as 370102 or 济南.")
@click.option("--zone", type=click.Choice(sorted(ZONE_WORDS)), help="Zone inside the place.")
@click.option("--layer", type=click.Choice(LAYERS), help="Only what this layer says.")
@_language
@_overlay
def show(
    *,
    rule_id: str,
    on: datetime | None,
    place: str,
    zone: str | None,
    layer: str | None,
    language: str,
    overlays: tuple[Path, ...],
) -> None:
    """Show the value of a rule on a day at a place, with clause, certainty and the other layers."""
    book = _loaded(overlays)
    day = on.date() if on else date.today()  # noqa: DTZ011 - the operator's own day
    try:
        rulings = _asked(book, rule_id, day, place=_place_code(place, day), zone=zone, layer=layer)
    except (NoRuling, NotADivisionCode) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{rule_id}  {book.entry(rule_id).title.in_language(language)}")
    for ruling in rulings:
        click.echo(_told(ruling, language))
    click.echo(f"policy book {book.digest[:16]}, {day}")


@command.command(name="list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@_language
@_overlay
def list_rules(words: tuple[str, ...], language: str, overlays: tuple[Path, ...]) -> None:
    """List the rules whose id or title contains every WORD."""
    book = _loaded(overlays)
    for entry in book.items():
        text = f"{entry.id} {entry.title.zh} {entry.title.en}".lower()
        if all(word.lower() in text for word in words):
            click.echo(f"{entry.id:60} {entry.title.in_language(language)}")


@command.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """Check overlay directories, laid over the packaged book in the order given."""
    book = _loaded(folders)
    below = packaged_book()
    added = len(book.entries) - len(below.entries)
    values = sum(ruling.origin != PACKAGED_ORIGIN for entry in book.items() for ruling in entry.rulings)
    click.echo(f"Good: {values} values from the overlays, {added} new rules. The digest of the book is {book.digest}.")


@command.command()
@click.option("--check", "is_check", is_flag=True, help="Write nothing; fail if the page is out of date.")
@click.argument("path", type=click.Path(path_type=Path), default=REFERENCE)
def docs(path: Path, *, is_check: bool) -> None:
    """Write the reference page of the packaged book to PATH."""
    text = as_markdown(packaged_book())
    if not is_check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        raise click.ClickException(f"{path} is out of date; run `tongdian policy docs`")


def _loaded(overlays: tuple[Path, ...]) -> Book:
    try:
        return load_book(overlays) if overlays else current_book()
    except PolicyFileError as error:
        raise click.ClickException(str(error)) from error


def _asked(
    book: Book, rule_id: str, day: date, *, place: str, zone: str | None, layer: str | None
) -> tuple[Ruling, ...]:
    ruling = book.lookup(rule_id, on=day, place=place, zone=zone, layer=layer)
    if layer:
        return (ruling,)
    others = book.layers(rule_id, day, place, zone)
    return (ruling, *(other for other in others if other.layer != ruling.layer))


def _place_code(text: str, on: date) -> str:
    """Return the code of a division given by code or by name (with or without 市, 区, 县)."""
    if text.isdigit():
        return text
    found = [each for each in divisions(on) if text.lower() in _names(each)]
    if len(found) != 1:
        listed = ", ".join(f"{each.code} {each.name_zh}" for each in found)
        reason = f"the name fits several divisions: {listed}" if found else "no division of Shandong has this name"
        raise click.BadParameter(f"{text!r}: {reason}. Give the six-digit code.", param_hint="--in")
    return found[0].code


def _names(division: Division) -> tuple[str, ...]:
    return division.name_zh, division.name_zh[:-1], division.name_en.lower()


def _told(ruling: Ruling, language: str) -> str:
    zone = f", {ZONE_WORDS[ruling.zone].in_language(language)}" if ruling.zone else ""
    place = f"{ruling.place} {place_words(ruling).in_language(language)}{zone}"
    certainty = f"{CERTAINTY_WORDS[ruling.certainty].in_language(language)}, checked {ruling.checked_on}"
    note = [f"    note       {ruling.note.in_language(language)}"] if ruling.note else []
    return "\n".join(
        [
            *_value_lines(ruling, language),
            f"    layer      {LAYER_WORDS[ruling.layer].in_language(language)}",
            f"    place      {place}",
            f"    validity   {validity(ruling, language)}",
            f"    clause     {ruling.clause.in_language(language)}",
            f"    certainty  {certainty}",
            *note,
        ]
    )


def _value_lines(ruling: Ruling, language: str) -> list[str]:
    if not is_nested(ruling.value):
        return [f"  {in_words(ruling, language)}"]
    return list(_indented(outline(ruling.value, language), "  "))


def _indented(lines: Iterable[Line], indent: str) -> Iterator[str]:
    for line in lines:
        yield f"{indent}{line.label}: {line.text}" if line.text else f"{indent}{line.label}"
        yield from _indented(line.inside, indent + "  ")
