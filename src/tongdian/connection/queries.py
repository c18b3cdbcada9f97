"""Reads: drafts, what a case may do next, what the policy asks of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tongdian.case.models import Case, Document, Event, Installation
from tongdian.case.queries.clock import local_date
from tongdian.connection import rules
from tongdian.connection.models import (
    Application,
    Deficiency,
    Draft,
    DraftFile,
    Inspection,
    MeterInstallation,
    Scheme,
    SupplyContract,
)
from tongdian.people.models import Grant, User
from tongdian.people.queries import in_force
from tongdian.people.rules import Role, Territory
from tongdian.policy import NoRuling, current_book

CLASSIFICATION = "connection.classification"


@dataclass(frozen=True)
class PauseReason:
    """A reason on the white list: whose time it is, which evidence it needs, whether the customer must ask."""

    id: str
    title: Mapping[str, str]
    owner: str
    evidence: tuple[str, ...]
    needs_customer: bool


@dataclass(frozen=True)
class Steps:
    """The steps a customer goes through (id, title, timed stages in each), how many there may be, the rules."""

    listed: tuple[Mapping[str, Any], ...]
    most: int
    rule_id: str
    most_rule_id: str


def answers(draft: Draft) -> dict[str, dict[str, Any]]:
    """Return the answers of a draft by step."""
    loaded: dict[str, dict[str, Any]] = json.loads(draft.answers)
    return loaded


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


def classification(demand: rules.Demand, *, on: date, county_code: str) -> rules.Classification:
    """Classify a demand by the rules in force on a day at a place.

    Raises rules.InvalidDemand when the demand contradicts itself or fits no line.
    """
    book = current_book()

    def value(policy_id: str) -> Any:
        return book.lookup(policy_id, on=on, place=county_code).value

    lines = value(CLASSIFICATION)
    voltages = rules.Voltages(
        lv_max_kv=_number(value("connection.lv.max_kv")),
        hv_min_kv=_number(value("connection.hv.min_kv")),
        hv35_min_kv=_number(value("connection.class.hv35_single")["min_kv"]),
    )
    named = {str(line["if"]["within"]) for line in lines if "within" in line["if"]}
    limits_kw = {policy_id: _number(value(policy_id)) for policy_id in named}
    return rules.classify(demand, lines, voltages=voltages, limits_kw=limits_kw)


def _number(value: object) -> Decimal:
    return Decimal(str(value))


def stages(customer_class: str, *, on: date, county_code: str) -> tuple[str, ...]:
    """Return the timed stages of a class, in order.

    Raises NoRuling when the class is unknown on that day.
    """
    ruling = current_book().lookup(f"connection.class.{customer_class}", on=on, place=county_code)
    return tuple(str(stage) for stage in ruling.value["stages"])


def steps(customer_class: str, *, on: date, county_code: str, zone: str = "") -> Steps:
    """Return the customer-facing steps of a class, in order; a zone of the county may have fewer.

    Raises NoRuling when the class is unknown on that day.
    """
    book, voltage = current_book(), "lv" if customer_class.startswith("lv") else "hv"
    listed = book.lookup(f"connection.steps.{customer_class}", on=on, place=county_code, zone=zone or None)
    most = book.lookup(f"connection.step_limit.{voltage}", on=on, place=county_code, zone=zone or None)
    return Steps(tuple(listed.value), int(most.value), listed.id, most.id)


def listed_documents(customer_class: str, stage: str, *, on: date, county_code: str) -> tuple[Mapping[str, Any], ...]:
    """Return the legal list of a class and stage; empty when nothing may be asked for.

    Raises NoRuling when the book has no list for them on that day.
    """
    ruling = current_book().lookup(f"connection.documents.{customer_class}.{stage}", on=on, place=county_code)
    return tuple(ruling.value)


def askable(case: Case, stage: str) -> tuple[str, ...]:
    """Return the documents that may be asked of a case in a stage.

    Raises NoRuling when the book has no list for the case's class on its day.
    """
    on = case.judged_date or local_date(case.opened_at)
    listed = listed_documents(case.customer_class, stage, on=on, county_code=case.county_code)
    return rules.askable_documents(listed, conditions=())


def documents_to_follow(case: Case) -> list[Mapping[str, Any]]:
    """List what acceptance may ask for and the customer has not handed in yet. Causes one query."""
    on = case.judged_date or local_date(case.opened_at)
    listed = listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    given = set(Document.objects.filter(case=case).values_list("kind", flat=True))
    wanted = set(askable(case, "acceptance")) - given
    return [each for each in listed if each["id"] in wanted]


def scheme_months(customer_class: str, *, on: date) -> int:
    """Return for how many months a supply scheme holds.

    Raises NoRuling when the book has no validity for the day.
    """
    voltage = "lv" if customer_class.startswith("lv") else "hv"
    return int(current_book().lookup(f"connection.scheme_validity.{voltage}", on=on, place="370000").value)


def pause_reasons(case: Case, *, on: date) -> tuple[PauseReason, ...]:
    """List the white-listed reasons that fit the stage the case is in and its voltage. Causes one query."""
    voltage_kv = application(case).voltage_kv
    book = current_book()
    found = []
    for entry in book.items():
        if not entry.id.startswith("connection.pause_reason."):
            continue
        try:
            value = book.lookup(entry.id, on=on, place=case.county_code).value
        except NoRuling:
            continue
        fits_stage = not value["stages"] or case.next_stage in value["stages"]
        if fits_stage and voltage_kv >= _number(value.get("min_kv", 0)):
            title = {"zh": entry.title.zh, "en": entry.title.en}
            reason_id = entry.id.rsplit(".", 1)[-1]
            found.append(
                PauseReason(reason_id, title, value["owner"], tuple(value["evidence"]), bool(value["customer_event"]))
            )
    return tuple(found)


def progress(case: Case) -> rules.Progress:
    """Return what the next step of a case depends on. Causes two queries."""
    contract = SupplyContract.objects.filter(case=case).first()
    on = case.judged_date or local_date(case.opened_at)
    return rules.Progress(
        status=case.status,
        stages=frozenset(stages(case.customer_class, on=on, county_code=case.county_code)),
        is_contract_offered=contract is not None,
        is_contract_signed=contract is not None and contract.signed_at is not None,
        is_paused=_is_paused(case),
    )


def _is_paused(case: Case) -> bool:
    kinds = Event.objects.filter(case=case, kind__in=["clock.paused", "clock.resumed"]).order_by("-seq")
    return kinds.values_list("kind", flat=True).first() == "clock.paused"


def current_scheme(case: Case) -> Scheme | None:
    """Return the latest scheme issued to the customer, None before the first. Causes one query."""
    return Scheme.objects.filter(case=case).order_by("-issue").first()


def deficiency(case: Case) -> Deficiency | None:
    """Return what the customer was told is missing, None when nothing was. Causes one query."""
    return Deficiency.objects.filter(case=case).first()


def case_rows(case: Case) -> dict[str, Any]:
    """Load a connection's own rows for its page. Causes six queries."""
    return {
        "application": application(case),
        "deficiency": deficiency(case),
        "scheme": current_scheme(case),
        "inspections": list(
            Inspection.objects.filter(case=case).select_related("inspector").order_by("requested_at", "id")
        ),
        "contract": SupplyContract.objects.filter(case=case).select_related("document", "signed_by").first(),
        "meter": MeterInstallation.objects.filter(case=case).first(),
    }


def application(case: Case) -> Application:
    """Return what was applied for. Causes one query."""
    return Application.objects.get(case=case)


def installation() -> Installation:
    """Return what this database is for. Causes one query."""
    return Installation.objects.get()


def account_managers(case: Case) -> list[User]:
    """List who may be named account manager of a case: holders of the role in its territory and utility."""
    grants = in_force(Grant.objects.filter(role=Role.ACCOUNT_MANAGER)).select_related("user", "organisation")
    found = {
        grant.user
        for grant in grants
        if grant.user.is_active
        and grant.organisation is not None
        and grant.organisation.top_id == case.utility_id
        and Territory(grant.territory_code).covers(case.county_code)
    }
    return sorted(found, key=lambda user: user.username)
