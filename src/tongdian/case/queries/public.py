"""Reads for people who did not sign in: the case of a number and phone, the check of a printed receipt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from tongdian.case.models import Case, Event, Installation, Party, WitnessAnswer
from tongdian.case.queries.timeline import event_by_hash
from tongdian.case.queries.tree import latest_checkpoint, receipt_proof
from tongdian.case.timeline.hashing import HASHED_COLUMNS, EventFields, event_hash
from tongdian.kernel import merkle


@dataclass(frozen=True)
class Sealed:
    """The published checkpoint whose tree an event was found in."""

    size: int
    root: str
    sealed_at: datetime
    leaf_index: int
    cosigned_by: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptCheck:
    """What could be computed about one event. `broken_seq` is the first event of its case that is not as it was
    written, None when every one up to it is; `sealed` is None while no checkpoint contains it."""

    event: Event
    installation: Installation
    broken_seq: int | None
    sealed: Sealed | None
    is_in_tree: bool | None
    later_events: int

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the receipt."""
        return self.broken_seq is None and self.is_in_tree is not False


def case_of_number_and_phone(number: str, phone: str) -> Case | None:
    """Return the case of a number if the phone is one of its parties' or of its applicant's account."""
    parties = Party.objects.filter(case=OuterRef("pk"), erased_at=None, phone_lookup=phone)
    return Case.objects.filter(Exists(parties) | Q(applicant__phone_lookup=phone), number=number).first()


def case_of_id(case_id: UUID) -> Case | None:
    """Return the case somebody has proven to know; the caller keeps the proof."""
    return Case.objects.filter(pk=case_id).first()


def check_receipt(digest: str) -> ReceiptCheck | None:
    """Recompute the chain of a case up to the event of a hash, and its place in the tree; None for an unknown hash.

    Cost grows with the number of events of the case, not with the log.
    """
    event = event_by_hash(digest)
    if event is None:
        return None
    installation = Installation.objects.get()
    events = list(Event.objects.filter(case=event.case).order_by("seq"))
    sealed, is_in_tree = _sealed(event)
    return ReceiptCheck(
        event=event,
        installation=installation,
        broken_seq=_first_broken(events[: event.seq], bytes(installation.genesis_hash)),
        sealed=sealed,
        is_in_tree=is_in_tree,
        later_events=len(events) - event.seq,
    )


def _first_broken(events: list[Event], genesis: bytes) -> int | None:
    previous = genesis
    for number, event in enumerate(events, start=1):
        recomputed = event_hash(_fields(event))
        if event.seq != number or bytes(event.prev_hash) != previous or bytes(event.hash) != recomputed:
            return number
        previous = recomputed
    return None


def _fields(event: Event) -> EventFields:
    # The driver gives binary columns as memoryviews, which do not compare or hash like bytes.
    values: dict[str, Any] = {name: getattr(event, name) for name in HASHED_COLUMNS}
    plain: dict[str, Any] = {
        name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()
    }
    return EventFields(**plain)


def _sealed(event: Event) -> tuple[Sealed | None, bool | None]:
    proof, checkpoint = receipt_proof(event), latest_checkpoint()
    if proof is None or checkpoint is None:
        return None, None
    is_in_tree = merkle.is_included(
        merkle.leaf_hash(bytes(event.hash)),
        index=proof.leaf_index,
        size=checkpoint.size,
        proof=[bytes.fromhex(step) for step in proof.proof],
        root=bytes(checkpoint.root),
    )
    answers = checkpoint.answers.filter(outcome=WitnessAnswer.Outcome.COSIGNED).order_by("witness")
    names = tuple(answer.witness.partition("+")[0] for answer in answers)
    root = bytes(checkpoint.root).hex()
    return Sealed(checkpoint.size, root, checkpoint.sealed_at, proof.leaf_index, names), is_in_tree
