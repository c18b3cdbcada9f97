"""Turn an event's body into exact bytes, and back.

A body is one version byte followed by canonical JSON (RFC 8785). The profile is stricter than the RFC so that
no two programs can read one body differently: no floats, no duplicate or non-ASCII keys, no NUL characters,
integers within ±(2^53 − 1), instants as UTC text with six decimals.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

VERSION = b"\x01"
KEY = re.compile(r"[a-z][a-z0-9_]*")
LARGEST_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """The value has no canonical form, or the bytes are not in it; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'body'}: {reason}")
        self.path, self.reason = path, reason


def canonical(body: Mapping[str, object]) -> bytes:
    """Return the body's exact bytes: a version byte, then canonical JSON.

    Aware datetimes become UTC text with microseconds, dates ISO text, Decimals and UUIDs text.

    Raises NotCanonical for a float, a naive datetime, an integer beyond ±(2^53 − 1), a key that is not
    lower-case ASCII (`a-z`, digits, `_`), a NUL or a lone surrogate in a text, or any other type.
    """
    return VERSION + rfc8785.dumps(_plain_mapping(body, path=""))


def parse(encoded: bytes) -> dict[str, Any]:
    """Return the body of canonical bytes.

    Raises NotCanonical when the version byte is unknown, the rest is no JSON object, or encoding it again
    would give other bytes.
    """
    if encoded[:1] != VERSION:
        raise NotCanonical("", f"version byte {encoded[:1].hex() or 'missing'} is unknown, expected {VERSION.hex()}")
    try:
        body = json.loads(encoded[1:])
    except ValueError as error:
        raise NotCanonical("", f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise NotCanonical("", "not a JSON object")
    if canonical(body) != encoded:
        raise NotCanonical("", "not in canonical form")
    return body


def instant(moment: datetime) -> str:
    """Return an aware instant as UTC text with six decimals, `2026-01-01T00:00:00.000000Z`.

    Raises ValueError when the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; use an aware datetime")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _plain_mapping(value: Mapping[str, object], *, path: str) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        here = f"{path}.{key}" if path else str(key)
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise NotCanonical(here, "a key is lower-case ASCII letters, digits and underscores")
        plain[key] = _plain(item, path=here)
    return plain


def _plain(value: object, *, path: str) -> Any:
    if isinstance(value, Mapping):
        return _plain_mapping(value, path=path)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_plain(item, path=f"{path}[{number}]") for number, item in enumerate(value)]
    return _plain_scalar(value, path=path)


def _plain_scalar(value: object, *, path: str) -> Any:
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= LARGEST_INTEGER:
            return int(value)
        case str():
            return _plain_text(value, path=path)
        case datetime() if value.tzinfo is None:
            raise NotCanonical(path, "a datetime without a time zone; use an aware one")
    return _plain_text(_as_text(value, path=path), path=path)


def _as_text(value: object, *, path: str) -> str:
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Decimal() if value.is_finite():
            return format(value, "f")
        case UUID():
            return str(value)
    raise NotCanonical(path, f"{type(value).__name__} {value!r} has no exact form; use integers, texts or Decimals")


def _plain_text(value: str, *, path: str) -> str:
    if "\0" in value:
        raise NotCanonical(path, "a text with a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(path, "a text with a lone surrogate") from error
    return str(value)
