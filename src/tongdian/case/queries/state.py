"""How far the timeline is: what a backup writes down and what the health page shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tongdian.case.models import Verification
from tongdian.case.queries.timeline import NotFounded

_STATE = """
SELECT i.id, i.kind, i.genesis_hash, case_clock_offset_s(), clock_timestamp(),
       COALESCE((SELECT max(index) + 1 FROM case_leaf), 0),
       (SELECT count(*) FROM case_pending),
       (SELECT min(recorded_at - clock_offset_s * interval '1 second') FROM case_event
         WHERE id IN (SELECT event_id FROM case_pending)),
       c.size, c.sealed_at - c.clock_offset_s * interval '1 second', COALESCE(c.note, '')
FROM case_installation i LEFT JOIN (SELECT * FROM case_checkpoint ORDER BY size DESC LIMIT 1) c ON true
"""
_WITNESSES = """
SELECT witness, max(answered_at) FILTER (WHERE outcome = 'cosigned'), bool_or(outcome = 'refused')
FROM case_witnessanswer GROUP BY witness ORDER BY witness
"""


@dataclass(frozen=True)
class WitnessState:
    """When an outside witness last cosigned, and whether it ever refused."""

    name: str
    cosigned_at: datetime | None
    has_refused: bool


@dataclass(frozen=True)
class TimelineState:
    """Sizes and times of the timeline. Times are the database's clock: the installation's offset is taken off."""

    installation_id: UUID
    kind: str
    genesis_hash: str
    clock_offset_s: int
    now: datetime
    leaves: int
    unsealed: int
    oldest_unsealed_at: datetime | None
    sealed_leaves: int | None
    sealed_at: datetime | None
    checkpoint: str

    @property
    def events(self) -> int:
        """Every event is in the tree or waits for it."""
        return self.leaves + self.unsealed


def timeline_state() -> TimelineState:
    """Return where the timeline stands now; one query.

    Raises NotFounded when the database has no installation row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        row = cursor.fetchone()
    if row is None:
        raise NotFounded
    installation_id, kind, genesis_hash, *rest = row
    return TimelineState(installation_id, kind, bytes(genesis_hash).hex(), *rest)


def witness_states() -> list[WitnessState]:
    """List the witnesses that ever answered; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_WITNESSES)
        return [WitnessState(*row) for row in cursor.fetchall()]


def last_verification() -> Verification | None:
    """Return the latest proof of the whole timeline, None before the first; one query."""
    return Verification.objects.order_by("-verified_at", "-id").first()
