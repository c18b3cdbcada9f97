"""What every write shares: who acts on which version, whether the next event is legal, which files come with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tongdian.case.models import Case, Document, Event
from tongdian.case.operations import documents as case_documents
from tongdian.case.operations.frame import record
from tongdian.connection import queries, rules
from tongdian.connection.models import AgentAuthority
from tongdian.people.models import User
from tongdian.people.rules import Role


class NotPossible(ValueError):
    """The event cannot come next; `legal` lists what can."""

    def __init__(self, number: str, event_kind: str, legal: Iterable[str]) -> None:
        self.number, self.event_kind, self.legal = number, event_kind, tuple(sorted(legal))
        possible = ", ".join(self.legal) or "nothing, it is closed"
        super().__init__(f"case {number}: {event_kind} cannot come next; possible: {possible}")


class NotAuthorised(ValueError):
    """An agent's authority does not cover what they were about to do, has ended or was taken back."""

    def __init__(self, number: str, event_kind: str) -> None:
        super().__init__(f"case {number}: the agent's authority does not cover {event_kind} now; ask the applicant")
        self.number, self.event_kind = number, event_kind


@dataclass(frozen=True)
class Acting:
    """Who writes, in which role, through which channel, having seen which version of the case, when.

    `on_behalf_of`: for whom somebody else writes (the colleague who lends a right, the customer at the counter, the
    applicant of an agent); None for oneself. `facts`: by what consent, for the event's body.
    """

    actor: User
    role: Role
    channel: str
    expected_version: int
    now: datetime
    on_behalf_of: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def signer_id(self) -> int:
        """Who signs: at the counter the customer, who has read and agreed; else whoever acts."""
        return self.on_behalf_of if self.channel == "counter" and self.on_behalf_of else self.actor.pk


def advance(
    case: Case,
    kind: str,
    *,
    acting: Acting,
    body: Mapping[str, object],
    documents: Sequence[Document] = (),
    occurred_at: datetime | None = None,
    changes: Mapping[str, object] | None = None,
) -> Event:
    """Record the next event of a connection; inside the caller's transaction.

    Raises NotPossible when it cannot come next; StaleCase when somebody else has written meanwhile; NotAuthorised when
    an agent's authority does not cover it.
    """
    check_authorised(case, kind, acting=acting)
    legal = rules.legal_events(queries.progress(case))
    if kind not in legal and case.version == acting.expected_version:
        raise NotPossible(str(case), kind, legal)
    return record(
        case,
        kind=kind,
        actor=acting.actor,
        role=acting.role,
        channel=acting.channel,
        body={**body, **_told(documents), **behalf(acting)},
        expected_version=acting.expected_version,
        now=acting.now,
        occurred_at=occurred_at,
        evidence=[document.file_id for document in documents],
        changes=changes,
    )


def check_authorised(case: Case, kind: str, *, acting: Acting) -> None:
    """Hold an agent to their authority, which stays locked until the transaction ends: it cannot be taken back midway.

    Raises NotAuthorised; nothing for anybody who is no agent.
    """
    if acting.role is not Role.AGENT:
        return
    authority_id = str(acting.facts.get("authority_id", UUID(int=0)))
    held = AgentAuthority.objects.select_for_update().filter(pk=authority_id, agent=acting.actor, revoked_at=None)
    authority = held.filter(valid_until__gt=acting.now).first()
    if authority is None or authority.case_id not in {None, case.pk} or kind not in authority.covered_events:
        raise NotAuthorised(str(case), kind)


def behalf(acting: Acting) -> dict[str, object]:
    """Return what an event says of acting for somebody else; nothing for acting for oneself."""
    lender = {"on_behalf_of_user_id": acting.on_behalf_of} if acting.on_behalf_of else {}
    return {**acting.facts, **lender}


def take(
    case: Case, uploads: Mapping[str, case_documents.Upload | None], *, stage: str, acting: Acting
) -> list[Document]:
    """Receive uploads by their document id into the case, without the empty ones; inside the caller's transaction.

    Raises RefusedUpload for a file that is too large, of a wrong type or broken.
    """
    return [
        case_documents.receive(upload, kind=kind, actor=acting.actor, now=acting.now, stage=stage, case=case)
        for kind, upload in uploads.items()
        if upload
    ]


def _told(documents: Sequence[Document]) -> dict[str, object]:
    if not documents:
        return {}
    return {"documents": [{"document_id": str(each.pk), "kind": each.kind} for each in documents]}
