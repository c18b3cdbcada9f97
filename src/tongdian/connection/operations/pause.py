"""Pauses: only by a reason of the white list, with its evidence, and where it says so by the customer's own word."""

from collections.abc import Mapping

from django.db import transaction

from tongdian.case.models import Case, Event
from tongdian.case.operations.documents import Upload
from tongdian.case.queries.clock import local_date
from tongdian.connection import queries
from tongdian.connection.operations.acting import Acting, advance, take
from tongdian.people.rules import Role


class PauseRefused(ValueError):
    """The pause is not allowed; `problem` is reason, evidence or customer."""

    def __init__(self, number: str, reason: str, problem: str) -> None:
        super().__init__(f"case {number}: pause for {reason!r} refused, its {problem} does not fit the white list")
        self.number, self.reason, self.problem = number, reason, problem


def pause(case: Case, *, reason: str, evidence: Mapping[str, Upload | None], acting: Acting) -> Event:
    """Pause the utility's clock; `evidence` is the upload by the kind of evidence it is.

    Raises PauseRefused when the reason is not on the white list for the stage, its evidence is missing, or it must
    come from the customer and does not; NotPossible when the case is paused or closed; RefusedUpload.
    """
    allowed = {each.id: each for each in queries.pause_reasons(case, on=local_date(acting.now))}
    if reason not in allowed:
        raise PauseRefused(str(case), reason, "reason")
    if not {kind for kind, upload in evidence.items() if upload} & set(allowed[reason].evidence):
        raise PauseRefused(str(case), reason, "evidence")
    if allowed[reason].needs_customer and acting.role not in {Role.APPLICANT, Role.AGENT}:
        raise PauseRefused(str(case), reason, "customer")
    body = {"reason": reason, "owner": allowed[reason].owner}
    with transaction.atomic():
        documents = take(case, evidence, stage=str(case.next_stage), acting=acting)
        return advance(case, "clock.paused", acting=acting, body=body, documents=documents)


def resume(case: Case, *, acting: Acting) -> Event:
    """Let the clock go on.

    Raises NotPossible when it is not paused.
    """
    with transaction.atomic():
        return advance(case, "clock.resumed", acting=acting, body={})
