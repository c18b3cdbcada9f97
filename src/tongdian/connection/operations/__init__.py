"""Writes of a service connection, one module per part of its way."""

from tongdian.connection.operations.acting import Acting, NotAuthorised, NotPossible
from tongdian.connection.operations.application import DraftIncomplete, submit
from tongdian.connection.operations.assigning import ManagerNotPossible, NobodyThere, reassign
from tongdian.connection.operations.contract import offer_contract, sign_contract, sign_standard_contract
from tongdian.connection.operations.draft import (
    AlreadySubmitted,
    StaleDraft,
    attach_to_draft,
    remove_from_draft,
    save_answers,
    start_draft,
    take_up_again,
)
from tongdian.connection.operations.intake import (
    AuthorityUnchecked,
    DocumentOffList,
    SameClass,
    accept,
    answer_deficiency,
    hand_in,
    notify_deficiency,
    reclassify,
    withdraw,
)
from tongdian.connection.operations.pause import PauseRefused, pause, resume
from tongdian.connection.operations.works import (
    FindingsMissing,
    MeterInUse,
    confirm_scheme,
    decide_review,
    energise,
    finish_works,
    issue_scheme,
    request_review,
    start_works,
)

__all__ = [
    "Acting",
    "AlreadySubmitted",
    "AuthorityUnchecked",
    "DocumentOffList",
    "DraftIncomplete",
    "FindingsMissing",
    "ManagerNotPossible",
    "MeterInUse",
    "NobodyThere",
    "NotAuthorised",
    "NotPossible",
    "PauseRefused",
    "SameClass",
    "StaleDraft",
    "accept",
    "answer_deficiency",
    "attach_to_draft",
    "confirm_scheme",
    "decide_review",
    "energise",
    "finish_works",
    "hand_in",
    "issue_scheme",
    "notify_deficiency",
    "offer_contract",
    "pause",
    "reassign",
    "reclassify",
    "remove_from_draft",
    "request_review",
    "resume",
    "save_answers",
    "sign_contract",
    "sign_standard_contract",
    "start_draft",
    "start_works",
    "submit",
    "take_up_again",
    "withdraw",
]
