"""Proposed corrections, and what the clock would become if one of them were approved."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from tongdian.case.models import Case, CorrectionProposal, Event
from tongdian.case.queries.calendar import calendar, calendar_of
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import (
    CORRECTION,
    deadlines_in_force,
    kept_limits,
    local_date,
    read,
    standard,
    timeline_of,
)
from tongdian.case.timeline.canonical import canonical
from tongdian.engine.clock import Reading
from tongdian.people.models import User


@dataclass(frozen=True)
class Preview:
    """The clock of a case as it is, and as it would be with a correction."""

    before: Reading
    after: Reading


def pending_for(user: User | AnonymousUser, permission: str) -> QuerySet[CorrectionProposal]:
    """Return the proposals that wait for a decision on cases in reach, the oldest first."""
    proposals = CorrectionProposal.objects.filter(
        outcome=CorrectionProposal.Outcome.PENDING, case__in=cases_for(user, permission).values("pk")
    )
    return proposals.select_related("case", "proposed_by").order_by("proposed_at", "pk")


def proposals_of(case: Case) -> list[CorrectionProposal]:
    """List the proposals of a case, oldest first. Causes one query."""
    found = CorrectionProposal.objects.filter(case=case).select_related("proposed_by", "decided_by", "document")
    return list(found.order_by("proposed_at", "pk"))


def proposal_of(case: Case, proposal_id: int) -> CorrectionProposal:
    """Return one proposal of a case.

    Raises CorrectionProposal.DoesNotExist when the case has no such proposal.
    """
    found = CorrectionProposal.objects.select_related("case", "proposed_by", "decided_by", "document")
    return found.get(pk=proposal_id, case=case)


def preview(proposal: CorrectionProposal, *, now: datetime) -> Preview:
    """Read the clock of a case without and with a correction, as of the same moment. Causes up to four queries."""
    case = proposal.case
    by = standard(case, on=case.judged_date or local_date(case.opened_at))
    limits = {**by.limits, **kept_limits(case, deadlines_in_force(case))}
    known = calendar_of(case.calendar_version) if case.calendar_version else calendar()
    events = timeline_of(case)
    as_of = max([now, *(event.recorded_at for event in events[-1:])])

    def clock(history: list[Event]) -> Reading:
        return read(case, history, by, known=known, limits=limits, as_of=as_of)

    return Preview(clock(events), clock([*events, _as_event(proposal, as_of)]))


def _as_event(proposal: CorrectionProposal, at: datetime) -> Event:
    """Return the event an approval would record; it is read by the clock and never saved."""
    body = {"corrects_seq": proposal.seq, "reason": proposal.reason, "replacement": proposal.replacement}
    file_id = proposal.document.file_id if proposal.document else ""
    return Event(
        case=proposal.case,
        seq=proposal.case.version + 1,
        kind=CORRECTION,
        recorded_at=at,
        body=canonical(body),
        evidence=bytes.fromhex(file_id),
    )
