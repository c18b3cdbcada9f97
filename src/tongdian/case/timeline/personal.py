"""Keep personal data out of events: an event cannot be erased, a person's data must be.

An event refers to rows by id and to values by salted commitment; the values live in rows that can be erased.
The check cannot understand text; it refuses the keys and the shapes that personal data usually has.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

SALT_BYTES = 32

# Words of keys that name a person's data. A key may still end in what makes it harmless (`HARMLESS_ENDINGS`).
PERSONAL_WORDS = frozenset(
    (
        *("name", "surname", "phone", "mobile", "tel", "telephone", "fax", "email", "mail", "wechat", "qq"),
        *("address", "contact", "person", "applicant", "identity", "idcard", "passport", "licence", "photo"),
        *("birth", "birthday", "gender", "sex", "age", "bank", "iban", "account", "face", "password"),
    )
)
PERSONAL_KEYS = frozenset({"id_number", "id_no", "id_card", "card_number", "credit_code"})
HARMLESS_ENDINGS = ("_id", "_ids", "_commitment", "_hash", "_hashes", "_kind", "_code", "_count", "_at", "_date")
# Keys that contain such a word and mean no person's data.
ALLOWED_KEYS = frozenset({"stage_name", "account_manager"})

PERSONAL_SHAPES = (
    ("a mobile number", re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d{9}(?![0-9A-Za-z])")),
    ("a resident identity number", re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")),
    ("an e-mail address", re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")),
)


# Numbers of things: one may well look like a mobile number.
SHAPELESS_KEYS = frozenset({"meter_number"})


class PersonalData(ValueError):
    """The body of an event names or contains personal data; `path` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}; refer to a row by id or use a commitment")
        self.path, self.reason = path, reason


class Commitment(NamedTuple):
    """A value's salted hash, and the salt that opens it. The salt belongs into a row that can be erased."""

    commitment: str
    salt: bytes


def refuse_personal(body: Mapping[str, object]) -> None:
    """Check that a body holds no personal data.

    Raises PersonalData when a key names a person's data (name, phone, address, id number …) and is not on the list of
    harmless ones, or a text contains a mobile number, a resident identity number or an e-mail address.
    """
    for path, key, value in _leaves(body, path=""):
        if is_personal_key(key):
            raise PersonalData(path, "the key names personal data")
        if isinstance(value, str) and key not in SHAPELESS_KEYS:
            _refuse_shape(value, path=path)


def is_personal_key(key: str) -> bool:
    """Say whether a key names a person's data."""
    if key in PERSONAL_KEYS:
        return True
    if key in ALLOWED_KEYS or key.endswith(HARMLESS_ENDINGS):
        return False
    return not PERSONAL_WORDS.isdisjoint(key.split("_"))


def commitment(value: str, salt: bytes | None = None) -> Commitment:
    """Commit to a value without revealing it: HMAC-SHA-256 under a random salt [32 bytes] that can be erased."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    return Commitment(hmac.new(salt, value.encode(), hashlib.sha256).hexdigest(), salt)


def opens(committed: str, *, value: str, salt: bytes) -> bool:
    """Say whether the value and salt are those that were committed to."""
    return hmac.compare_digest(committed, commitment(value, salt).commitment)


def _leaves(value: object, *, path: str, key: str = "") -> Iterator[tuple[str, str, object]]:
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _leaves(item, path=f"{path}.{inner}" if path else str(inner), key=str(inner))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for number, item in enumerate(value):
            yield from _leaves(item, path=f"{path}[{number}]", key=key)
    yield path, key, value


def _refuse_shape(text: str, *, path: str) -> None:
    for what, shape in PERSONAL_SHAPES:
        if shape.search(text):
            raise PersonalData(path, f"the text contains {what}")
