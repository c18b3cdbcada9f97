"""Reads of applications that are not yet submitted."""

import json
from uuid import UUID

from tongdian.case.models import Document
from tongdian.connection import rules
from tongdian.connection.models import Draft, DraftFile
from tongdian.people.models import User


def answers(draft: Draft) -> rules.Answers:
    """Return the answers of a draft by step, as the present form knows them."""
    return rules.upgraded(json.loads(draft.answers))


def own_drafts(owner: User) -> list[Draft]:
    """List what a person has begun and not submitted, newest first. Causes one query."""
    return list(Draft.objects.filter(owner=owner, case=None).order_by("-updated_at", "id"))


def own_draft(owner: User, draft_id: UUID) -> Draft:
    """Return one of a person's drafts, submitted or not.

    Raises Draft.DoesNotExist when there is none of that id, or it is somebody else's.
    """
    return Draft.objects.select_related("case").get(pk=draft_id, owner=owner)


def draft_files(draft: Draft) -> dict[str, Document]:
    """Return the files of a draft by document id. Causes one query."""
    files = DraftFile.objects.filter(draft=draft).select_related("document").order_by("id")
    return {each.kind: each.document for each in files}
