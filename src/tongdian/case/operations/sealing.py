"""Seal the timeline: put new events into the Merkle tree and sign what it has become.

Any number of sealers may run, and be killed, at any moment: one transaction under one lock takes what is pending,
adds the leaves and the checkpoint, or does nothing.
"""

from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from tongdian.case.models import Checkpoint, Installation, LogKey, Node
from tongdian.case.queries.timeline import installation_clock
from tongdian.case.queries.tree import latest_checkpoint, origin, read_hashes, tree_size
from tongdian.case.timeline.canonical import instant
from tongdian.kernel import merkle
from tongdian.kernel.signed_note import Head, Note, sign, verifier_key

# One number for all sealers of a database: "seal" in ASCII.
SEALERS = 0x7365616C
# Leaves read at a time while tiles are closed: 64 tiles, half a megabyte of hashes.
TILES_AT_ONCE = 64

FIRST_BROKEN = """
SELECT e.case_id, e.seq, p.event_id FROM case_pending p LEFT JOIN case_event e ON e.id = p.event_id
WHERE e.id IS NULL OR case_event_hash(e) <> e.hash ORDER BY p.event_id LIMIT 1
"""
TAKE = """
WITH taken AS (DELETE FROM case_pending RETURNING event_id)
INSERT INTO case_leaf (index, event_id, hash)
SELECT %s + row_number() OVER (ORDER BY e.recorded_at, e.case_id, e.seq) - 1, e.id, sha256('\\x00'::bytea || e.hash)
FROM taken JOIN case_event e ON e.id = taken.event_id
"""


class SealRefused(RuntimeError):
    """What is stored is not what was appended or sealed, so nothing is signed; `what` names the row."""

    def __init__(self, what: str) -> None:
        super().__init__(f"nothing was sealed: {what}; run tongdian verify and find out who changed the database")
        self.what = what


def seal(keys: Sequence[Ed25519PrivateKey]) -> Checkpoint | None:
    """Put every pending event into the tree, sign a checkpoint with each key, and return it; None if none pends.

    The first key is the current one; further ones are signed with while a key is being rotated. The checkpoint
    still has to be shown to the witnesses (`witnessing.present`).

    Raises SealRefused when a pending event was changed or removed since it was appended, or the leaves no longer
    give the root of the last checkpoint; ValueError without a key.
    """
    if not keys:
        raise ValueError("no key to sign with: set TONGDIAN_LOG_KEY")
    with transaction.atomic():
        _wait_for_other_sealers()
        old_size = tree_size()
        _check_before(old_size)
        if not _take_pending(old_size):
            return None
        size = tree_size()
        _close_tiles(old_size, size)
        return _sign(size, keys)


def _wait_for_other_sealers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])


def _check_before(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_BROKEN)
        if broken := cursor.fetchone():
            raise SealRefused(f"case {broken[0]}, seq {broken[1]} (event {broken[2]}) is not what was appended")
    checkpoint = latest_checkpoint()
    sealed = checkpoint.size if checkpoint else 0
    if sealed != size:
        raise SealRefused(f"the tree has {size} leaves, the last checkpoint {sealed}")
    if checkpoint and merkle.root(size, read_hashes) != bytes(checkpoint.root):
        raise SealRefused(f"the leaves do not give the root of the checkpoint of {size} leaves")


def _take_pending(old_size: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [old_size])
        taken: int = cursor.rowcount
    return taken


def _close_tiles(old_size: int, size: int) -> None:
    level = 1
    while (stop := size >> (level * merkle.TILE_BITS)) > (start := old_size >> (level * merkle.TILE_BITS)):
        Node.objects.bulk_create(_nodes(level, start, stop), batch_size=5000)
        level += 1


def _nodes(level: int, start: int, stop: int) -> Iterator[Node]:
    for first in range(start, stop, TILES_AT_ONCE):
        last = min(first + TILES_AT_ONCE, stop)
        below = read_hashes(level - 1, first * merkle.TILE, last * merkle.TILE)
        for index in range(first, last):
            at = (index - first) * merkle.TILE
            yield Node(level=level, index=index, hash=merkle.fold(below[at : at + merkle.TILE]))


def _sign(size: int, keys: Sequence[Ed25519PrivateKey]) -> Checkpoint:
    installation, name, clock = Installation.objects.get(), origin(), installation_clock()
    root = merkle.root(size, read_hashes)
    extensions = (
        f"installation {installation.id} {installation.kind}",
        f"genesis {bytes(installation.genesis_hash).hex()}",
        f"clock-offset {clock.offset_s}",
        f"time {instant(clock.now)}",
    )
    text = str(Head(name, size, root, extensions))
    _remember(name, keys)
    return Checkpoint.objects.create(
        size=size,
        root=root,
        sealed_at=clock.now,
        clock_offset_s=clock.offset_s,
        key_id=verifier_key(name, keys[0]).key_id.hex(),
        note=str(Note(text, tuple(sign(text, name=name, key=key) for key in keys))),
    )


def _remember(name: str, keys: Sequence[Ed25519PrivateKey]) -> None:
    public = [verifier_key(name, key) for key in keys]
    LogKey.objects.bulk_create(
        [LogKey(name=name, key_id=key.key_id.hex(), public_key=key.public_key) for key in public],
        ignore_conflicts=True,
    )
