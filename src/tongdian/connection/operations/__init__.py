"""Writes of a service connection, one module per part of its way."""

from tongdian.connection.operations.acting import Acting, NotPossible
from tongdian.connection.operations.application import (
    AlreadySubmitted,
    ClassNotOnline,
    DraftIncomplete,
    StaleDraft,
    attach_to_draft,
    demand_of,
    remove_from_draft,
    save_answers,
    start_draft,
    submit,
)
from tongdian.connection.operations.contract import offer_contract, sign_contract
from tongdian.connection.operations.intake import (
    DocumentOffList,
    accept,
    answer_deficiency,
    hand_in,
    notify_deficiency,
    withdraw,
)
from tongdian.connection.operations.pause import PauseRefused, pause, resume
from tongdian.connection.operations.works import (
    FindingsMissing,
    MeterInUse,
    confirm_scheme,
    decide_review,
    energise,
    issue_scheme,
    request_review,
)

__all__ = [
    "Acting",
    "AlreadySubmitted",
    "ClassNotOnline",
    "DocumentOffList",
    "DraftIncomplete",
    "FindingsMissing",
    "MeterInUse",
    "NotPossible",
    "PauseRefused",
    "StaleDraft",
    "accept",
    "answer_deficiency",
    "attach_to_draft",
    "confirm_scheme",
    "decide_review",
    "demand_of",
    "energise",
    "hand_in",
    "issue_scheme",
    "notify_deficiency",
    "offer_contract",
    "pause",
    "remove_from_draft",
    "request_review",
    "resume",
    "save_answers",
    "sign_contract",
    "start_draft",
    "submit",
    "withdraw",
]
