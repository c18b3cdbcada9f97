"""Mirroring the cases of a utility's own system: what its codes mean, what a record says, who is master of which field.

A mirrored case follows the other system: any event may follow any other until the case has ended, because what the
other system left out cannot be invented here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tongdian.connection.rules.classification import CUSTOMER_CLASSES
from tongdian.connection.rules.way import FRAME_TRANSITIONS, TRANSITIONS

Master = Literal["source", "here"]
MASTERS: tuple[Master, ...] = ("source", "here")
FIELDS = ("customer_class", "county_code", "title", "address")
# A home's address and its resident's name stay where they are: a mirror needs neither.
UNTOLD = {"lv_resident": frozenset({"title", "address"}), "lv_no_works": frozenset({"title", "address"})}
LONGEST = {"title": 200, "address": 300, "county_code": 6, "customer_class": 40, "record_id": 128, "case_id": 128}

_TARGETS: dict[str, str] = {
    event: target for moves in TRANSITIONS.values() for event, target in moves.items() if target != "new"
}
_STAYS = {event for moves in FRAME_TRANSITIONS.values() for event in moves} - _TARGETS.keys() | {"source.settled"}
_ENDS = {status for status, moves in TRANSITIONS.items() if not moves}
MIRROR_TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    status: {} if status in _ENDS else {**_TARGETS, **dict.fromkeys(_STAYS, "submitted" if status == "new" else status)}
    for status in TRANSITIONS
}
KINDS = frozenset(_TARGETS) | _STAYS - {"source.settled"}


class MappingInvalid(ValueError):
    """The mapping of a source system cannot be used; `field` says where."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"mapping, {field}={value!r}: {reason}")
        self.field, self.value, self.reason = field, value, reason


class RecordInvalid(ValueError):
    """A record cannot be read; it is kept with this reason and can be read again once the mapping is right."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"{field}={value!r}: {reason}")
        self.field, self.value, self.reason = field, str(value)[:100], reason


@dataclass(frozen=True)
class SourceMapping:
    """What a system's codes mean: its activities as our events, its classes as ours; the master of each field."""

    kinds: Mapping[str, str]
    classes: Mapping[str, str]
    masters: Mapping[str, Master]

    def master(self, name: str) -> Master:
        """Return the one master of a field: the source unless the mapping says otherwise."""
        return self.masters.get(name, "source")


@dataclass(frozen=True)
class Incoming:
    """One record of a source system, in our words. `facts` are the fields it tells, without what stays untold."""

    record_id: str
    case_id: str
    kind: str
    recorded_at: datetime
    occurred_at: datetime | None
    facts: Mapping[str, str] = field(default_factory=dict)


def mapping_from(data: object) -> SourceMapping:
    """Read a mapping: {kinds: {code: event}, classes: {code: class}, masters: {field: source|here}}.

    Raises MappingInvalid for anything else, naming the field, the value and what is possible.
    """
    if not isinstance(data, Mapping) or (unknown := set(data) - {"kinds", "classes", "masters"}):
        raise MappingInvalid("", data if not isinstance(data, Mapping) else sorted(unknown), "kinds, classes, masters")
    return SourceMapping(
        kinds=_codes(data, "kinds", KINDS),
        classes=_codes(data, "classes", frozenset(CUSTOMER_CLASSES)),
        masters=_masters(data.get("masters") or {}),
    )


def _codes(data: Mapping[str, Any], name: str, possible: frozenset[str]) -> dict[str, str]:
    codes = data.get(name)
    if not isinstance(codes, Mapping) or not codes:
        raise MappingInvalid(name, codes, "a mapping from the system's codes is needed")
    for code, ours in codes.items():
        if ours not in possible:
            raise MappingInvalid(f"{name}.{code}", ours, f"possible: {', '.join(sorted(possible))}")
    return {str(code): str(ours) for code, ours in codes.items()}


def _masters(masters: object) -> dict[str, Master]:
    if not isinstance(masters, Mapping):
        raise MappingInvalid("masters", masters, "a mapping from field to source or here is needed")
    for name, master in masters.items():
        if name not in FIELDS:
            raise MappingInvalid(f"masters.{name}", master, f"fields: {', '.join(FIELDS)}")
        if master not in MASTERS:
            raise MappingInvalid(f"masters.{name}", master, "possible: source, here")
    return dict(masters)


def incoming(record: object, mapping: SourceMapping) -> Incoming:
    """Read one record of a source system by its mapping.

    A record tells record_id, case_id, kind, recorded_at, and maybe occurred_at, class, county_code, title, address;
    times are ISO 8601 with their zone.

    Raises RecordInvalid naming the field, its value and the reason.
    """
    if not isinstance(record, Mapping):
        raise RecordInvalid("record", record, "an object is needed")
    kind = _text(record, "kind")
    if kind not in mapping.kinds:
        raise RecordInvalid("kind", kind, "the mapping does not know this code")
    return Incoming(
        record_id=_text(record, "record_id"),
        case_id=_text(record, "case_id"),
        kind=mapping.kinds[kind],
        recorded_at=_instant(record, "recorded_at"),
        occurred_at=_instant(record, "occurred_at") if record.get("occurred_at") else None,
        facts=_facts(record, mapping),
    )


def _facts(record: Mapping[str, Any], mapping: SourceMapping) -> dict[str, str]:
    told = {name: _text(record, name) for name in ("county_code", "title", "address") if record.get(name)}
    if record.get("class"):
        code = _text(record, "class")
        if code not in mapping.classes:
            raise RecordInvalid("class", code, "the mapping does not know this code")
        told["customer_class"] = mapping.classes[code]
    return {name: value for name, value in told.items() if name not in UNTOLD.get(told.get("customer_class", ""), ())}


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise RecordInvalid(name, value, "a text is needed")
    if len(value) > LONGEST.get(name, 128):
        raise RecordInvalid(name, value, f"at most {LONGEST.get(name, 128)} characters")
    return value.strip()


def _instant(record: Mapping[str, Any], name: str) -> datetime:
    value = record.get(name)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise RecordInvalid(name, value, "a time as in 2026-03-02T09:00:00+08:00 is needed") from error
    if moment.tzinfo is None:
        raise RecordInvalid(name, value, "its time zone is missing, as in 2026-03-02T09:00:00+08:00")
    return moment


@dataclass(frozen=True)
class Differences:
    """How told facts differ from those kept: what the source decides, and what it may not decide."""

    applied: Mapping[str, str]
    refused: Mapping[str, str]


def differences(kept: Mapping[str, str], told: Mapping[str, str], mapping: SourceMapping) -> Differences:
    """Split told facts by the one master of each field; a field that is empty here takes what is told."""
    changed = {name: value for name, value in told.items() if value != kept.get(name, "")}
    applied = {name: value for name, value in changed.items() if mapping.master(name) == "source" or not kept.get(name)}
    return Differences(applied, {name: value for name, value in changed.items() if name not in applied})
