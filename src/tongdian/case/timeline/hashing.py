"""The hash of an event and of an installation: the same bytes the database's trigger hashes.

Each field is written as PostgreSQL writes it in its binary row format: a 4-byte big-endian length (−1 for NULL),
then the value. Lengths first make the encoding unambiguous; using the database's own format lets a verifier hash
a binary row as it arrives. Texts are UTF-8, integers 8 bytes big-endian, UUIDs 16 bytes, and instants the number of
microseconds since 2000-01-01T00:00:00Z as such an integer.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

EVENT_TAG = b"tongdian:event:1\n"
INSTALLATION_TAG = b"tongdian:installation:1\n"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# The order is part of the format: verifiers read rows in it.
HASHED_COLUMNS = (
    "case_id",
    "seq",
    "kind",
    "actor_id",
    "role",
    "organisation_id",
    "channel",
    "occurred_at",
    "recorded_at",
    "clock_offset_s",
    "source_system",
    "source_event_id",
    "source_recorded_at",
    "evidence",
    "body",
    "prev_hash",
)

Field = UUID | int | str | datetime | bytes | None


@dataclass(frozen=True)
class EventFields:
    """The hashed columns of one event, in the order they are hashed."""

    case_id: UUID
    seq: int
    kind: str
    actor_id: int | None
    role: str
    organisation_id: int | None
    channel: str
    occurred_at: datetime | None
    recorded_at: datetime
    clock_offset_s: int
    source_system: str | None
    source_event_id: str | None
    source_recorded_at: datetime | None
    evidence: bytes
    body: bytes
    prev_hash: bytes


def event_hash(fields: EventFields) -> bytes:
    """Return the SHA-256 [32 bytes] that the database gave an event with these fields."""
    return _hash(EVENT_TAG, *(getattr(fields, name) for name in HASHED_COLUMNS))


def genesis_hash(*, id: UUID, kind: str, clock_offset_s: int, created_at: datetime) -> bytes:  # noqa: A002
    """Return the SHA-256 [32 bytes] that is the `prev_hash` of the first event of every case of an installation."""
    return _hash(INSTALLATION_TAG, id, kind, clock_offset_s, created_at)


def _hash(tag: bytes, *fields: Field) -> bytes:
    return hashlib.sha256(tag + b"".join(map(_field, fields))).digest()


def _field(value: Field) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    encoded = _encoded(value)
    return struct.pack(">i", len(encoded)) + encoded


def _encoded(value: UUID | int | str | datetime | bytes) -> bytes:
    match value:
        case UUID():
            return value.bytes
        case int():
            return struct.pack(">q", value)
        case str():
            return value.encode()
        case datetime():
            return struct.pack(">q", (value - EPOCH) // MICROSECOND)
        case _:
            return bytes(value)
