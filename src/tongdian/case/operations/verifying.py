"""Keep what each proof of the whole timeline found, so that nobody has to believe that it is looked at."""

from datetime import datetime

from tongdian.case.models import Verification
from tongdian.case.queries.verification import Verdict, verify


def keep_verdict(verdict: Verdict, *, now: datetime) -> Verification:
    """Write down what a proof of the whole timeline found."""
    return Verification.objects.create(
        verified_at=now,
        events=verdict.events,
        leaves=verdict.leaves,
        checkpoints=verdict.checkpoints,
        fault=str(verdict.fault or ""),
    )


def verify_and_keep(*, now: datetime) -> Verification:
    """Prove the whole timeline and write down what was found. Reads every event; not inside a transaction."""
    return keep_verdict(verify(), now=now)
