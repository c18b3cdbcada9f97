"""Read what the public page of the timeline's log shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Value

from tongdian.case.models import Checkpoint, Event, Installation, LogKey, Pending, WitnessAnswer
from tongdian.case.queries.timeline import Clock, NotFounded, installation_clock
from tongdian.kernel.signed_note import VerifierKey

SHOWN = 20


@dataclass(frozen=True)
class ShownCheckpoint:
    """A checkpoint with the names of the witnesses that cosigned it, and of those that refused."""

    size: int
    root: str
    sealed_at: datetime
    key_id: str
    cosigned_by: tuple[str, ...]
    refused_by: tuple[str, ...]


@dataclass(frozen=True)
class LogState:
    """The log as of now: what it is for, its keys, its latest checkpoints, and how many events wait for the next."""

    installation: Installation
    clock: Clock
    keys: tuple[str, ...]
    witness_keys: tuple[str, ...]
    checkpoints: tuple[ShownCheckpoint, ...]
    waiting: int

    @property
    def latest(self) -> ShownCheckpoint | None:
        return self.checkpoints[0] if self.checkpoints else None


def log_state() -> LogState:
    """Return the log's state with its latest 20 checkpoints. Causes seven queries at most.

    Raises NotFounded when the database has no installation row.
    """
    installation = Installation.objects.first()
    if installation is None:
        raise NotFounded
    rows = Checkpoint.objects.order_by("-size").prefetch_related("answers")[:SHOWN]
    witnesses = WitnessAnswer.objects.order_by("witness").values_list("witness", flat=True).distinct()
    keys = LogKey.objects.order_by("-id")
    return LogState(
        installation=installation,
        clock=installation_clock(),
        keys=tuple(str(VerifierKey(key.name, bytes(key.public_key))) for key in keys),
        witness_keys=tuple(witnesses),
        checkpoints=tuple(_shown(row) for row in rows),
        waiting=Pending.objects.count(),
    )


@dataclass(frozen=True)
class Seal:
    """What a paper can carry of the log: the size and root of a signed checkpoint, and the key that signed it."""

    size: int
    root: str
    key: str


def seal_before(event: Event) -> Seal | None:
    """Return the latest checkpoint signed before an event was recorded, None when there was none.

    Whoever keeps it can tell when the log is cut or rewritten behind it. Times are compared without the clock offset of
    a demonstration, so that moving its clock changes nothing. Causes two queries.
    """
    recorded_at = event.recorded_at - timedelta(seconds=event.clock_offset_s)
    signed_at = ExpressionWrapper(
        F("sealed_at") - F("clock_offset_s") * Value(timedelta(seconds=1)), output_field=DateTimeField()
    )
    row = Checkpoint.objects.annotate(signed_at=signed_at).filter(signed_at__lt=recorded_at).order_by("-size").first()
    if row is None:
        return None
    key = LogKey.objects.get(key_id=row.key_id)
    return Seal(row.size, bytes(row.root).hex(), str(VerifierKey(key.name, bytes(key.public_key))))


def checkpoint_of(size: int) -> Checkpoint | None:
    """Return the checkpoint of a size, or None when none was published for it."""
    return Checkpoint.objects.filter(size=size).first()


def _shown(row: Checkpoint) -> ShownCheckpoint:
    answers = list(row.answers.all())
    return ShownCheckpoint(
        size=row.size,
        root=bytes(row.root).hex(),
        sealed_at=row.sealed_at,
        key_id=row.key_id,
        cosigned_by=_names(answers, WitnessAnswer.Outcome.COSIGNED),
        refused_by=_names(answers, WitnessAnswer.Outcome.REFUSED),
    )


def _names(answers: list[WitnessAnswer], outcome: WitnessAnswer.Outcome) -> tuple[str, ...]:
    return tuple(sorted(answer.witness.partition("+")[0] for answer in answers if answer.outcome == outcome))
