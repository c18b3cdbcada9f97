"""An application before it is submitted: begun, saved step by step, with its files."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongdian.case.models import Case
from tongdian.case.operations import documents as case_documents
from tongdian.connection import queries, rules
from tongdian.connection.models import Draft, DraftFile
from tongdian.connection.operations.acting import NotPossible
from tongdian.people.models import User


class StaleDraft(RuntimeError):
    """The draft was saved elsewhere since it was read."""

    def __init__(self, draft_id: UUID, expected: int, version: int) -> None:
        super().__init__(f"draft {draft_id} is at version {version}, not {expected}; look at it again before saving")
        self.draft_id, self.expected, self.version = draft_id, expected, version


class AlreadySubmitted(RuntimeError):
    """The draft has become a case."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"this application was submitted as case {case}; open that case")
        self.case = case


def start_draft(
    owner: User,
    *,
    now: datetime,
    form_version: int = rules.FORM_VERSION,
    predecessor: Case | None = None,
    answers: rules.Answers | None = None,
) -> Draft:
    """Begin an application: empty, or with answers known from before. `predecessor` is the case it takes up again."""
    return Draft.objects.create(
        owner=owner,
        answers=_written(answers or {}),
        form_version=form_version,
        predecessor=predecessor,
        created_at=now,
        updated_at=now,
    )


def take_up_again(case: Case, *, owner: User, now: datetime) -> Draft:
    """Begin an application that takes a withdrawn case up again, with its answers; its clock will go on, not restart.

    Raises NotPossible when the case has not been withdrawn.
    """
    if case.status != "withdrawn":
        raise NotPossible(str(case), "application.submitted", ())
    return start_draft(owner, now=now, predecessor=case, answers=queries.answers_of(case))


def save_answers(
    draft_id: UUID, *, owner: User, step: str, answers: Mapping[str, Any], expected_version: int, now: datetime
) -> Draft:
    """Keep the answers of one step, whatever the order of the steps.

    Raises Draft.DoesNotExist; AlreadySubmitted; StaleDraft when another window saved first.
    """
    with transaction.atomic():
        draft = locked(draft_id, owner, expected_version)
        draft.answers = _written(queries.answers(draft) | rules.upgraded({step: answers}))
        draft.form_version = rules.FORM_VERSION
        return touched(draft, now)


def attach_to_draft(
    draft_id: UUID, *, owner: User, kind: str, upload: case_documents.Upload, expected_version: int, now: datetime
) -> Draft:
    """Keep a file with the draft, in place of an earlier one of its kind.

    Raises as `save_answers`, and what `case.operations.documents.receive` raises for a file it refuses.
    """
    document = case_documents.receive(upload, kind=kind, actor=owner, now=now, stage="acceptance")
    with transaction.atomic():
        draft = locked(draft_id, owner, expected_version)
        DraftFile.objects.filter(draft=draft, kind=kind).delete()
        DraftFile.objects.create(draft=draft, kind=kind, document=document)
        return touched(draft, now)


def remove_from_draft(draft_id: UUID, *, owner: User, kind: str, expected_version: int, now: datetime) -> Draft:
    """Take a file out of the draft.

    Raises as `save_answers`; DraftFile.DoesNotExist when the draft has no such file.
    """
    with transaction.atomic():
        draft = locked(draft_id, owner, expected_version)
        DraftFile.objects.get(draft=draft, kind=kind).delete()
        return touched(draft, now)


def locked(draft_id: UUID, owner: User, expected_version: int) -> Draft:
    """Lock a draft of its owner; inside the caller's transaction. Raises as `save_answers`."""
    # Who waited for the lock reads the draft anew, but not what was joined to it.
    draft = Draft.objects.select_for_update().get(pk=draft_id, owner=owner)
    if draft.case is not None:
        raise AlreadySubmitted(draft.case)
    if draft.version != expected_version:
        raise StaleDraft(draft.pk, expected_version, draft.version)
    return draft


def touched(draft: Draft, now: datetime) -> Draft:
    """Save a locked draft as its next version."""
    draft.version += 1
    draft.updated_at = now
    draft.save()
    return draft


def _written(answers: Mapping[str, Any]) -> str:
    return json.dumps(answers, ensure_ascii=False, default=str)
