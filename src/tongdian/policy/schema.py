"""The schema of a policy file: sources, defaults, entries and their dated values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tongdian.policy.places import NotADivisionCode, place_path
from tongdian.policy.reading import read_yaml
from tongdian.policy.ruling import CERTAINTIES, LAYERS, UNKNOWN, ZONES, Ruling, Source, Words, frozen
from tongdian.policy.section import Section
from tongdian.policy.units import UNITS

LAST = 1000
"""Where a matter stands whose file does not say: behind those that do."""

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FILE_KEYS = ("matter", "order", "title", "sources", "defaults", "entries")
_DEFAULT_KEYS = ("from", "place", "layer", "source", "certainty", "checked_on")
_ENTRY_KEYS = ("title", "unit", "layer", "note", "values")
_VALUE_KEYS = ("value", "until", "zone", "clause", "note", "replaces", *_DEFAULT_KEYS)


@dataclass(frozen=True)
class WrittenValue:
    """A ruling as a file has it, with the place for messages and the start of the value it replaces."""

    ruling: Ruling
    replaces: date | None
    section: Section


@dataclass(frozen=True)
class WrittenEntry:
    """An entry as one file has it; an overlay leaves out what the book below already says."""

    id: str
    matter: str
    title: Words | None
    unit: str
    layer: str
    note: Words | None
    values: tuple[WrittenValue, ...]
    section: Section


@dataclass(frozen=True)
class PolicyFile:
    """One file: its matter, where a list of matters shows it, and its entries."""

    matter: str
    order: int
    title: Words | None
    entries: tuple[WrittenEntry, ...]
    section: Section


@dataclass(frozen=True)
class _Context:
    matter: str
    origin: str
    defaults: Section
    sources: Mapping[str, Source]
    units: Mapping[str, str]


def open_policy_file(path: Path) -> Section:
    """Read one file and check its top level.

    Raises:
        PolicyFileError: the file is no strict YAML, or has an unknown key at its top.
    """
    section = Section(path, "", read_yaml(path))
    section.refuse_unknown(_FILE_KEYS)
    return section


def read_sources(section: Section) -> Iterator[Source]:
    """Yield the sources that a file defines.

    Raises:
        PolicyFileError: a source breaks the schema.
    """
    if "sources" not in section.mapping:
        return
    listed = section.section("sources")
    for key in listed.mapping:
        source = listed.section(key)
        source.refuse_unknown(("title", "issued_on"))
        yield Source(key, source.words("title"), source.optional_day("issued_on"))


def read_policy_file(
    section: Section, *, origin: str, sources: Mapping[str, Source], units: Mapping[str, str]
) -> PolicyFile:
    """Check one opened policy file and read its entries.

    Args:
        origin: name of the book the file belongs to, kept in each ruling.
        sources: every source known to this book, by id.
        units: unit of each id the books below define; such an id needs neither title nor unit.

    Raises:
        PolicyFileError: anything in the file breaks the schema.
    """
    matter = section.text("matter")
    if not _NAME.fullmatch(matter):
        raise section.error("matter", "a matter is one lower-case word", "Use a to z, digits and _")
    context = _Context(matter, origin, _defaults(section), sources, units)
    entries = tuple(_entries(section, context)) if "entries" in section.mapping else ()
    return PolicyFile(matter, _order(section), section.optional_words("title"), entries, section)


def _order(section: Section) -> int:
    order = section.mapping.get("order", LAST)
    if not isinstance(order, int) or isinstance(order, bool):
        raise section.error("order", "a whole number is needed", "Lists show the matter with the smallest first")
    return order


def _defaults(section: Section) -> Section:
    if "defaults" not in section.mapping:
        return Section(section.file, "defaults", type(section.mapping)(section.mapping.line))
    defaults = section.section("defaults")
    defaults.refuse_unknown(_DEFAULT_KEYS)
    return defaults


def _entries(section: Section, context: _Context) -> Iterator[WrittenEntry]:
    listed = section.section("entries")
    for key in listed.mapping:
        if not _ID.fullmatch(key):
            way_out = "Join lower-case words with points: connection.three_zero.max_kw"
            raise listed.error(key, "the id is malformed", way_out)
        yield _entry(key, listed.section(key), context)


def _entry(key: str, section: Section, context: _Context) -> WrittenEntry:
    section.refuse_unknown(_ENTRY_KEYS)
    unit = _unit(key, section, context)
    layer = _layer(section, context)
    values = tuple(_value(key, unit, layer, item, context) for item in section.sections("values"))
    is_new = key not in context.units
    title = section.words("title") if is_new else section.optional_words("title")
    return WrittenEntry(key, context.matter, title, unit, layer, section.optional_words("note"), values, section)


def _unit(key: str, section: Section, context: _Context) -> str:
    below = context.units.get(key)
    if below is None:
        return section.text("unit", UNITS)
    if "unit" in section.mapping and section.text("unit", UNITS) != below:
        reason = f"the book has this id in the unit {below!r}"
        raise section.error("unit", reason, "Leave the unit out, or use a new id")
    return below


def _layer(section: Section, context: _Context) -> str:
    holder = section if "layer" in section.mapping else context.defaults
    return holder.text("layer", LAYERS) if "layer" in holder.mapping else "plan"


def _value(key: str, unit: str, layer: str, section: Section, context: _Context) -> WrittenValue:
    section.refuse_unknown(_VALUE_KEYS)
    source = _from(section, context, "source").text("source", context.sources)
    ruling = Ruling(
        id=key,
        value=_checked_value(section, unit),
        unit=unit,
        clause=_citation(context.sources[source], section.words("clause")),
        certainty=_from(section, context, "certainty").text("certainty", CERTAINTIES),
        valid_from=_from(section, context, "from").day("from"),
        valid_until=section.optional_day("until"),
        place=_place(_from(section, context, "place")),
        zone=section.text("zone", ZONES) if "zone" in section.mapping else None,
        layer=section.text("layer", LAYERS) if "layer" in section.mapping else layer,
        checked_on=_from(section, context, "checked_on").day("checked_on"),
        note=section.optional_words("note"),
        source=source,
        origin=context.origin,
    )
    _check_period(ruling, section)
    return WrittenValue(ruling, section.optional_day("replaces"), section)


def _from(section: Section, context: _Context, key: str) -> Section:
    """Return the section that says `key`: the value itself, else the defaults, else (for the message) the value."""
    return context.defaults if key not in section.mapping and key in context.defaults.mapping else section


def _citation(source: Source, clause: Words) -> Words:
    return Words(f"{source.title.zh} {clause.zh}", f"{source.title.en}, {clause.en}")


def _checked_value(section: Section, unit: str) -> Any:
    if "value" not in section.mapping:
        raise section.error("value", "the key is missing", "Add 'value: …', or 'value: unknown' where nobody knows it")
    value = section.mapping["value"]
    if value == UNKNOWN.value:
        return UNKNOWN
    if not UNITS[unit].accepts(value):
        raise section.error("value", f"the unit {unit} needs {UNITS[unit].needs}", "Correct the value or the unit")
    return frozen(value)


def _place(section: Section) -> str:
    try:
        return place_path(section.text("place"))[0]
    except NotADivisionCode as error:
        raise section.error("place", "not a division code", 'Write six digits in quotes: "370000"') from error


def _check_period(ruling: Ruling, section: Section) -> None:
    if ruling.valid_until is not None and ruling.valid_until <= ruling.valid_from:
        reason = f"the value would end before it starts on {ruling.valid_from}"
        raise section.error("until", reason, "'until' is the first day the value no longer holds; put it after 'from'")
