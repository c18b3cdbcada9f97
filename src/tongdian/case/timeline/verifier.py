#!/usr/bin/env python3
"""Check a Tongdian timeline or receipt with nothing but Python 3.9 or later.

    python verifier.py TIMELINE.jsonl CHECKPOINT.txt --key LOG_KEY [--witness-key WITNESS_KEY …]
    python verifier.py RECEIPT.json --key LOG_KEY [--witness-key WITNESS_KEY …]

It shares no code with the platform. Take the keys from somewhere the platform cannot change: a printed receipt, the
regulator's page, the witness itself. Ends with 0 when everything holds, 1 with the first row that does not,
2 when it could not look (a file is missing or has another form).

What is computed (all hashes are SHA-256, all integers big-endian):
  event      hash("tongdian:event:1\\n" + fields), each field a 4-byte length (-1 for null) and its value; the last
             field is the hash of the event before it, or the installation's genesis hash
  leaf       hash(0x00 + event hash); inner nodes hash(0x01 + left + right), the tree of RFC 6962
  checkpoint a C2SP signed note: origin, size, root; Ed25519 signatures of the log and of outside witnesses
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import struct
import sys
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

EVENT_TAG = b"tongdian:event:1\n"
INSTALLATION_TAG = b"tongdian:installation:1\n"
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - both ends of the subtraction are UTC without saying so
WITNESS = 4

Fields = tuple[tuple[str, Callable[[Any], bytes]], ...]
Row = dict[str, Any]
Key = tuple[str, bytes, int, bytes]
Point = tuple[int, int, int, int]


class Fault(Exception):
    """Something does not hold."""


class Unreadable(Exception):
    """A file is not of the expected form."""


# --- fields -----------------------------------------------------------------------------------------------------------


def as_uuid(value: str) -> bytes:
    return uuid.UUID(value).bytes


def as_integer(value: int) -> bytes:
    return struct.pack(">q", value)


def as_text(value: str) -> bytes:
    return value.encode("utf-8")


def as_instant(value: str) -> bytes:
    moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ") - EPOCH  # noqa: DTZ007
    return struct.pack(">q", (moment.days * 86400 + moment.seconds) * 1000000 + moment.microseconds)


def as_hex(value: str) -> bytes:
    return bytes.fromhex(value)


def as_body(value: str) -> bytes:
    return b"\x01" + value.encode("utf-8")


EVENT_FIELDS: Fields = (
    ("case_id", as_uuid),
    ("seq", as_integer),
    ("kind", as_text),
    ("actor_id", as_integer),
    ("role", as_text),
    ("organisation_id", as_integer),
    ("channel", as_text),
    ("occurred_at", as_instant),
    ("recorded_at", as_instant),
    ("clock_offset_s", as_integer),
    ("source_system", as_text),
    ("source_event_id", as_text),
    ("source_recorded_at", as_instant),
    ("evidence", as_hex),
    ("body", as_body),
    ("prev_hash", as_hex),
)
INSTALLATION_FIELDS: Fields = (
    ("id", as_uuid),
    ("kind", as_text),
    ("clock_offset_s", as_integer),
    ("created_at", as_instant),
)


def hash_of(tag: bytes, row: Row, fields: Fields) -> bytes:
    parts = [tag]
    for name, encode in fields:
        value = row[name]
        encoded = None if value is None else encode(value)
        parts.append(struct.pack(">i", -1) if encoded is None else struct.pack(">i", len(encoded)) + encoded)
    return hashlib.sha256(b"".join(parts)).digest()


# --- tree (RFC 6962, checks of RFC 9162) ------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: bytearray) -> bytes:
    """Root over 32-byte hashes joined in one bytearray; an odd last one moves up unhashed, as the RFC splits."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 32:
        paired = len(hashes) // 64 * 64
        above = bytearray()
        for at in range(0, paired, 64):
            above += hashlib.sha256(b"\x01" + hashes[at : at + 64]).digest()
        hashes = above + hashes[paired:]
    return bytes(hashes)


def root_from_proof(leaf: bytes, *, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """Root that an inclusion proof leads to, or None when the proof has the wrong length."""
    position, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if position % 2 or position == last:
            reached = node_hash(sibling, reached)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            reached = node_hash(reached, sibling)
        position, last = position // 2, last // 2
    return reached if last == 0 else None


# --- Ed25519 verification (RFC 8032 §5.1, §6) -------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a: Point, b: Point) -> Point:
    """Sum of two points in extended coordinates (x·z, y·z, z, x·y·z)."""
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = high - low, d - c, d + c, high + low
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(factor: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def is_same_point(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(encoded: bytes) -> Point | None:
    """Point of 32 bytes (y and the sign of x), or None when there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE: Point = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))  # type: ignore[assignment]


def is_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = point_of(public_key), point_of(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or factor >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    return is_same_point(multiply(factor, BASE), add(commitment, multiply(challenge, key)))


# --- checkpoint -------------------------------------------------------------------------------------------------------


def parse_key(text: str) -> Key:
    """Key written as name+id+base64(algorithm byte, 32 bytes): (name, id, algorithm, public key)."""
    name, _, rest = text.strip().partition("+")
    stated, _, encoded = rest.partition("+")
    material = base64.b64decode(encoded)
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if len(material) != 33 or key_id.hex() != stated:
        raise Unreadable(f"not a verifier key (name+id+key): {text}")
    return name, key_id, material[0], material[1:]


def signed_message(algorithm: int, text: str, payload: bytes) -> tuple[bytes, bytes]:
    if algorithm == WITNESS:
        stamp = int.from_bytes(payload[:8], "big")
        return f"cosignature/v1\ntime {stamp}\n{text}".encode(), payload[8:]
    return text.encode(), payload


def is_signed(text: str, lines: list[str], key: Key) -> bool:
    name, key_id, algorithm, public_key = key
    for line in lines:
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or words[1] != name:
            continue
        blob = base64.b64decode(words[2])
        message, signature = signed_message(algorithm, text, blob[4:])
        if blob[:4] == key_id and is_signature(public_key, signature, message):
            return True
    return False


def read_checkpoint(note: str, keys: list[Key]) -> Row:
    """Check the signatures and return what the checkpoint states."""
    text, gap, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not lines[1].isdigit():
        raise Unreadable("the checkpoint is not a signed note of origin, size and root")
    for key in keys:
        if not is_signed(text + "\n", signatures.split("\n"), key):
            raise Fault(f"checkpoint: no valid signature of {key[0]}")
    facts = dict(line.partition(" ")[::2] for line in lines[3:])
    return {"origin": lines[0], "size": int(lines[1]), "root": base64.b64decode(lines[2]), **facts}


# --- timeline ---------------------------------------------------------------------------------------------------------


def check_installation(installation: Row, checkpoint: Row) -> bytes:
    genesis = hash_of(INSTALLATION_TAG, installation, INSTALLATION_FIELDS)
    if checkpoint["origin"] != "tongdian/" + installation["id"] or checkpoint.get("genesis") != genesis.hex():
        raise Fault("installation: the checkpoint is of another installation, or its kind or creation was changed")
    return genesis


def check_events(rows: Iterable[Row], header: Row, checkpoint: Row, genesis: bytes) -> tuple[int, int]:
    """Check each event's hash and link and its place in the tree; rows are in the order of case, then seq."""
    leaves = bytearray(checkpoint["size"] * 32) if header["is_whole"] else None
    case, seq, last, total, sealed = "", 0, genesis, 0, 0
    for row in rows:
        if row["case_id"] != case:
            case, seq, last = row["case_id"], 0, genesis
        seq += 1
        last = check_event(row, seq, last)
        total += 1
        if row["leaf_index"] is not None and row["leaf_index"] < checkpoint["size"]:
            check_leaf(row, last, checkpoint, leaves)
            sealed += 1
    if leaves is not None and (sealed != checkpoint["size"] or root_of(leaves) != checkpoint["root"]):
        found = f"{sealed} of the checkpoint's {checkpoint['size']} leaves are here"
        raise Fault(f"tree: {found} and do not give its root: events were removed or replaced")
    return total, sealed


def check_event(row: Row, seq: int, previous: bytes) -> bytes:
    place = f"case {row['case_id']}, seq {row['seq']}"
    if row["seq"] != seq:
        raise Fault(f"{place}, seq: expected {seq}: events are missing or out of order")
    computed = hash_of(EVENT_TAG, row, EVENT_FIELDS)
    if computed.hex() != row["hash"]:
        raise Fault(f"{place}, hash: a field is not what was hashed when the event was recorded")
    if row["prev_hash"] != previous.hex():
        raise Fault(f"{place}, prev_hash: does not continue the event before it")
    return computed


def check_leaf(row: Row, event_hash: bytes, checkpoint: Row, leaves: bytearray | None) -> None:
    leaf, index = leaf_hash(event_hash), row["leaf_index"]
    if leaves is not None:
        leaves[index * 32 : index * 32 + 32] = leaf
        return
    proof = [bytes.fromhex(step) for step in row["proof"]]
    if root_from_proof(leaf, index=index, size=checkpoint["size"], proof=proof) != checkpoint["root"]:
        raise Fault(f"case {row['case_id']}, seq {row['seq']}, proof: the event is not in the checkpoint's tree")


def check_timeline(lines: Iterable[str], header: Row, note: str, keys: list[Key]) -> tuple[str, Row]:
    checkpoint = read_checkpoint(note, keys)
    genesis = check_installation(header["installation"], checkpoint)
    rows = (json.loads(line) for line in lines if line.strip())
    total, sealed = check_events(rows, header, checkpoint, genesis)
    waiting = "" if sealed == total else f"; {total - sealed} not in this checkpoint yet"
    return f"{total} events hold{waiting}", checkpoint


def check_receipt(receipt: Row, keys: list[Key]) -> tuple[str, Row]:
    checkpoint = read_checkpoint(receipt["checkpoint"], keys)
    leaf, proof = leaf_hash(bytes.fromhex(receipt["event_hash"])), [bytes.fromhex(step) for step in receipt["proof"]]
    if root_from_proof(leaf, index=receipt["leaf_index"], size=checkpoint["size"], proof=proof) != checkpoint["root"]:
        raise Fault("receipt, proof: the event is not in the checkpoint's tree")
    return f"case {receipt['case_id']}, event {receipt['seq']} was recorded and is in the tree", checkpoint


def check(arguments: argparse.Namespace, keys: list[Key]) -> tuple[str, Row]:
    with open(arguments.file, encoding="utf-8") as file:  # noqa: PTH123
        head = json.loads(file.readline())
        if head.get("format") == "tongdian-receipt-1":
            return check_receipt(head, keys)
        if head.get("format") != "tongdian-timeline-1" or not arguments.checkpoint:
            raise Unreadable("expected a receipt, or an exported timeline and its checkpoint")
        with open(arguments.checkpoint, encoding="utf-8") as note:  # noqa: PTH123
            return check_timeline(file, head, note.read(), keys)


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check a Tongdian timeline or receipt.")
    parser.add_argument("file", help="exported timeline (.jsonl) or receipt (.json)")
    parser.add_argument("checkpoint", nargs="?", help="signed checkpoint, for a timeline")
    parser.add_argument("--key", action="append", default=[], help="the log's key, name+id+key")
    parser.add_argument("--witness-key", action="append", default=[], help="a witness's key, name+id+key")
    arguments = parser.parse_args(given)
    try:
        keys = [parse_key(text) for text in arguments.key + arguments.witness_key]
        result, checkpoint = check(arguments, keys)
    except Fault as fault:
        sys.stdout.write(f"BROKEN  {fault}\n")
        return 1
    except (Unreadable, OSError, ValueError, KeyError, TypeError) as error:
        sys.stdout.write(f"UNREAD  {type(error).__name__}: {error}\n")
        return 2
    stated = ", ".join(f"{name} {checkpoint.get(name)}" for name in ("size", "installation", "clock-offset", "time"))
    sys.stdout.write(f"HOLDS   {result}\n        checkpoint: {stated}\n")
    if not keys:
        sys.stdout.write("        NO KEY GIVEN: the signatures were not checked; give --key\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
