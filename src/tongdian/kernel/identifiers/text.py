"""Cleaning and character checks that all identifiers share."""

import unicodedata
from collections.abc import Collection

from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier, Kind

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def clean(text: str) -> str:
    """Return text as typed by people in standard form: full-width to half-width, upper case, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def without_separators(text: str) -> str:
    """Clean text and drop blanks, hyphens and dashes between groups."""
    return "".join(one for one in clean(text) if one not in " \t-‐‑–—_")


def require_length(kind: Kind, value: str, length: int) -> None:
    """Raise InvalidIdentifier (length) unless the value has `length` characters."""
    if len(value) != length:
        raise InvalidIdentifier(Fault(kind, "length", str(length), value))


def require_characters(
    kind: Kind, value: str, *, start: int, end: int, allowed: Collection[str], expected: str
) -> None:
    """Raise InvalidIdentifier (character) at the first of the characters `start` to `end` (from 1) not allowed."""
    for position in range(start, end + 1):
        if value[position - 1] not in allowed:
            raise InvalidIdentifier(Fault(kind, "character", expected, value, position))


def require_check(kind: Kind, value: str, expected: str) -> None:
    """Raise InvalidIdentifier (check_digit) unless the last character is the expected check character."""
    if value[-1] != expected:
        raise InvalidIdentifier(Fault(kind, "check_digit", expected, value, len(value)))
