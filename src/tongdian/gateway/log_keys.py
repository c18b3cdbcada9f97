"""The keys that sign checkpoints and the witnesses that see them, as the settings name them."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tongdian.gateway.witness import Witness, fetch_key, introduce
from tongdian.kernel.signed_note import VerifierKey, verifier_key

SEED_TAG = b"tongdian:log-key:1\n"


def signing_keys() -> list[Ed25519PrivateKey]:
    """Return the current key and, while it is being rotated, the previous one."""
    return [_key(secret) for secret in (settings.LOG_KEY, settings.LOG_KEY_PREVIOUS) if secret]


def witnesses(log_name: str) -> list[Witness]:
    """Return the witnesses of the settings. A stand-in (no key given) is asked for its key and told ours: HTTP.

    Raises MalformedNote when a key is broken; WitnessUnreachable and WitnessRefused as a stand-in answers.
    """
    return [_witness(entry, log_name) for entry in settings.WITNESSES]


def _witness(entry: str, log_name: str) -> Witness:
    url, _, key = entry.partition(" ")
    if key:
        return Witness(url, VerifierKey.parse(key))
    introduce(url, verifier_key(log_name, signing_keys()[0]))
    return Witness(url, fetch_key(url))


def _key(secret: str) -> Ed25519PrivateKey:
    # The secret may be of any length and form; a hash of it under a tag of its own is a seed for this use only.
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(SEED_TAG + secret.encode()).digest())
