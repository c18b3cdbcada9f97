"""Correct the timeline: the old event stays, a new one says what should have stood there, why, and who agreed."""

from collections.abc import Mapping, Sequence

from tongdian.case.models import Case, Event
from tongdian.case.operations.timeline import append
from tongdian.people.models import User

CORRECTION = "event.corrected"
# What a correction can put in the place of the old: never who, never the recorded time.
REPLACEABLE = frozenset({"kind", "occurred_at", "facts"})


class CannotCorrect(ValueError):
    """The correction is not one that may be made; `reason` says why."""

    def __init__(self, case: Case, seq: int, reason: str) -> None:
        super().__init__(f"event {seq} of case {case.pk} cannot be corrected so: {reason}")
        self.case_id, self.seq, self.reason = case.pk, seq, reason


def correct(
    case: Case,
    *,
    seq: int,
    reason: str,
    replacement: Mapping[str, object],
    actor: User,
    approver: User,
    channel: str,
    role: str = "",
    evidence: Sequence[str] = (),
) -> Event:
    """Append the correction of event `seq` and return it. Inside the caller's transaction, like `append`.

    `replacement` holds what should have stood there: `kind`, `occurred_at` (aware), `facts` (a body), or {} to say
    that the event should not have been recorded. Whether a corrected time counts is policy's decision, not this one's;
    `evidence` are the hashes of the files that support it.

    Raises CannotCorrect when there is no such event, it is a correction itself, the reason is empty, the approver is
    the actor, or the replacement holds anything else; and whatever `append` raises.
    """
    old = Event.objects.filter(case=case, seq=seq).first()
    if old is None:
        raise CannotCorrect(case, seq, "there is no such event")
    if old.kind == CORRECTION:
        raise CannotCorrect(case, seq, "it is a correction; correct the event it names once more")
    if not reason.strip():
        raise CannotCorrect(case, seq, "no reason is given")
    if approver.pk == actor.pk:
        raise CannotCorrect(case, seq, "the approver is the author; a second person must agree")
    if unknown := set(replacement) - REPLACEABLE:
        raise CannotCorrect(case, seq, f"{', '.join(sorted(unknown))} cannot be replaced")
    body = {"corrects_seq": seq, "reason": reason, "approver": approver.pk, "replacement": replacement}
    return append(case, kind=CORRECTION, actor=actor, channel=channel, role=role, body=body, evidence=evidence)
