"""Signed notes and the checkpoints written in them (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

A note is text, an empty line, then signature lines `— <name> <base64(key id ‖ signature)>`. A checkpoint is a note
whose text begins with three lines (origin, size, base64 root) and may go on with lines of our own.
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
LINE = re.compile(r"— (\S+) (\S+)")


class MalformedNote(ValueError):
    """The text is not a signed note, a checkpoint or a verifier key; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a signed checkpoint: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class VerifierKey:
    """A name and an Ed25519 public key [32 bytes], as `name+id+key`; `algorithm` tells logs from witnesses."""

    name: str
    public_key: bytes
    algorithm: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.algorithm + self.public_key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.algorithm + self.public_key).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a key written as `name+id+key`.

        Raises MalformedNote when the form, the algorithm or the id is wrong.
        """
        name, _, rest = text.strip().partition("+")
        stated_id, _, encoded = rest.partition("+")
        material = _base64(encoded, what="the key")
        if len(material) != 33 or material[:1] not in {ED25519, COSIGNATURE}:
            raise MalformedNote("the key is not an Ed25519 key of a log or a witness")
        key = cls(name, material[1:], material[:1])
        if key.key_id.hex() != stated_id:
            raise MalformedNote(f"the key id {stated_id!r} does not belong to the key")
        return key


@dataclass(frozen=True)
class SignatureLine:
    """One signature: the name, the key id [4 bytes], and what the key's algorithm put after it."""

    name: str
    key_id: bytes
    payload: bytes

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.key_id + self.payload).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text (ending in a newline) and its signatures."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, whole: str) -> "Note":
        """Read a note.

        Raises MalformedNote when there is no empty line before the signatures, or no or a broken signature line.
        """
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise MalformedNote("no empty line before the signatures, or no newline at the end")
        return cls(text + "\n", tuple(parse_signatures(lines)))


@dataclass(frozen=True)
class Head:
    """What a checkpoint states: the log's name, its size [leaves], its root [32 bytes], and further lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read a checkpoint's text.

        Raises MalformedNote when it has fewer than three lines, or a size or a root that is none.
        """
        origin, size, root, *extensions = [*text.split("\n")[:-1], "", "", ""]
        if not origin or not re.fullmatch(r"0|[1-9]\d*", size):
            raise MalformedNote("the text does not begin with an origin and a size")
        digest = _base64(root, what="the root")
        if len(digest) != 32:
            raise MalformedNote("the root is not 32 bytes")
        return cls(origin, int(size), digest, tuple(extensions[:-3]))


def parse_signatures(lines: str) -> list[SignatureLine]:
    """Read signature lines, each ending in a newline.

    Raises MalformedNote when there is none, or one is broken.
    """
    found = [_signature(line) for line in lines.split("\n")[:-1]]
    if not found:
        raise MalformedNote("no signature")
    return found


def sign(text: str, *, name: str, key: Ed25519PrivateKey) -> SignatureLine:
    """Sign a note's text with a log's key."""
    return SignatureLine(name, verifier_key(name, key).key_id, key.sign(text.encode()))


def cosign(text: str, *, name: str, key: Ed25519PrivateKey, timestamp: int) -> SignatureLine:
    """Sign a checkpoint's text as a witness that saw it at `timestamp` [s since 1970]."""
    signature = key.sign(_cosigned(text, timestamp))
    return SignatureLine(
        name, verifier_key(name, key, algorithm=COSIGNATURE).key_id, struct.pack(">Q", timestamp) + signature
    )


def verifier_key(name: str, key: Ed25519PrivateKey, *, algorithm: bytes = ED25519) -> VerifierKey:
    """Return the public half of a key under a name."""
    return VerifierKey(name, key.public_key().public_bytes_raw(), algorithm)


def is_signed_by(note: Note, key: VerifierKey) -> bool:
    """Say whether the note carries a valid signature (or cosignature) of the key."""
    return any(_is_valid(note.text, line, key) for line in note.signatures)


def cosigned_timestamp(line: SignatureLine) -> int:
    """Return when a witness says it saw the checkpoint [s since 1970]; of a log's own signature it means nothing."""
    return int.from_bytes(line.payload[:8], "big")


def _is_valid(text: str, line: SignatureLine, key: VerifierKey) -> bool:
    if (line.name, line.key_id) != (key.name, key.key_id):
        return False
    message, signature = text.encode(), line.payload
    if key.algorithm == COSIGNATURE:
        message, signature = _cosigned(text, cosigned_timestamp(line)), line.payload[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _cosigned(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def _signature(line: str) -> SignatureLine:
    match = LINE.fullmatch(line)
    if match is None:
        raise MalformedNote(f"broken signature line {line!r}")
    blob = _base64(match[2], what="a signature")
    if len(blob) < 5:
        raise MalformedNote(f"broken signature line {line!r}")
    return SignatureLine(match[1], blob[:4], blob[4:])


def _base64(encoded: str, *, what: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise MalformedNote(f"{what} is not base64") from error
