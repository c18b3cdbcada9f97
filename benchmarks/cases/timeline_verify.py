"""Verifying a timeline: every event's hash and link, every leaf, node and checkpoint, read from the database.

Two peers. The same checks of the events alone, written as one would first write them: model instances from the ORM,
each column encoded and hashed. And the floor: the SHA-256 calls alone, over bytes that are already in memory.
"""

from collections.abc import Callable
from hashlib import sha256
from itertools import islice

from benchmarks.database import fresh_database
from benchmarks.runner import Question, Row, Size
from benchmarks.timeline_rows import fill

EVENTS = {"small": 20_000, "full": 1_000_000}
CASES = {"small": 100, "full": 2_000}
SAMPLE = 20_000


def run(size: Size) -> list[Row]:
    """Measure the whole verification, then both peers on a sample of 20 000 events."""
    with fresh_database():
        fill(EVENTS[size], cases=CASES[size])
        from tongdian.case.queries.verification import verify

        question = Question("timeline_verify", size, f"{EVENTS[size]:,} events", uses=("django", "psycopg"))
        ours = question.measure(lambda: _counted(verify()), repeats=2)
        share = SAMPLE / EVENTS[size]
        return [
            ours.against("Django ORM, row by row (events only)", build=lambda: _orm, same=_all_hold, sample=share),
            ours.against(
                "hashlib alone, bytes in memory", build=_hashes_alone, same=_all_hold, sample=share,
                note="a floor, not a verifier: three SHA-256 per event, no database",
            ),
        ]  # fmt: skip


def _all_hold(ours: int, sampled: int) -> bool:
    return ours >= sampled == SAMPLE


def _counted(verdict: object) -> int:
    assert verdict.fault is None, verdict.fault  # type: ignore[attr-defined]
    events: int = verdict.events  # type: ignore[attr-defined]
    return events


def _orm() -> int:
    from tongdian.case.models import Event, Installation
    from tongdian.case.timeline.hashing import HASHED_COLUMNS, EventFields, event_hash

    genesis = bytes(Installation.objects.get().genesis_hash)
    count, case, last = 0, None, genesis
    for event in Event.objects.order_by("case_id", "seq")[:SAMPLE].iterator(chunk_size=2000):
        if event.case_id != case:
            case, last = event.case_id, genesis
        fields = EventFields(**{name: getattr(event, name) for name in HASHED_COLUMNS})
        count += event_hash(fields) == bytes(event.hash) and bytes(event.prev_hash) == last
        last = bytes(event.hash)
    return count


def _hashes_alone() -> Callable[[], int]:
    from tongdian.case.queries.verification import _events_query, _rows

    with _rows(_events_query(None)) as stream:
        rows = list(islice(stream, SAMPLE))

    def hash_all() -> int:
        for row in rows:
            digest = sha256(row).digest()
            sha256(sha256(b"\0" + digest).digest() + digest).digest()
        return len(rows)

    return hash_all
