"""The submitted case: parties, documents, application, contract, first events, number."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from tongdian.case.models import Case, Document, Party
from tongdian.case.operations import documents as case_documents
from tongdian.case.operations import frame
from tongdian.case.operations.contacts import carry_guide_result
from tongdian.case.operations.parties import PartyFacts, add_party, told
from tongdian.case.queries.clock import local_date
from tongdian.connection import queries, rules
from tongdian.connection.models import Application, Draft, DraftFile
from tongdian.connection.operations.acting import Acting, behalf
from tongdian.connection.operations.contract import sign_standard_contract
from tongdian.connection.operations.draft import AlreadySubmitted, StaleDraft, locked, touched
from tongdian.kernel.divisions import division
from tongdian.people.models import User
from tongdian.people.queries import utility_for
from tongdian.people.rules import Role

# A title is searched, exported and read aloud: where nobody's name may stand in it, it says what is asked for where.
PLACE_TITLES = {rules.Customer.RESIDENT: "居民用电", rules.Customer.SOLE_TRADER: "个体工商户用电"}


class DraftIncomplete(ValueError):
    """A step has no answers yet."""

    def __init__(self, draft_id: UUID, steps: tuple[str, ...]) -> None:
        super().__init__(f"draft {draft_id}: {', '.join(steps)} not answered yet; go back and fill them in")
        self.draft_id, self.steps = draft_id, steps


def submit(
    draft_id: UUID,
    *,
    owner: User,
    expected_version: int,
    channel: str,
    now: datetime,
    role: Role = Role.APPLICANT,
    contract: case_documents.Upload | None = None,
    actor: User | None = None,
    applicant: User | None = None,
    facts: Mapping[str, object] | None = None,
) -> Case:
    """Turn a complete draft into a case: parties, documents, application, first event, number.

    contract: the utility's standard contract as the customer has read it. Low voltage signs it in the same go, as a
    second event of the same transaction: two declarations by one press of a button. None leaves it to be signed on the
    page of the case; nobody can accept before.
    actor: who submits, None for the owner of the draft: a clerk at the counter. applicant: whose case it becomes, None
    for the owner: the principal of an agent. facts: by what consent or authority, for the events.

    Raises Draft.DoesNotExist; AlreadySubmitted; StaleDraft; DraftIncomplete; rules.InvalidDemand when the demand fits
    no class; people.queries.NoUtility when nobody supplies the address; NotPossible when a contract comes with a
    high-voltage application; RefusedUpload.
    """
    with transaction.atomic():
        draft = locked(draft_id, owner, expected_version)
        answers = _complete_answers(draft)
        on = local_date(now)
        demand = rules.demand_of(answers)
        found = queries.classification(demand, on=on, county_code=answers["site"]["county_code"])
        by, whose = actor or owner, applicant or owner
        before = _predecessor(draft, answers, found.customer_class, applicant=whose, now=now)
        case = _open(answers, found.customer_class, actor=by, applicant=whose, predecessor=before, now=now)
        files = _take_files(draft, case)
        parties = _enter_parties(case, answers, whose=whose, agent=by if role is Role.AGENT else None)
        application = _enter_application(case, answers, demand, found)
        behalf_of = whose.pk if by != whose else None
        acting = Acting(by, role, channel, 0, now, on_behalf_of=behalf_of, facts=facts or {})
        _record_submission(case, application, parties, files, acting=acting)
        carry_guide_result(case, code=answers.get("guide", {}).get("code", ""), now=now)
        if contract is not None:
            sign_standard_contract(case, upload=contract, acting=replace(acting, expected_version=case.version))
        draft.case, draft.answers = case, "{}"
        touched(draft, now)
        frame.assign_number(case, now=now)
        return case


def _complete_answers(draft: Draft) -> rules.Answers:
    answers = queries.answers(draft)
    if missing := rules.missing_steps(answers):
        raise DraftIncomplete(draft.pk, missing)
    return answers


def _predecessor(
    draft: Draft, answers: rules.Answers, customer_class: str, *, applicant: User, now: datetime
) -> Case | None:
    """Find the withdrawn case this one goes on from, whether the applicant says so or not: no withdrawal resets a
    clock."""
    if draft.predecessor is not None:
        return draft.predecessor
    who = answers["who"]
    identity = who.get("identity_number") or who["credit_code"]
    return queries.predecessor_for(
        applicant, identity=identity, site=answers["site"], customer_class=customer_class, now=now
    )


def _open(
    answers: rules.Answers,
    customer_class: str,
    *,
    actor: User,
    applicant: User,
    predecessor: Case | None,
    now: datetime,
) -> Case:
    site = answers["site"]
    return frame.open_case(
        kind="connection",
        customer_class=customer_class,
        title=_title(answers, now),
        address=site["address"],
        county_code=site["county_code"],
        zone=site["zone"],
        utility=utility_for(site["county_code"], local_date(now)),
        actor=actor,
        applicant=applicant,
        predecessor=predecessor,
        now=now,
    )


def _title(answers: rules.Answers, now: datetime) -> str:
    if name := answers["who"].get("organisation_name"):
        return str(name)
    county = division(answers["site"]["county_code"], local_date(now)).name_zh
    return county + PLACE_TITLES[rules.Customer(answers["customer"]["customer"])]


def _take_files(draft: Draft, case: Case) -> list[Document]:
    files = [each.document for each in DraftFile.objects.filter(draft=draft).select_related("document").order_by("id")]
    for document in files:
        case_documents.attach(document, case=case)
    return files


def _enter_parties(case: Case, answers: rules.Answers, *, whose: User, agent: User | None) -> list[Party]:
    who = answers["who"]
    is_resident = rules.customer_of(answers) is rules.Customer.RESIDENT
    is_named = bool(who.get("organisation_name"))
    applicant = PartyFacts(
        name=who["organisation_name"] if is_named else who["person_name"],
        id_kind=Party.IdKind.RESIDENT if is_resident else Party.IdKind.CREDIT_CODE,
        id_number=who["identity_number" if is_resident else "credit_code"],
    )
    kind = Party.Kind.ORGANISATION if is_named else Party.Kind.PERSON
    contact = PartyFacts(name=who.get("contact_name") or who["person_name"], phone=who.get("contact_phone", ""))
    parties = [
        add_party(case, role=Party.Role.APPLICANT, kind=kind, facts=applicant),
        add_party(case, role=Party.Role.CONTACT, kind=Party.Kind.PERSON, facts=contact, user=whose),
    ]
    if agent is None:
        return parties
    named = PartyFacts(name=answers["agent"]["agent_name"], phone=agent.phone or "")
    return [*parties, add_party(case, role=Party.Role.AGENT, kind=Party.Kind.PERSON, facts=named, user=agent)]


def _enter_application(
    case: Case, answers: rules.Answers, demand: rules.Demand, found: rules.Classification
) -> Application:
    asked, supply = answers["demand"], answers.get("supply", {})
    return Application.objects.create(
        case=case,
        customer=demand.customer,
        load_kw=demand.load_kw,
        transformer_kva=Decimal(supply["transformer_kva"]) if supply.get("transformer_kva") else None,
        voltage_kv=demand.voltage_kv,
        source_count=demand.source_count,
        needs_works=demand.needs_works,
        use=asked.get("use") or Application.Use.RESIDENTIAL,
        wanted_on=asked.get("wanted_on") or None,
        class_trace=trace_of(found),
    )


def trace_of(found: rules.Classification) -> list[Mapping[str, Any]]:
    """Return the lines of a classification as they are kept with the application."""
    return [
        {"customer_class": line.customer_class, "because": dict(line.because), "failed": line.failed}
        for line in found.trace
    ]


def _record_submission(
    case: Case, application: Application, parties: list[Party], files: list[Document], *, acting: Acting
) -> None:
    body = {
        "customer_class": case.customer_class,
        "load_kw": str(application.load_kw),
        "voltage_kv": str(application.voltage_kv),
        "source_count": application.source_count,
        "needs_works": application.needs_works,
        "use": application.use,
        "parties": [told(party) for party in parties],
        "documents": [{"document_id": str(each.pk), "kind": each.kind} for each in files],
        **({"predecessor": str(case.predecessor_id)} if case.predecessor_id else {}),
        **behalf(acting),
    }
    frame.record(
        case,
        kind="application.submitted",
        actor=acting.actor,
        role=acting.role,
        channel=acting.channel,
        body=body,
        expected_version=0,
        now=acting.now,
        evidence=[each.file_id for each in files],
    )


__all__ = ["AlreadySubmitted", "DraftIncomplete", "StaleDraft", "submit", "trace_of"]
