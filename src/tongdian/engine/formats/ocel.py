"""Writes object-centric event logs as OCEL 2.0 JSON, record by record.

A stage, a document and an organisation are objects of their own beside the case, so that a question about reviews or
about one company needs no flattening. By the standard's schema every value is text, its type stands with its name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from tongdian.engine.formats.xes import Value, utc_text

# The moment the standard gives to what an object has had from its beginning.
FROM_THE_BEGINNING = "1970-01-01T00:00:00Z"
SPOOL_BYTES = 8_000_000


class MixedType(ValueError):
    """One attribute has values of two types, which a type declaration cannot say."""

    def __init__(self, owner: str, name: str, types: tuple[str, str]) -> None:
        super().__init__(f"{owner}.{name} is {types[0]} in one record and {types[1]} in another; make them one type")
        self.owner, self.name, self.types = owner, name, types


@dataclass(frozen=True, slots=True)
class Related:
    """A relation to an object, and what that object is to the event or object that names it."""

    object_id: str
    qualifier: str


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """One event with the objects it concerns. None among the attributes is left out."""

    id: str
    kind: str
    at: datetime
    attributes: Mapping[str, Value] = field(default_factory=dict)
    objects: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedObject:
    """One object. `changes` are later values of an attribute: name, value, since when, oldest first."""

    id: str
    kind: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    changes: tuple[tuple[str, Value, datetime], ...] = ()
    objects: tuple[Related, ...] = ()


def ocel_chunks(records: Iterable[ObjectEvent | LoggedObject], *, about: Mapping[str, Value]) -> Iterator[str]:
    """Write a log piece by piece; objects wait in a temporary file, so memory does not grow with the log.

    about: facts of the file itself, under the key "log", which the standard leaves to us.

    Raises MixedType when an attribute of one type of event or object has values of two types; ValueError when an
    instant has no time zone.
    """
    declared = _Types()
    with SpooledTemporaryFile(SPOOL_BYTES, "w+", encoding="utf-8", newline="") as objects:
        yield '{"log":' + _json({name: _typed(value)[1] for name, value in about.items() if value is not None})
        yield ',\n"events":[\n'
        is_first_event = is_first_object = True
        for record in records:
            text = _json(declared.event(record) if isinstance(record, ObjectEvent) else declared.object(record))
            if isinstance(record, ObjectEvent):
                yield text if is_first_event else ",\n" + text
                is_first_event = False
            else:
                objects.write(text if is_first_object else ",\n" + text)
                is_first_object = False
        yield '\n],\n"objects":[\n'
        objects.seek(0)
        yield from objects
        yield f'\n],\n"eventTypes":{_json(declared.listed("event"))}'
        yield f',\n"objectTypes":{_json(declared.listed("object"))}}}\n'


class _Types:
    """Collects which attributes of which type each kind of event and object has."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, dict[str, str]]] = {"event": {}, "object": {}}

    def event(self, event: ObjectEvent) -> dict[str, Any]:
        self.found["event"].setdefault(event.kind, {})
        return {
            "id": event.id,
            "type": event.kind,
            "time": utc_text(event.at),
            "attributes": [
                {"name": name, "value": self._text("event", event.kind, name, value)}
                for name, value in event.attributes.items()
                if value is not None
            ],
            "relationships": _relations(event.objects),
        }

    def object(self, thing: LoggedObject) -> dict[str, Any]:
        self.found["object"].setdefault(thing.kind, {})
        values = [(name, value, FROM_THE_BEGINNING) for name, value in thing.attributes.items()]
        values += [(name, value, utc_text(since)) for name, value, since in thing.changes]
        return {
            "id": thing.id,
            "type": thing.kind,
            "attributes": [
                {"name": name, "value": self._text("object", thing.kind, name, value), "time": since}
                for name, value, since in values
                if value is not None
            ],
            "relationships": _relations(thing.objects),
        }

    def listed(self, which: str) -> list[dict[str, Any]]:
        return [
            {"name": kind, "attributes": [{"name": name, "type": names[name]} for name in sorted(names)]}
            for kind, names in sorted(self.found[which].items())
        ]

    def _text(self, which: str, kind: str, name: str, value: Value) -> str:
        type_, text = _typed(value)
        known = self.found[which][kind].setdefault(name, type_)
        if known != type_:
            raise MixedType(kind, name, (known, type_))
        return text


def _relations(related: tuple[Related, ...]) -> list[dict[str, str]]:
    return [{"objectId": each.object_id, "qualifier": each.qualifier} for each in related]


def _typed(value: Value) -> tuple[str, str]:
    match value:
        case bool():
            return "boolean", str(value).lower()
        case int():
            return "integer", str(value)
        case float():
            return "float", repr(value)
        case datetime():
            return "time", utc_text(value)
        case date():
            return "string", value.isoformat()
        case _:
            return "string", str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
