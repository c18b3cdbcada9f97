"""Write a timeline as a file that anyone can check with the one-file verifier."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tongdian.case.models import Checkpoint, Event, Installation
from tongdian.case.queries.tree import latest_checkpoint, read_hashes
from tongdian.case.timeline.canonical import instant
from tongdian.case.timeline.hashing import HASHED_COLUMNS
from tongdian.kernel import merkle

FORMAT = "tongdian-timeline-1"
CHUNK = 2000


def export_lines(*, case_id: UUID | None = None, checkpoint: Checkpoint | None = None) -> Iterator[str]:
    """Yield the lines of a timeline file: what it is, then one event per line in the order of case and seq.

    Of one case, each event carries its inclusion proof for the checkpoint (default: the latest); of all, none does,
    because their leaves together give the root. Streams: memory does not grow with the timeline.
    """
    checkpoint = checkpoint or latest_checkpoint()
    size = checkpoint.size if checkpoint else 0
    is_whole = case_id is None
    yield _line({"format": FORMAT, "is_whole": is_whole, "tree_size": size, "installation": _installation()})
    chosen = Event.objects.all() if case_id is None else Event.objects.filter(case_id=case_id)
    ordered = chosen.select_related("leaf").order_by("case_id", "seq")
    for event in ordered.iterator(chunk_size=CHUNK):
        yield _line(_row(event, size=size, has_proof=not is_whole))


def _installation() -> dict[str, Any]:
    row = Installation.objects.get()
    return {
        "id": str(row.id),
        "kind": row.kind,
        "clock_offset_s": row.clock_offset_s,
        "created_at": instant(row.created_at),
    }


def _row(event: Event, *, size: int, has_proof: bool) -> dict[str, Any]:
    row = {name: _plain(getattr(event, name)) for name in HASHED_COLUMNS}
    # The body without its version byte is text; the verifier puts the byte back.
    row["body"] = bytes(event.body)[1:].decode()
    row["hash"] = event.hash_hex
    index = event.leaf.index if hasattr(event, "leaf") else None
    row["leaf_index"] = index
    if has_proof:
        row["proof"] = _proof(index, size) if index is not None and index < size else []
    return row


def _proof(index: int, size: int) -> list[str]:
    return [step.hex() for step in merkle.inclusion_proof(index, size, read_hashes)]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, UUID):
        return str(value)
    return instant(value) if hasattr(value, "tzinfo") else value


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
