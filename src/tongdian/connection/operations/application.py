"""From the first saved answer to the submitted case."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from tongdian.case.models import Case, Document, Party
from tongdian.case.operations import documents as case_documents
from tongdian.case.operations import frame
from tongdian.case.operations.parties import PartyFacts, add_party, told
from tongdian.case.queries.clock import local_date
from tongdian.connection import queries, rules
from tongdian.connection.models import Application, Draft, DraftFile
from tongdian.people.models import User
from tongdian.people.queries import utility_for
from tongdian.people.rules import Role

STEPS = ("who", "site", "demand")


class StaleDraft(RuntimeError):
    """The draft was saved elsewhere since it was read."""

    def __init__(self, draft_id: UUID, expected: int, version: int) -> None:
        super().__init__(f"draft {draft_id} is at version {version}, not {expected}; look at it again before saving")
        self.draft_id, self.expected, self.version = draft_id, expected, version


class DraftIncomplete(ValueError):
    """A step has no answers yet."""

    def __init__(self, draft_id: UUID, steps: tuple[str, ...]) -> None:
        super().__init__(f"draft {draft_id}: {', '.join(steps)} not answered yet; go back and fill them in")
        self.draft_id, self.steps = draft_id, steps


class AlreadySubmitted(RuntimeError):
    """The draft has become a case."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"this application was submitted as case {case}; open that case")
        self.case = case


class ClassNotOnline(ValueError):
    """Cases of this class are not handled here yet."""

    def __init__(self, customer_class: str) -> None:
        super().__init__(f"{customer_class} cannot be applied for here yet; use the counter or the hotline")
        self.customer_class = customer_class


def start_draft(owner: User, *, form_version: int, now: datetime) -> Draft:
    """Begin an application, empty."""
    return Draft.objects.create(owner=owner, answers="{}", form_version=form_version, created_at=now, updated_at=now)


def save_answers(
    draft_id: UUID, *, owner: User, step: str, answers: Mapping[str, Any], expected_version: int, now: datetime
) -> Draft:
    """Keep the answers of one step, whatever the order of the steps.

    Raises Draft.DoesNotExist; AlreadySubmitted; StaleDraft when another window saved first.
    """
    with transaction.atomic():
        draft = _locked(draft_id, owner, expected_version)
        draft.answers = json.dumps(queries.answers(draft) | {step: dict(answers)}, ensure_ascii=False, default=str)
        return _touched(draft, now)


def attach_to_draft(
    draft_id: UUID, *, owner: User, kind: str, upload: case_documents.Upload, expected_version: int, now: datetime
) -> Draft:
    """Keep a file with the draft, in place of an earlier one of its kind.

    Raises as `save_answers`, and what `case.operations.documents.receive` raises for a file it refuses.
    """
    document = case_documents.receive(upload, kind=kind, actor=owner, now=now, stage="acceptance")
    with transaction.atomic():
        draft = _locked(draft_id, owner, expected_version)
        DraftFile.objects.filter(draft=draft, kind=kind).delete()
        DraftFile.objects.create(draft=draft, kind=kind, document=document)
        return _touched(draft, now)


def remove_from_draft(draft_id: UUID, *, owner: User, kind: str, expected_version: int, now: datetime) -> Draft:
    """Take a file out of the draft.

    Raises as `save_answers`; DraftFile.DoesNotExist when the draft has no such file.
    """
    with transaction.atomic():
        draft = _locked(draft_id, owner, expected_version)
        DraftFile.objects.get(draft=draft, kind=kind).delete()
        return _touched(draft, now)


def _locked(draft_id: UUID, owner: User, expected_version: int) -> Draft:
    # Who waited for the lock reads the draft anew, but not what was joined to it.
    draft = Draft.objects.select_for_update().get(pk=draft_id, owner=owner)
    if draft.case is not None:
        raise AlreadySubmitted(draft.case)
    if draft.version != expected_version:
        raise StaleDraft(draft.pk, expected_version, draft.version)
    return draft


def _touched(draft: Draft, now: datetime) -> Draft:
    draft.version += 1
    draft.updated_at = now
    draft.save()
    return draft


def submit(
    draft_id: UUID, *, owner: User, expected_version: int, channel: str, now: datetime, role: Role = Role.APPLICANT
) -> Case:
    """Turn a complete draft into a case: parties, documents, application, first event, number.

    Raises Draft.DoesNotExist; AlreadySubmitted; StaleDraft; DraftIncomplete; ClassNotOnline;
    rules.InvalidDemand when the demand fits no class; people.queries.NoUtility when nobody supplies the address.
    """
    with transaction.atomic():
        draft = _locked(draft_id, owner, expected_version)
        answers = _complete_answers(draft)
        on = local_date(now)
        found = queries.classification(demand_of(answers), on=on, county_code=answers["site"]["county_code"])
        if found.customer_class not in rules.ONLINE_CLASSES:
            raise ClassNotOnline(found.customer_class)
        case = _open(answers, found.customer_class, owner=owner, now=now)
        files = _take_files(draft, case)
        parties = _enter_parties(case, answers["who"], owner)
        application = _enter_application(case, answers, found)
        _record_submission(case, application, parties, files, owner=owner, channel=channel, now=now, role=role)
        draft.case, draft.answers = case, "{}"
        _touched(draft, now)
        frame.assign_number(case, now=now)
        return case


def demand_of(answers: Mapping[str, Mapping[str, Any]]) -> rules.Demand:
    """Read the demand out of saved answers; the steps `who` and `demand` must be answered."""
    demand = answers["demand"]
    return rules.Demand(
        customer=rules.Customer(answers["who"]["customer"]),
        load_kw=Decimal(demand["load_kw"]),
        voltage_kv=Decimal(demand["voltage_kv"]),
        source_count=int(demand["source_count"]),
    )


def _complete_answers(draft: Draft) -> dict[str, dict[str, Any]]:
    answers = queries.answers(draft)
    if missing := tuple(step for step in STEPS if step not in answers):
        raise DraftIncomplete(draft.pk, missing)
    return answers


def _open(answers: Mapping[str, Mapping[str, Any]], customer_class: str, *, owner: User, now: datetime) -> Case:
    site = answers["site"]
    return frame.open_case(
        kind="connection",
        customer_class=customer_class,
        title=answers["who"]["organisation_name"],
        address=site["address"],
        county_code=site["county_code"],
        zone=site["zone"],
        utility=utility_for(site["county_code"], local_date(now)),
        actor=owner,
        applicant=owner,
        now=now,
    )


def _take_files(draft: Draft, case: Case) -> list[Document]:
    files = [each.document for each in DraftFile.objects.filter(draft=draft).select_related("document").order_by("id")]
    for document in files:
        case_documents.attach(document, case=case)
    return files


def _enter_parties(case: Case, who: Mapping[str, Any], owner: User) -> list[Party]:
    firm = PartyFacts(name=who["organisation_name"], id_kind="credit_code", id_number=who["credit_code"])
    contact = PartyFacts(name=who["contact_name"], phone=who["contact_phone"])
    return [
        add_party(case, role=Party.Role.APPLICANT, kind=Party.Kind.ORGANISATION, facts=firm),
        add_party(case, role=Party.Role.CONTACT, kind=Party.Kind.PERSON, facts=contact, user=owner),
    ]


def _enter_application(
    case: Case, answers: Mapping[str, Mapping[str, Any]], found: rules.Classification
) -> Application:
    demand = answers["demand"]
    return Application.objects.create(
        case=case,
        customer=answers["who"]["customer"],
        load_kw=Decimal(demand["load_kw"]),
        transformer_kva=Decimal(demand["transformer_kva"]) if demand.get("transformer_kva") else None,
        voltage_kv=Decimal(demand["voltage_kv"]),
        source_count=int(demand["source_count"]),
        use=demand["use"],
        wanted_on=demand.get("wanted_on") or None,
        class_trace=[
            {"customer_class": line.customer_class, "because": dict(line.because), "failed": line.failed}
            for line in found.trace
        ],
    )


def _record_submission(
    case: Case,
    application: Application,
    parties: list[Party],
    files: list[Document],
    *,
    owner: User,
    channel: str,
    now: datetime,
    role: Role,
) -> None:
    body = {
        "customer_class": case.customer_class,
        "load_kw": str(application.load_kw),
        "voltage_kv": str(application.voltage_kv),
        "source_count": application.source_count,
        "use": application.use,
        "parties": [told(party) for party in parties],
        "documents": [{"document_id": str(each.pk), "kind": each.kind} for each in files],
    }
    frame.record(
        case,
        kind="application.submitted",
        actor=owner,
        role=role,
        channel=channel,
        body=body,
        expected_version=0,
        now=now,
        evidence=[each.file_id for each in files],
    )
