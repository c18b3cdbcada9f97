"""The book: packaged rules plus overlays, asked by id, date and place."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from tongdian.policy.places import PROVINCE, place_path
from tongdian.policy.ruling import LAYERS, Entry, Ruling, Source, Words, plain

_FORMAT = "tongdian-policy-1"


class NoRuling(LookupError):
    """The book has no value for what was asked; the fields repeat the question, `nearest` what lies closest."""

    def __init__(self, message: str, *, id: str, on: date | None = None, nearest: Sequence[Ruling] = ()) -> None:  # noqa: A002 - the book's own word
        self.id, self.on, self.nearest = id, on, tuple(nearest)
        super().__init__(message)


@dataclass(frozen=True)
class Book:
    """A loaded set of rules, read-only, keyed by id; entries stand as in their files, matters in the order to show."""

    entries: Mapping[str, Entry]
    matters: Mapping[str, Words]
    sources: Mapping[str, Source]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over everything the book says: the same for two books that say the same."""
        entries = [_told_entry(entry) for entry in self.items()]
        matters = {key: _told_words(title) for key, title in self.matters.items()}
        sources = {key: [_told_words(each.title), plain(each.issued_on)] for key, each in self.sources.items()}
        said = {"format": _FORMAT, "matters": matters, "sources": sources, "entries": entries}
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def items(self) -> tuple[Entry, ...]:
        """Return every entry, ordered by id."""
        return tuple(self.entries[key] for key in sorted(self.entries))

    def by_matter(self) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
        """Return each matter that has entries, in the order to show, with its entries as their file orders them."""
        listed = ((key, tuple(each for each in self.entries.values() if each.matter == key)) for key in self.matters)
        return tuple((key, entries) for key, entries in listed if entries)

    def entry(self, id: str) -> Entry:  # noqa: A002 - the book's own word
        """Return one entry.

        Raises:
            NoRuling: the book has no such id; the message names similar ones.
        """
        if id not in self.entries:
            near = get_close_matches(id, self.entries, n=3, cutoff=0.7)
            hint = f"Similar: {', '.join(near)}." if near else "List the ids with `tongdian policy list`."
            raise NoRuling(f"The policy book has no entry {id!r}. {hint}", id=id)
        return self.entries[id]

    def lookup(
        self,
        id: str,  # noqa: A002 - the book's own word
        *,
        on: date,
        place: str = PROVINCE,
        zone: str | None = None,
        layer: str | None = None,
    ) -> Ruling:
        """Return the value in force on a day at a place.

        The most specific place speaks first (county, city, province, nation); at one place a value
        of the asked zone before one without a zone.

        Args:
            place: six-digit division code.
            zone: name of a zone inside the place (`urban_planned_area`); None: outside every zone.
            layer: who says it; None: the entry's own layer, `plan` unless the entry says otherwise.

        Raises:
            NoRuling: unknown id, or nothing in force there that day; the message names the nearest dates.
            NotADivisionCode: `place` is not a division code.
        """
        entry = self.entry(id)
        layer = entry.layer if layer is None else layer
        known = _applicable(entry.rulings, place=place, zone=zone, layer=layer)
        in_force = [ruling for ruling in known if ruling.holds_on(on)]
        if not in_force:
            raise _no_ruling(entry, known, on=on, place=place, zone=zone, layer=layer)
        return in_force[0]

    def layers(self, id: str, on: date, place: str = PROVINCE, zone: str | None = None) -> tuple[Ruling, ...]:  # noqa: A002 - the book's own word
        """Return what each layer says on a day at a place, one ruling per layer that speaks, plan first.

        Raises:
            NoRuling: unknown id.
            NotADivisionCode: `place` is not a division code.
        """
        entry = self.entry(id)
        spoken = [_in_force(entry.rulings, on=on, place=place, zone=zone, layer=layer) for layer in LAYERS]
        return tuple(ruling for rulings in spoken for ruling in rulings[:1])

    def history(self, id: str) -> tuple[Ruling, ...]:  # noqa: A002 - the book's own word
        """Return every value of an entry, ordered by layer, place, zone and start.

        Raises:
            NoRuling: unknown id.
        """
        return tuple(sorted(self.entry(id).rulings, key=_order))


def _order(ruling: Ruling) -> tuple[int, str, str, date]:
    return LAYERS.index(ruling.layer), ruling.place, ruling.zone or "", ruling.valid_from


def _applicable(rulings: Iterable[Ruling], *, place: str, zone: str | None, layer: str) -> list[Ruling]:
    path = place_path(place)
    found = [r for r in rulings if r.layer == layer and r.place in path and r.zone in {None, zone}]
    return sorted(found, key=lambda r: (path.index(r.place), r.zone is None, r.valid_from))


def _in_force(rulings: Iterable[Ruling], *, on: date, place: str, zone: str | None, layer: str) -> list[Ruling]:
    return [r for r in _applicable(rulings, place=place, zone=zone, layer=layer) if r.holds_on(on)]


def _no_ruling(
    entry: Entry, known: Sequence[Ruling], *, on: date, place: str, zone: str | None, layer: str
) -> NoRuling:
    asked = f"{entry.id} on {on} in {place}{f', zone {zone}' if zone else ''}, layer {layer}"
    if not known:
        places = ", ".join(dict.fromkeys(_scope(ruling) for ruling in sorted(entry.rulings, key=_order)))
        return NoRuling(f"The policy book says nothing for {asked}. It has values for: {places}.", id=entry.id, on=on)
    nearest = _nearest(known, on)
    periods = " and ".join(f"{r.valid_from} – {r.valid_until or 'open'}" for r in nearest)
    way_out = "Ask for a day inside, or add a dated value in an overlay."
    message = f"The policy book has no value of {asked}. The nearest known dates are {periods}. {way_out}"
    return NoRuling(message, id=entry.id, on=on, nearest=nearest)


def _scope(ruling: Ruling) -> str:
    return f"layer {ruling.layer} in {ruling.place}{f' zone {ruling.zone}' if ruling.zone else ''}"


def _nearest(known: Sequence[Ruling], on: date) -> list[Ruling]:
    before = [r for r in known if r.valid_until is not None and r.valid_until <= on]
    after = [r for r in known if r.valid_from > on]
    last = sorted(before, key=lambda r: r.valid_until or date.max)[-1:]
    return last + sorted(after, key=lambda r: r.valid_from)[:1]


def _told_entry(entry: Entry) -> dict[str, object]:
    rulings = [_told_ruling(ruling) for ruling in sorted(entry.rulings, key=_order)]
    head = {"id": entry.id, "matter": entry.matter, "unit": entry.unit, "layer": entry.layer}
    return {**head, "title": _told_words(entry.title), "note": _told_words(entry.note), "rulings": rulings}


def _told_ruling(ruling: Ruling) -> dict[str, object]:
    fields = ("value", "certainty", "valid_from", "valid_until", "place", "zone", "layer", "checked_on", "source")
    said = {name: plain(getattr(ruling, name)) for name in fields}
    return {**said, "clause": _told_words(ruling.clause), "note": _told_words(ruling.note)}


def _told_words(words: Words | None) -> list[str] | None:
    return [words.zh, words.en] if words else None
