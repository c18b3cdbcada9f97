"""Seals short texts: AES-256-GCM under a ring of named keys, and keyed look-up digests.

A sealed value is `version ‖ length of key id ‖ key id ‖ nonce (12 bytes) ‖ ciphertext and tag`, so that a value
names the key it needs. The first key of the ring seals, every key of the ring opens: rotation is adding a key in
front, re-sealing, and removing the old key.

A digest is `HMAC-SHA-256 ‖ key id`; of the key k1 it is the HMAC alone, as it was when there was only one key. The
first key of its ring writes, a look-up asks under every key.
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
# How a bare secret is called.
FIRST_KEY = "k1"


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
    entries = text.split(",") if ":" in text else [f"{FIRST_KEY}:{text}"]
    keys: dict[str, str] = {}
    for entry in entries:
        key_id, _, secret = entry.strip().partition(":")
        if not key_id.isascii() or not 1 <= len(key_id) <= 20 or key_id in keys:
            raise InvalidKeyRing(key_id, "an id has 1 to 20 ASCII characters and stands once")
        if len(secret) < MIN_SECRET_CHARACTERS:
            raise InvalidKeyRing(key_id, f"its secret is shorter than {MIN_SECRET_CHARACTERS} characters")
        keys[key_id] = secret
    return keys


def fingerprints(text: str) -> dict[str, str]:
    """Return what tells each key of a ring from another without telling the key: 16 hex digits per id.

    Raises InvalidKeyRing as `ring` does.
    """
    tag = b"tongdian key fingerprint"
    return {
        key_id: hmac.new(secret.encode(), tag, hashlib.sha256).hexdigest()[:16] for key_id, secret in ring(text).items()
    }


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
    """Digest a text for equality look-up with the current key; equal texts in two places differ."""
    return digests(text, place=place)[0]


def digests(text: str, *, place: str) -> list[bytes]:
    """Digest a text under every key of the look-up ring, the current one first: what a stored digest may be."""
    said = f"{place}\x00{text}".encode()
    return [
        hmac.new(secret.encode(), said, hashlib.sha256).digest() + (b"" if key_id == FIRST_KEY else key_id.encode())
        for key_id, secret in ring(settings.LOOKUP_KEY).items()
    ]


def current_lookup_key_id() -> str:
    """Return the id of the key that digests."""
    return next(iter(ring(settings.LOOKUP_KEY)))


def _cipher(key_id: str) -> AESGCM:
    keys = ring(settings.FIELD_KEYS)
    if key_id not in keys:
        raise UnknownKey(key_id, tuple(keys))
    return _derived(key_id, keys[key_id])


@lru_cache(maxsize=32)
def _derived(key_id: str, secret: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tongdian field " + key_id.encode())
    return AESGCM(derive.derive(secret.encode()))
