"""The way of a connection: which event may come next, whoever acts.

Low voltage is signed up in one go: the contract is signed with the application, so acceptance needs it and nobody waits
for the customer afterwards. High voltage signs on the confirmed scheme.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """What the next step depends on: the case's status, the stages of its class, its contract."""

    status: str
    stages: frozenset[str]
    is_contract_offered: bool
    is_contract_signed: bool
    is_paused: bool = False

    @property
    def is_low_voltage(self) -> bool:
        """Whether the class has no inspection, which every high-voltage class has."""
        return "completion_inspection" not in self.stages


# status → event → next status. Contract, pause, documents and notes leave the status as it is.
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "new": {"application.submitted": "submitted"},
    "submitted": {
        "application.reclassified": "submitted",
        "application.deficiency_notified": "incomplete",
        "application.accepted": "accepted",
        "case.withdrawn": "withdrawn",
    },
    "incomplete": {"application.completed": "submitted", "case.withdrawn": "withdrawn"},
    "accepted": {
        "scheme.issued": "scheme_issued",
        "works.started": "in_works",
        "connection.energised": "energised",
        "case.withdrawn": "withdrawn",
    },
    "in_works": {"works.finished": "works_finished", "case.withdrawn": "withdrawn"},
    "works_finished": {"connection.energised": "energised", "case.withdrawn": "withdrawn"},
    "scheme_issued": {"scheme.confirmed": "scheme_confirmed", "case.withdrawn": "withdrawn"},
    "scheme_confirmed": {
        "design.submitted": "in_design_review",
        "completion.reported": "in_completion_inspection",
        "connection.energised": "energised",
        "case.withdrawn": "withdrawn",
    },
    "in_design_review": {"design.approved": "design_approved", "design.rejected": "scheme_confirmed"},
    "design_approved": {"interim.requested": "in_interim_inspection", "case.withdrawn": "withdrawn"},
    "in_interim_inspection": {"interim.passed": "interim_passed", "interim.failed": "design_approved"},
    "interim_passed": {"completion.reported": "in_completion_inspection", "case.withdrawn": "withdrawn"},
    "in_completion_inspection": {"completion.passed": "inspected", "completion.failed": "rectifying"},
    "rectifying": {"completion.reported": "in_completion_inspection", "case.withdrawn": "withdrawn"},
    "inspected": {"connection.energised": "energised", "case.withdrawn": "withdrawn"},
    "energised": {},
    "withdrawn": {},
}
OPEN_STATUSES = frozenset(status for status, events in TRANSITIONS.items() if events) - {"new"}
# An event needs the stage it belongs to; a class without the stage skips it.
EVENT_STAGE = {
    "scheme.issued": "scheme",
    "works.started": "lv_whole",
    "design.submitted": "design_review",
    "interim.requested": "interim_inspection",
    "completion.reported": "completion_inspection",
}
SKIPPED_BY_STAGE = {
    # where a stage lies between, the event cannot follow straight away
    ("scheme_confirmed", "completion.reported"): "design_review",
    ("accepted", "connection.energised"): "scheme",
    ("scheme_confirmed", "connection.energised"): "completion_inspection",
}
BEFORE_ACCEPTANCE = frozenset({"submitted", "incomplete"})
# Where high voltage offers and signs the contract.
AFTER_SCHEME = OPEN_STATUSES - BEFORE_ACCEPTANCE - {"accepted", "in_works", "works_finished", "scheme_issued"}
# The same graph for the case frame, with the events that leave the status as it is.
FRAME_TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    status: {
        **moves,
        **({"clock.paused": status, "clock.resumed": status} if status in OPEN_STATUSES else {}),
        **({"contract.offered": status} if status in AFTER_SCHEME else {}),
        **({"contract.signed": status} if status in AFTER_SCHEME | BEFORE_ACCEPTANCE else {}),
    }
    for status, moves in TRANSITIONS.items()
}


@dataclass(frozen=True)
class Review:
    """A stage that is asked for by the customer and answered with a pass or a list of findings."""

    stage: str
    request: str
    passed: str
    failed: str


REVIEWS: Mapping[str, Review] = {
    review.stage: review
    for review in (
        Review("design_review", "design.submitted", "design.approved", "design.rejected"),
        Review("interim_inspection", "interim.requested", "interim.passed", "interim.failed"),
        Review("completion_inspection", "completion.reported", "completion.passed", "completion.failed"),
    )
}


def legal_events(progress: Progress) -> frozenset[str]:
    """Return the event kinds that may come next, whoever acts."""
    found = {event for event in TRANSITIONS[progress.status] if _fits_class(event, progress)}
    if not progress.is_contract_signed:
        found.discard("connection.energised")
    if progress.is_low_voltage and not progress.is_contract_signed:
        found.discard("application.accepted")
    hand_in = {"document.added"} if progress.status in OPEN_STATUSES else set()
    return frozenset(found | hand_in | _contract_events(progress) | _pause_events(progress))


def _fits_class(event: str, progress: Progress) -> bool:
    if event == "application.reclassified":
        return progress.is_low_voltage
    needed = EVENT_STAGE.get(event)
    excluded_by = SKIPPED_BY_STAGE.get((progress.status, event))
    return (needed is None or needed in progress.stages) and (excluded_by is None or excluded_by not in progress.stages)


def _contract_events(progress: Progress) -> set[str]:
    if progress.is_contract_signed:
        return set()
    if progress.is_low_voltage:
        return {"contract.signed"} if progress.status in BEFORE_ACCEPTANCE else set()
    if progress.status not in AFTER_SCHEME:
        return set()
    return {"contract.signed"} if progress.is_contract_offered else {"contract.offered"}


def _pause_events(progress: Progress) -> set[str]:
    if progress.status not in OPEN_STATUSES:
        return set()
    return {"clock.resumed"} if progress.is_paused else {"clock.paused"}
