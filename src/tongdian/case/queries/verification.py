"""Prove the whole timeline from its rows, or name the first row that is not what was written.

Two streams, neither kept in memory: the events in the order of their chains, and the leaves in the order of the tree.
The database only delivers bytes; every hash is computed here. In memory stay 32 bytes per 256 leaves and one root per
checkpoint. All of it reads one snapshot, so people may go on working.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from tongdian.case.models import Checkpoint, Installation, Leaf, LogKey, Node
from tongdian.case.queries.tree import origin
from tongdian.case.timeline.hashing import EVENT_TAG, HASHED_COLUMNS, genesis_hash
from tongdian.kernel.merkle import TILE, TILE_BITS, Frontier, leaf_hash
from tongdian.kernel.signed_note import Head, MalformedNote, Note, VerifierKey, is_signed_by

# Rows between two calls of `on_progress`.
STEP = 10_000
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TILE_MASK = TILE - 1
LENGTH_32 = (32).to_bytes(4, "big")

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Fault:
    """The first thing found wrong: which row, which field of it, and what that means."""

    table: str
    field: str
    reason: str
    case_id: UUID | None = None
    seq: int | None = None

    def __str__(self) -> str:
        place = self.table if self.case_id is None else f"{self.table} (case {self.case_id}, seq {self.seq})"
        return f"{place}, {self.field}: {self.reason}"


class Broken(Exception):
    """Carries a Fault out of the streams."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True)
class Verdict:
    """What was read and computed; `fault` is None when everything is as it was written."""

    events: int
    leaves: int
    checkpoints: int
    fault: Fault | None


@dataclass
class _Counts:
    events: int = 0
    leaves: int = 0
    checkpoints: int = 0


def verify(
    *, case_id: UUID | None = None, checkpoint: Note | None = None, on_progress: Progress | None = None
) -> Verdict:
    """Recompute every hash of all events, leaves, nodes and checkpoints; of one case only its events and leaves.

    `checkpoint`: one kept elsewhere (a receipt, a download, a witness) that the tree must contain.
    `on_progress` is called with the stage and the rows done. Opens a transaction of its own where none is open.
    """
    counts, tell = _Counts(), on_progress or (lambda _stage, _done: None)
    fault = None
    try:
        with _snapshot():
            _check_genesis()
            _check_events(case_id, counts, tell)
            if case_id is None:
                _check_all_sealed()
            _check_tree(checkpoint, counts, tell)
    except Broken as broken:
        fault = _sharpened(broken.fault)
    return Verdict(counts.events, counts.leaves, counts.checkpoints, fault)


@contextmanager
def _snapshot() -> Iterator[None]:
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _check_genesis() -> None:
    installation = Installation.objects.get()
    expected = genesis_hash(
        id=installation.id,
        kind=installation.kind,
        clock_offset_s=installation.clock_offset_s,
        created_at=installation.created_at,
    )
    if bytes(installation.genesis_hash) != expected:
        raise Broken(Fault("case_installation", "genesis_hash", "id, kind, offset or creation time was changed"))


def _check_events(case_id: UUID | None, counts: _Counts, tell: Progress) -> None:
    genesis = bytes(Installation.objects.get().genesis_hash)
    with _rows(_events_query(case_id)) as rows:
        for counts.events in _checked_events(rows, genesis):
            if counts.events % STEP == 0:
                tell("events", counts.events)
    tell("events", counts.events)


def _checked_events(rows: Iterator[bytes], genesis: bytes) -> Iterator[int]:
    # 2 bytes count of fields, then each field's 4 bytes of length and its value; the last field is the hash itself.
    case, seq, last_hash = b"", 0, genesis
    sha256, tag = hashlib.sha256, EVENT_TAG
    for number, row in enumerate(rows, start=1):
        fields, stored = row[2:-36], row[-32:]
        if fields[4:20] != case:
            case, seq, last_hash = fields[4:20], 0, genesis
        seq += 1
        if (
            fields[24:32] != seq.to_bytes(8, "big")
            or fields[-36:] != LENGTH_32 + last_hash
            or row[-36:-32] != LENGTH_32
            or sha256(tag + fields).digest() != stored
        ):
            raise Broken(_event_fault(row, expected_seq=seq, expected_prev=last_hash))
        last_hash = stored
        yield number


def _event_fault(row: bytes, *, expected_seq: int, expected_prev: bytes) -> Fault:
    fields, seq = row[2:-36], int.from_bytes(row[26:34], "big", signed=True)
    at: dict[str, Any] = {"case_id": UUID(bytes=row[6:22]), "seq": seq}
    if seq != expected_seq:
        return Fault("case_event", "seq", f"expected {expected_seq}: events were removed or renumbered", **at)
    if hashlib.sha256(EVENT_TAG + fields).digest() != row[-32:] or row[-36:-32] != LENGTH_32:
        return Fault("case_event", "hash", "a column or the body is not what was hashed when it was appended", **at)
    before = "the event before it" if expected_seq > 1 else "the installation's genesis hash"
    return Fault("case_event", "prev_hash", f"does not continue {before}", **at)


def _sharpened(fault: Fault) -> Fault:
    """A row changed together with its own hash breaks the next row's link: the tree tells which of the two it was."""
    if fault.case_id is None or fault.seq is None or (fault.table, fault.field) != ("case_event", "prev_hash"):
        return fault
    before = Leaf.objects.filter(event__case_id=fault.case_id, event__seq=fault.seq - 1)
    sealed = before.values_list("hash", "event__hash").first()
    if sealed is None or leaf_hash(bytes(sealed[1])) == bytes(sealed[0]):
        return fault
    reason = "was changed together with its own hash: neither the tree nor the next event knows this hash"
    return Fault("case_event", "hash", reason, case_id=fault.case_id, seq=fault.seq - 1)


def _check_all_sealed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT e.case_id, e.seq FROM case_event e
            LEFT JOIN case_leaf l ON l.event_id = e.id LEFT JOIN case_pending p ON p.event_id = e.id
            WHERE l.event_id IS NULL AND p.event_id IS NULL ORDER BY e.case_id, e.seq LIMIT 1
        """)
        if lost := cursor.fetchone():
            raise Broken(
                Fault(
                    "case_leaf", "event_id", "is neither in the tree nor waiting for it", case_id=lost[0], seq=lost[1]
                )
            )


def _check_tree(kept: Note | None, counts: _Counts, tell: Progress) -> None:
    signers = _Signers()
    checkpoints = list(_checkpoints(signers))
    expected = {size: (root, "case_checkpoint") for size, root in checkpoints}
    if kept is not None:
        head = signers.checked(kept, "the checkpoint given")
        if head.size in expected and expected[head.size][0] != head.root:
            raise Broken(Fault("the checkpoint given", "root", f"another was published for {head.size} leaves"))
        expected.setdefault(head.size, (head.root, "the checkpoint given"))
    nodes = _Nodes()
    frontier, last_good = Frontier(), 0
    with _rows(_leaves_query()) as rows:
        for leaf in _checked_leaves(rows):
            completed = frontier.append(leaf)
            counts.leaves = size = frontier.size
            if size & TILE_MASK == 0:
                nodes.compare(completed, size)
            if size in expected:
                last_good = _check_root(frontier, expected, last_good)
                counts.checkpoints += 1
            if size % STEP == 0:
                tell("leaves", size)
    tell("leaves", frontier.size)
    _check_reached(frontier, expected, last_sealed=checkpoints[-1][0] if checkpoints else 0)
    nodes.check_no_more(frontier.size)


def _check_root(frontier: Frontier, expected: dict[int, tuple[bytes, str]], last_good: int) -> int:
    root, source = expected[frontier.size]
    if frontier.root() != root:
        span = f"an event in leaves {last_good}–{frontier.size - 1} was replaced after it was sealed"
        raise Broken(Fault(source, "root", f"of {frontier.size} leaves is not what the events give: {span}"))
    return frontier.size


def _check_reached(frontier: Frontier, expected: dict[int, tuple[bytes, str]], *, last_sealed: int) -> None:
    beyond = min((size for size in expected if size > frontier.size), default=None)
    if beyond is not None:
        reason = f"covers {beyond} leaves, but only {frontier.size} are left: the tail was cut off"
        raise Broken(Fault(expected[beyond][1], "size", reason))
    if frontier.size > last_sealed:
        raise Broken(Fault("case_leaf", "index", f"leaves beyond the last checkpoint of {last_sealed} leaves"))


def _checked_leaves(rows: Iterator[bytes]) -> Iterator[bytes]:
    # index at 6–14, leaf hash at 18–50, then case_id, seq and hash of the event, or NULLs and a shorter row.
    sha256 = hashlib.sha256
    for expected_index, row in enumerate(rows):
        stored = row[18:50]
        if (
            len(row) != 118
            or row[6:14] != expected_index.to_bytes(8, "big")
            or sha256(b"\0" + row[86:]).digest() != stored
        ):
            raise Broken(_leaf_fault(row, expected_index))
        yield stored


def _leaf_fault(row: bytes, expected_index: int) -> Fault:
    index = int.from_bytes(row[6:14], "big", signed=True)
    if len(row) != 118:
        return Fault("case_leaf", "event_id", f"the event of leaf {index} is gone, or a hash has another length")
    at: dict[str, Any] = {"case_id": UUID(bytes=row[54:70]), "seq": int.from_bytes(row[74:82], "big")}
    if index != expected_index:
        return Fault("case_leaf", "index", f"expected leaf {expected_index}, found {index}", **at)
    return Fault("case_leaf", "hash", "the event is not the one that was sealed", **at)


def _checkpoints(signers: "_Signers") -> Iterator[tuple[int, bytes]]:
    for row in Checkpoint.objects.order_by("size").iterator(chunk_size=1000):
        name = f"case_checkpoint of {row.size} leaves"
        try:
            note = Note.parse(row.note)
        except MalformedNote as error:
            raise Broken(Fault(name, "note", str(error))) from error
        head = signers.checked(note, name)
        if (head.size, head.root) != (row.size, bytes(row.root)):
            raise Broken(Fault(name, "note", "size or root differ from the signed text"))
        yield row.size, head.root


class _Signers:
    """The name of this log and the keys that have signed for it."""

    def __init__(self) -> None:
        self._origin = origin()
        self._keys = [VerifierKey(key.name, bytes(key.public_key)) for key in LogKey.objects.order_by("id")]

    def checked(self, note: Note, name: str) -> Head:
        head = Head.parse(note.text)
        if head.origin != self._origin:
            raise Broken(Fault(name, "origin", f"belongs to the log {head.origin}"))
        if not any(is_signed_by(note, key) for key in self._keys):
            raise Broken(Fault(name, "signature", "not signed by a key of this log"))
        return head


class _Nodes:
    """The stored roots of full tiles, compared with those the leaves give."""

    def __init__(self) -> None:
        self._stored = {
            (level, index): bytes(digest)
            for level, index, digest in Node.objects.order_by("id").values_list("level", "index", "hash")
        }

    def compare(self, completed: list[bytes], size: int) -> None:
        for height in range(TILE_BITS, len(completed), TILE_BITS):
            level, index = height // TILE_BITS, (size >> height) - 1
            if self._stored.pop((level, index), None) != completed[height]:
                raise Broken(Fault("case_node", "hash", f"level {level}, index {index} is not the root of its tile"))

    def check_no_more(self, size: int) -> None:
        if self._stored:
            level, index = min(self._stored)
            raise Broken(Fault("case_node", "index", f"level {level}, index {index} is beyond {size} leaves"))


def _events_query(case_id: UUID | None) -> sql.Composable:
    return sql.SQL("SELECT {columns}, hash FROM case_event {where} ORDER BY case_id, seq").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, HASHED_COLUMNS)),
        where=sql.SQL("WHERE case_id = {}").format(sql.Literal(case_id)) if case_id else sql.SQL(""),
    )


def _leaves_query() -> sql.Composable:
    return sql.SQL(
        "SELECT l.index, l.hash, e.case_id, e.seq, e.hash FROM case_leaf l"
        " LEFT JOIN case_event e ON e.id = l.event_id ORDER BY l.index"
    )


@contextmanager
def _rows(query: sql.Composable) -> Iterator[Iterator[bytes]]:
    """Stream the rows in PostgreSQL's binary format, one message each; leaving early cancels the rest."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(query)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield _without_frame(map(bytes, copy))


def _without_frame(messages: Iterator[bytes]) -> Iterator[bytes]:
    first = next(messages).removeprefix(COPY_HEADER)
    # The last message is the end mark alone, 0xffff.
    return (row for row in chain((first,), messages) if len(row) > 2)
