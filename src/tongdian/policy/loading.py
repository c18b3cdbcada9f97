"""Loading: the packaged book, then each overlay on top of it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tongdian.policy.book import Book
from tongdian.policy.reading import PolicyFileError
from tongdian.policy.ruling import Entry, Ruling, Source, Words
from tongdian.policy.schema import (
    PolicyFile,
    WrittenEntry,
    WrittenValue,
    open_policy_file,
    read_policy_file,
    read_sources,
)
from tongdian.policy.section import Section

PACKAGED = Path(__file__).parent / "data"
PACKAGED_ORIGIN = "packaged"

_EMPTY = Book({}, {}, {})


@cache
def packaged_book() -> Book:
    """Return the book shipped with the product; loaded once per process.

    Raises:
        PolicyFileError: a packaged file breaks the schema.
    """
    return book_from(PACKAGED, origin=PACKAGED_ORIGIN)


@cache
def current_book() -> Book:
    """Return the book of this installation; loaded once per process.

    The overlays are the directories that the environment variable TONGDIAN_POLICY names, separated
    like a search path; without it this is the packaged book itself.

    Raises:
        PolicyFileError: as `load_book`.
    """
    named = os.environ.get("TONGDIAN_POLICY", "").split(os.pathsep)
    return load_book([Path(folder) for folder in named if folder])


def load_book(overlays: Sequence[Path] = ()) -> Book:
    """Return the packaged book with overlay directories laid over it in order.

    An overlay has the same schema. It may add ids, add dated values to existing ids, and take the
    place of one value by `replaces: <its from>` (same id, layer, place and zone).

    Raises:
        PolicyFileError: a directory or a file is missing or breaks the schema; two values overlap;
            a replaced value does not exist.
    """
    book = packaged_book()
    for folder in overlays:
        book = _overlaid(book, folder, origin=str(folder))
    return book


def book_from(folder: Path, *, origin: str) -> Book:
    """Load one directory as a book of its own, without the packaged one beneath.

    Raises:
        PolicyFileError: as `load_book`.
    """
    return _overlaid(_EMPTY, folder, origin=origin)


def hold_at_once(one: Ruling, other: Ruling) -> bool:
    """Tell whether two values of one id contradict: same layer, place and zone, and a day on which both hold."""
    if _key(one) != _key(other):
        return False
    ends_first = one.valid_until is not None and one.valid_until <= other.valid_from
    ends_last = other.valid_until is not None and other.valid_until <= one.valid_from
    return not (ends_first or ends_last)


def _overlaid(book: Book, folder: Path, *, origin: str) -> Book:
    sections = [open_policy_file(path) for path in _files(folder)]
    sources = _merged_sources(book, sections)
    units = {entry.id: entry.unit for entry in book.items()}
    files = [read_policy_file(section, origin=origin, sources=sources, units=units) for section in sections]
    entries = dict(book.entries)
    seen: dict[str, WrittenEntry] = {}
    for written in (entry for file in files for entry in file.entries):
        _refuse_repeated(written, seen)
        entries[written.id] = _laid_over(entries.get(written.id), written)
    return Book(entries, _merged_matters(book, files), sources)


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not paths:
        reason = "the directory has no policy file" if folder.is_dir() else "there is no such directory"
        way_out = "Name a directory that holds *.yaml files"
        raise PolicyFileError(file=folder, line=None, field="", value=str(folder), reason=reason, way_out=way_out)
    return paths


def _merged_sources(book: Book, sections: Iterable[Section]) -> dict[str, Source]:
    sources = dict(book.sources)
    for section in sections:
        for source in read_sources(section):
            if source.id in sources:
                reason = f"the source {source.id!r} is already defined"
                raise section.error("sources", reason, "Use another id, or leave the definition out")
            sources[source.id] = source
    return sources


def _merged_matters(book: Book, files: Iterable[PolicyFile]) -> dict[str, Words]:
    added: dict[str, Words] = {}
    for file in sorted(files, key=lambda file: (file.order, file.matter)):
        if file.matter in added:
            raise file.section.error("matter", "another file already has this matter", "Keep one file per matter")
        if file.matter not in book.matters:
            added[file.matter] = file.section.words("title")
        elif file.title is not None:
            raise file.section.error("title", "the book already names this matter", "Leave the title out")
    return {**book.matters, **added}


def _refuse_repeated(written: WrittenEntry, seen: dict[str, WrittenEntry]) -> None:
    if written.id in seen:
        other = seen[written.id].section
        reason = f"the id is also defined in {other.file}, line {other.mapping.line}"
        raise written.section.error("", reason, "Keep all values of an id in one file")
    seen[written.id] = written


def _laid_over(below: Entry | None, written: WrittenEntry) -> Entry:
    entry = below or _new_entry(written)
    if entry.matter != written.matter:
        reason = f"the book has this id in the matter {entry.matter!r}"
        raise written.section.error("", reason, "Move it to a file of that matter")
    rulings = list(entry.rulings)
    for value in written.values:
        rulings = _with_value(rulings, value)
    title, note = written.title or entry.title, written.note or entry.note
    return replace(entry, title=title, note=note, rulings=tuple(rulings))


def _new_entry(written: WrittenEntry) -> Entry:
    title = written.section.words("title")
    return Entry(written.id, written.matter, title, written.unit, written.layer, written.note, ())


def _with_value(rulings: Sequence[Ruling], value: WrittenValue) -> list[Ruling]:
    kept = list(rulings)
    if value.replaces is not None:
        kept = [r for r in rulings if not _is_replaced(r, value)]
        if len(kept) == len(rulings):
            reason = "no value of this id, layer, place and zone starts on this day"
            raise value.section.error("replaces", reason, "Name the 'from' of the value to take the place of")
    for other in kept:
        if hold_at_once(other, value.ruling):
            period = f"{other.valid_from} – {other.valid_until or 'open'}"
            reason = f"the period overlaps that of the value {other.value!r} ({period})"
            raise value.section.error("from", reason, "End one the day the other starts, or say 'replaces: <from>'")
    return [*kept, value.ruling]


def _is_replaced(ruling: Ruling, value: WrittenValue) -> bool:
    is_below = ruling.origin != value.ruling.origin
    return is_below and _key(ruling) == _key(value.ruling) and ruling.valid_from == value.replaces


def _key(ruling: Ruling) -> tuple[str, str, str | None]:
    return ruling.layer, ruling.place, ruling.zone
