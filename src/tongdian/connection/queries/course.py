"""What a case may do next: its progress, the documents it may be asked for, the reasons to pause it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tongdian.case.models import Case, Document, Party
from tongdian.case.queries.clock import history, local_date
from tongdian.connection import rules
from tongdian.connection.queries.rows import application
from tongdian.connection.queries.standard import listed_documents, stages
from tongdian.policy import NoRuling, current_book


@dataclass(frozen=True)
class PauseReason:
    """A reason on the white list: whose time it is, which evidence it needs, whether the customer must ask."""

    id: str
    title: Mapping[str, str]
    owner: str
    evidence: tuple[str, ...]
    needs_customer: bool


def progress(case: Case) -> rules.Progress:
    """Return what the next step of a case depends on, read from its events. Causes two queries, or none (`history`)."""
    on = case.judged_date or local_date(case.opened_at)
    kinds = [event.kind for event in history(case).events]
    paused = [kind for kind in kinds if kind in {"clock.paused", "clock.resumed"}]
    return rules.Progress(
        status=case.status,
        stages=frozenset(stages(case.customer_class, on=on, county_code=case.county_code)),
        is_contract_offered="contract.offered" in kinds,
        is_contract_signed="contract.signed" in kinds,
        is_paused=paused[-1:] == ["clock.paused"],
    )


def askable(case: Case, stage: str) -> tuple[str, ...]:
    """Return the documents that may be asked of a case in a stage.

    Causes two queries. Raises NoRuling when the book has no list for the case's class on its day.
    """
    on = case.judged_date or local_date(case.opened_at)
    listed = listed_documents(case.customer_class, stage, on=on, county_code=case.county_code)
    return rules.askable_documents(listed, conditions=conditions(case))


def conditions(case: Case) -> frozenset[str]:
    """Return the special cases of the document list that hold for a case. Causes two queries."""
    is_resident = application(case).customer == rules.Customer.RESIDENT
    has_agent = Party.objects.filter(case=case, role=Party.Role.AGENT, erased_at=None).exists()
    return frozenset({"resident" if is_resident else "non_resident", *(["agent"] if has_agent else [])})


def documents_to_follow(case: Case) -> list[Mapping[str, Any]]:
    """List what acceptance may ask for and the customer has not handed in yet. Causes one query."""
    on = case.judged_date or local_date(case.opened_at)
    listed = listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    given = set(Document.objects.filter(case=case).values_list("kind", flat=True))
    wanted = set(askable(case, "acceptance")) - given
    return [each for each in listed if each["id"] in wanted]


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
        if fits_stage and voltage_kv >= Decimal(str(value.get("min_kv", 0))):
            title = {"zh": entry.title.zh, "en": entry.title.en}
            reason_id = entry.id.rsplit(".", 1)[-1]
            found.append(
                PauseReason(reason_id, title, value["owner"], tuple(value["evidence"]), bool(value["customer_event"]))
            )
    return tuple(found)
