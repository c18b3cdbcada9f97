"""Correct the timeline by two persons: one proposes, another approves or refuses with a reason."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from tongdian.case import kinds
from tongdian.case.models import Case, CorrectionProposal, Event
from tongdian.case.operations import documents, frame
from tongdian.case.operations.correcting import CORRECTION, CannotCorrect
from tongdian.case.timeline.personal import refuse_personal
from tongdian.people.models import User

EVIDENCE = "correction_evidence"


class AlreadyProposed(RuntimeError):
    """Somebody has proposed to correct the same event, and nobody has decided yet."""

    def __init__(self, case: Case, seq: int) -> None:
        super().__init__(f"event {seq} of case {case} has a proposal that waits for a decision; decide that one first")
        self.case_id, self.seq = case.pk, seq


class AlreadyDecided(RuntimeError):
    def __init__(self, proposal: CorrectionProposal) -> None:
        super().__init__(f"the correction was {proposal.outcome} by {proposal.decided_by} at {proposal.decided_at}")
        self.proposal = proposal


class SamePerson(ValueError):
    """Who proposed a correction cannot decide on it."""

    def __init__(self, user: User) -> None:
        super().__init__(f"{user} has proposed the correction; a second person must decide")
        self.user = user


@dataclass(frozen=True)
class Change:
    """What is proposed: `change` is void, kind or time; a time needs its evidence, by a kind of the policy's list."""

    change: str
    reason: str
    kind: str = ""
    occurred_at: datetime | None = None
    evidence_kind: str = ""
    evidence: documents.Upload | None = None


def propose(
    case: Case, *, seq: int, change: Change, actor: User, role: str, expected_version: int, now: datetime
) -> CorrectionProposal:
    """Propose to correct an event; the timeline stays as it is until a second person agrees.

    Raises StaleCase; CannotCorrect when there is no such event, it is a correction itself, the reason is empty, the
    kind is not another one of the case's, or a time comes without evidence; AlreadyProposed; PersonalData when the
    reason holds some; RefusedUpload.
    """
    refuse_personal({"reason": change.reason})
    with transaction.atomic():
        frame.lock(case.pk, expected_version=expected_version)
        if problem := _problem(case, seq, change):
            raise CannotCorrect(case, seq, problem)
        document = None
        if change.evidence:
            document = documents.receive(
                change.evidence, kind=EVIDENCE, actor=actor, now=now, stage=str(case.next_stage), case=case
            )
        try:
            with transaction.atomic():
                return CorrectionProposal.objects.create(
                    case=case,
                    seq=seq,
                    change=change.change,
                    kind=change.kind,
                    occurred_at=change.occurred_at,
                    evidence_kind=change.evidence_kind,
                    document=document,
                    reason=change.reason,
                    proposed_by=actor,
                    proposed_role=role,
                    proposed_at=now,
                )
        except IntegrityError as error:
            raise AlreadyProposed(case, seq) from error


def _problem(case: Case, seq: int, change: Change) -> str:
    old = Event.objects.filter(case=case, seq=seq).first()
    if old is None:
        return "there is no such event"
    if old.kind == CORRECTION:
        return "it is a correction; correct the event it names once more"
    if not change.reason.strip():
        return "no reason is given"
    if change.change == CorrectionProposal.Change.KIND:
        known = set(kinds.get(case.kind).events) - {old.kind}
        return "" if change.kind in known else f"{change.kind or 'no kind'} cannot stand in its place"
    if change.change == CorrectionProposal.Change.TIME:
        return "" if change.occurred_at and change.evidence and change.evidence_kind else "a time needs its evidence"
    return ""


def approve(proposal: CorrectionProposal, *, actor: User, channel: str, expected_version: int, now: datetime) -> Event:
    """Agree to a correction as the second person; the event is recorded and the clock follows.

    Raises SamePerson; AlreadyDecided; StaleCase; and as `frame.correct_event`.
    """
    with transaction.atomic():
        locked = _open(proposal, actor)
        event = frame.correct_event(
            locked.case,
            seq=locked.seq,
            reason=locked.reason,
            replacement=locked.replacement,
            actor=locked.proposed_by,
            approver=actor,
            channel=channel,
            role=locked.proposed_role,
            evidence=[locked.document.file_id] if locked.document else [],
            expected_version=expected_version,
            now=now,
        )
        locked.event_seq = event.seq
        _decide(locked, CorrectionProposal.Outcome.APPROVED, actor, now)
        return event


def refuse(proposal: CorrectionProposal, *, reason: str, actor: User, now: datetime) -> CorrectionProposal:
    """Turn a correction down as the second person, with the reason its author reads; the timeline stays as it is.

    Raises SamePerson; AlreadyDecided; ValueError when no reason is given.
    """
    if not reason.strip():
        raise ValueError("a refusal has a reason")
    with transaction.atomic():
        locked = _open(proposal, actor)
        locked.refusal = reason
        return _decide(locked, CorrectionProposal.Outcome.REFUSED, actor, now)


def _open(proposal: CorrectionProposal, actor: User) -> CorrectionProposal:
    found = CorrectionProposal.objects.select_for_update(of=("self",)).select_related("case", "proposed_by", "document")
    locked = found.get(pk=proposal.pk)
    if locked.outcome != CorrectionProposal.Outcome.PENDING:
        raise AlreadyDecided(locked)
    if locked.proposed_by_id == actor.pk:
        raise SamePerson(actor)
    return locked


def _decide(proposal: CorrectionProposal, outcome: str, actor: User, now: datetime) -> CorrectionProposal:
    proposal.outcome, proposal.decided_by, proposal.decided_at = outcome, actor, now
    proposal.save(update_fields=["outcome", "decided_by", "decided_at", "refusal", "event_seq"])
    return proposal
