"""Read the Merkle tree: its size, ranges of its hashes, and the proofs a receipt or an auditor needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tongdian.case.models import Checkpoint, Event, Installation, Leaf, Node, WitnessAnswer
from tongdian.kernel import merkle


class TreeDamaged(RuntimeError):
    """Hashes that must be stored are not there."""

    def __init__(self, level: int, start: int, stop: int, found: int) -> None:
        super().__init__(
            f"the tree's level {level} holds {found} of the hashes {start}–{stop - 1}: run tongdian verify"
        )
        self.level, self.start, self.stop, self.found = level, start, stop, found


@dataclass(frozen=True)
class ReceiptProof:
    """Everything a holder needs to prove, years later and without us, that an event was recorded as it stands."""

    case_id: str
    seq: int
    event_hash: str
    leaf_index: int
    tree_size: int
    proof: tuple[str, ...]
    checkpoint: str

    def as_mapping(self) -> dict[str, Any]:
        """Return the proof as plain values for JSON."""
        return {
            "format": "tongdian-receipt-1",
            "case_id": self.case_id,
            "seq": self.seq,
            "event_hash": self.event_hash,
            "leaf_index": self.leaf_index,
            "tree_size": self.tree_size,
            "proof": list(self.proof),
            "checkpoint": self.checkpoint,
        }


def origin() -> str:
    """Return the name of this installation's log, as printed in the first line of each checkpoint.

    Causes one query. Raises Installation.DoesNotExist when the database has no installation row.
    """
    return f"tongdian/{Installation.objects.get().id}"


def tree_size() -> int:
    """Return the number of leaves sealed so far. Causes one query."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def read_hashes(level: int, start: int, stop: int) -> Sequence[bytes]:
    """Return the tree's hashes of one level, `start` to before `stop`, as `kernel.merkle` reads them. One query.

    Raises TreeDamaged when one of them is not stored.
    """
    rows = Leaf.objects.all() if level == 0 else Node.objects.filter(level=level)
    wanted = rows.filter(index__gte=start, index__lt=stop).order_by("index").values_list("hash", flat=True)
    hashes = [bytes(digest) for digest in wanted]
    if len(hashes) != stop - start:
        raise TreeDamaged(level, start, stop, len(hashes))
    return hashes


def latest_checkpoint() -> Checkpoint | None:
    """Return the checkpoint of the largest tree, or None before the first seal. Causes one query."""
    return Checkpoint.objects.order_by("-size").first()


def receipt_proof(event: Event) -> ReceiptProof | None:
    """Prove that an event is in the latest checkpoint; None while the sealer has not reached it (minutes at most).

    Causes a query for each of about log₂(size) ranges.
    """
    leaf = Leaf.objects.filter(event=event).first()
    checkpoint = latest_checkpoint()
    if leaf is None or checkpoint is None or leaf.index >= checkpoint.size:
        return None
    path = merkle.inclusion_proof(leaf.index, checkpoint.size, read_hashes)
    return ReceiptProof(
        case_id=str(event.case_id),
        seq=event.seq,
        event_hash=event.hash_hex,
        leaf_index=leaf.index,
        tree_size=checkpoint.size,
        proof=tuple(step.hex() for step in path),
        checkpoint=with_cosignatures(checkpoint),
    )


def with_cosignatures(checkpoint: Checkpoint) -> str:
    """Return the checkpoint's signed text with every cosignature it has got. Causes one query."""
    cosigned = checkpoint.answers.filter(outcome=WitnessAnswer.Outcome.COSIGNED).order_by("id")
    return checkpoint.note + "".join(cosigned.values_list("line", flat=True))


def consistency(old_size: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` leaves continues that of `old_size`.

    Raises ValueError when `old_size` is larger than `size`; TreeDamaged when the tree does not reach `size`.
    """
    return merkle.consistency_proof(old_size, size, read_hashes)
