"""What every write shares: who acts on which version, whether the next event is legal, which files come with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tongdian.case.models import Case, Document, Event
from tongdian.case.operations import documents as case_documents
from tongdian.case.operations.frame import record
from tongdian.connection import queries, rules
from tongdian.people.models import User
from tongdian.people.rules import Role


class NotPossible(ValueError):
    """The event cannot come next; `legal` lists what can."""

    def __init__(self, number: str, event_kind: str, legal: Iterable[str]) -> None:
        self.number, self.event_kind, self.legal = number, event_kind, tuple(sorted(legal))
        possible = ", ".join(self.legal) or "nothing, it is closed"
        super().__init__(f"case {number}: {event_kind} cannot come next; possible: {possible}")


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

    Raises NotPossible when it cannot come next; StaleCase when somebody else has written meanwhile.
    """
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
