"""Reads of a service connection, one module per topic."""

from tongdian.connection.queries.course import (
    PauseReason,
    askable,
    conditions,
    documents_to_follow,
    pause_reasons,
    progress,
)
from tongdian.connection.queries.drafts import (
    answers,
    draft_files,
    own_draft,
    own_drafts,
)
from tongdian.connection.queries.next_day import NextDayCount, next_day_cases, next_day_count
from tongdian.connection.queries.rows import (
    applicant_name,
    application,
    case_rows,
    contract_of,
    current_scheme,
    deficiency,
    installation,
    supporting_works,
)
from tongdian.connection.queries.standard import (
    CLASSIFICATION,
    Steps,
    classification,
    listed_documents,
    scheme_months,
    stages,
    steps,
)
from tongdian.connection.queries.succession import answers_of, normalised, predecessor_for, successors

__all__ = [
    "CLASSIFICATION",
    "NextDayCount",
    "PauseReason",
    "Steps",
    "answers",
    "answers_of",
    "applicant_name",
    "application",
    "askable",
    "case_rows",
    "classification",
    "conditions",
    "contract_of",
    "current_scheme",
    "deficiency",
    "documents_to_follow",
    "draft_files",
    "installation",
    "listed_documents",
    "next_day_cases",
    "next_day_count",
    "normalised",
    "own_draft",
    "own_drafts",
    "pause_reasons",
    "predecessor_for",
    "progress",
    "scheme_months",
    "stages",
    "steps",
    "successors",
    "supporting_works",
]
