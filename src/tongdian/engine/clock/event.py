"""What the clock reads of a timeline event, and which time of it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One event of a case, as the clock sees it. All instants are aware.

    `recorded_at` is the database's time; `occurred_at` is a claim and never counts by itself; `counted_at` is set by
    the caller when policy accepted the evidence for an earlier time. `owner` and `reason` belong to pauses.
    A correction names `corrects_seq`; its `replacement_kind` and its own `counted_at` replace those of that event.
    """

    seq: int
    kind: str
    recorded_at: datetime
    occurred_at: datetime | None = None
    counted_at: datetime | None = None
    owner: str | None = None
    reason: str | None = None
    corrects_seq: int | None = None
    replacement_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the events that the clock could not take at face value. `code` is the stable name of it."""

    code: str
    seq: int
    kind: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """An event with the one time that counts for it."""

    event: ClockEvent
    at: datetime


def counted_events(
    events: Iterable[ClockEvent], *, as_of: datetime, by_recorded: bool = False, with_corrections: bool = True
) -> tuple[tuple[Counted, ...], tuple[Finding, ...]]:
    """Put the events known at `as_of` in the order of the time that counts, corrections applied.

    by_recorded: ignore accepted times, so that both results can be shown.
    A correction without a stated reason, of an unknown, later or already correcting event is refused and found.
    Raises: ValueError when an instant has no time zone, or two events share a seq.
    """
    every = sorted(events, key=lambda event: event.seq)
    _check(every, as_of)
    ordered = [event for event in every if event.recorded_at <= as_of]
    findings = _backwards(ordered)
    facts = _corrected(ordered, findings) if with_corrections else [e for e in ordered if e.corrects_seq is None]
    counted = [Counted(event, _time_of(event, by_recorded, findings)) for event in facts]
    counted.sort(key=lambda each: (each.at, each.event.seq))
    return tuple(counted), tuple(findings)


def _check(ordered: Sequence[ClockEvent], as_of: datetime) -> None:
    if as_of.tzinfo is None:
        raise ValueError("as_of has no time zone")
    for before, after in pairwise(ordered):
        if before.seq == after.seq:
            raise ValueError(f"two events have seq {after.seq}")
    for event in ordered:
        for at in (event.recorded_at, event.counted_at):
            if at is not None and at.tzinfo is None:
                raise ValueError(f"event {event.seq} ({event.kind}) has a time without a time zone")


def _backwards(ordered: Sequence[ClockEvent]) -> list[Finding]:
    return [
        Finding("recorded_out_of_order", after.seq, after.kind)
        for before, after in pairwise(ordered)
        if after.recorded_at < before.recorded_at
    ]


def _corrected(ordered: Sequence[ClockEvent], findings: list[Finding]) -> list[ClockEvent]:
    facts = {event.seq: event for event in ordered if event.corrects_seq is None}
    for event in ordered:
        if event.corrects_seq is None:
            continue
        target = facts.get(event.corrects_seq)
        if target is None or event.corrects_seq > event.seq or not event.reason:
            findings.append(Finding("correction_refused", event.seq, event.kind))
            continue
        facts[target.seq] = replace(
            target, kind=event.replacement_kind or target.kind, counted_at=event.counted_at or target.counted_at
        )
    return list(facts.values())


def _time_of(event: ClockEvent, by_recorded: bool, findings: list[Finding]) -> datetime:  # noqa: FBT001
    if by_recorded or event.counted_at is None:
        return event.recorded_at
    # Evidence can move a fact to an earlier time only: a later one would give the stage free days.
    if event.counted_at > event.recorded_at:
        findings.append(Finding("counted_after_recorded", event.seq, event.kind))
        return event.recorded_at
    return event.counted_at
