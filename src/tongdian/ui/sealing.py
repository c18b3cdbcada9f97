"""Seals short texts: AES-256-GCM under a ring of named keys, and keyed look-up digests.

A sealed value is `version ‖ length of key id ‖ key id ‖ nonce (12 bytes) ‖ ciphertext and tag`, so that a value
names the key it needs. The first key of the ring seals, every key of the ring opens: rotation is adding a key in
front, re-sealing, and removing the old key.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = 1
NONCE_BYTES = 12
MIN_SECRET_CHARACTERS = 32


class InvalidKeyRing(ValueError):
    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(f"key ring entry {entry!r}: {reason}; write it as id:secret,id:secret, the newest first")
        self.entry, self.reason = entry, reason


class UnknownKey(LookupError):
    def __init__(self, key_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f"value is sealed with key {key_id!r}, the ring holds {', '.join(known)}; add the old key")
        self.key_id, self.known = key_id, known


class CannotOpen(ValueError):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"sealed value of {place} cannot be opened: {reason}")
        self.place, self.reason = place, reason


@lru_cache(maxsize=8)
def ring(text: str) -> dict[str, str]:
    """Read a key ring from `id:secret,id:secret`; a bare secret is the only key and is named k1.

    Raises InvalidKeyRing when an id is repeated, empty, not ASCII or longer than 20 characters,
    or a secret is shorter than 32 characters.
    """
    if ":" not in text:
        text = f"k1:{text}"
    keys: dict[str, str] = {}
    for entry in text.split(","):
        key_id, _, secret = entry.strip().partition(":")
        if not key_id.isascii() or not 1 <= len(key_id) <= 20 or key_id in keys:
            raise InvalidKeyRing(key_id, "an id has 1 to 20 ASCII characters and stands once")
        if len(secret) < MIN_SECRET_CHARACTERS:
            raise InvalidKeyRing(key_id, f"its secret is shorter than {MIN_SECRET_CHARACTERS} characters")
        keys[key_id] = secret
    return keys


def current_key_id() -> str:
    """Return the id of the key that seals."""
    return next(iter(ring(settings.FIELD_KEYS)))


def seal(text: str, *, place: str) -> bytes:
    """Seal a text with the current key, bound to its place so that it opens nowhere else."""
    key_id = current_key_id()
    header = bytes([VERSION, len(key_id)]) + key_id.encode()
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + _cipher(key_id).encrypt(nonce, text.encode(), header + place.encode())


def open_sealed(token: bytes, *, place: str) -> str:
    """Open a sealed value.

    Raises UnknownKey when its key is not in the ring; CannotOpen when the value was changed,
    belongs to another place, or was sealed by another secret under the same id.
    """
    key_id = key_of(token, place=place)
    body = 2 + len(key_id)
    header, nonce, ciphertext = token[:body], token[body : body + NONCE_BYTES], token[body + NONCE_BYTES :]
    try:
        return _cipher(key_id).decrypt(nonce, ciphertext, header + place.encode()).decode()
    except InvalidTag as error:
        raise CannotOpen(place, "it was changed, moved, or sealed by another key") from error


def key_of(token: bytes, *, place: str) -> str:
    """Read the id of the key a value is sealed with.

    Raises CannotOpen when the value has no such header.
    """
    if len(token) < 2 + NONCE_BYTES or token[0] != VERSION or len(token) < 2 + token[1] + NONCE_BYTES:
        raise CannotOpen(place, "it is not a sealed value")
    return token[2 : 2 + token[1]].decode("latin-1")


def digest(text: str, *, place: str) -> bytes:
    """Digest a text for equality look-up [32 bytes]; equal texts in two places differ."""
    return hmac.new(settings.LOOKUP_KEY.encode(), f"{place}\x00{text}".encode(), hashlib.sha256).digest()


def _cipher(key_id: str) -> AESGCM:
    keys = ring(settings.FIELD_KEYS)
    if key_id not in keys:
        raise UnknownKey(key_id, tuple(keys))
    return _derived(key_id, keys[key_id])


@lru_cache(maxsize=32)
def _derived(key_id: str, secret: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tongdian field " + key_id.encode())
    return AESGCM(derive.derive(secret.encode()))
