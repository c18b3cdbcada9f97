"""Which withdrawn case a new application goes on from, and what that case had answered."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from tongdian.case.models import Case, Party
from tongdian.case.queries.clock import local_date
from tongdian.connection import rules
from tongdian.connection.queries.rows import application
from tongdian.people.models import User
from tongdian.policy import current_book

WINDOW = "connection.successor.window"
SAID_OF_WORKS: Mapping[bool | None, str] = {True: "yes", False: "no", None: ""}


def predecessor_for(
    applicant: User, *, identity: str, site: Mapping[str, Any], customer_class: str, now: datetime
) -> Case | None:
    """Find the case that the same applicant withdrew for the same place and voltage not long ago, the latest one.

    identity: the applicant's identity number or credit code, for who comes back under another account. The window is
    the policy's of the day. Causes one query.
    """
    days = current_book().lookup(WINDOW, on=local_date(now), place=site["county_code"]).value
    same_identity = Party.objects.filter(case=OuterRef("pk"), erased_at=None, id_number_lookup=identity)
    withdrawn = Case.objects.filter(
        Q(applicant=applicant) | Exists(same_identity),
        kind="connection",
        status="withdrawn",
        county_code=site["county_code"],
        closed_at__gte=now - timedelta(days=int(days)),
    ).order_by("-closed_at", "pk")
    is_low, place = customer_class in rules.LOW_VOLTAGE_CLASSES, normalised(site["address"])
    return next(
        (
            case
            for case in withdrawn
            if (case.customer_class in rules.LOW_VOLTAGE_CLASSES) is is_low and normalised(case.address) == place
        ),
        None,
    )


def normalised(address: str) -> str:
    """Return an address without what two spellings of it may differ in: width, case, blanks and punctuation."""
    return "".join(each for each in unicodedata.normalize("NFKC", address).lower() if each.isalnum())


def successors(case: Case) -> list[Case]:
    """List the cases that take a withdrawn case up again, in order. Causes one query."""
    return list(Case.objects.filter(predecessor=case).order_by("opened_at", "pk"))


def answers_of(case: Case) -> rules.Answers:
    """Return what was answered in the application of a case, for its applicant to take up again.

    What was erased has to be answered anew. Causes two queries.
    """
    applied = application(case)
    demand: dict[str, Any] = {
        "load_kw": f"{applied.load_kw.normalize():f}",
        "voltage_kv": f"{applied.voltage_kv.normalize():f}",
        "needs_works": SAID_OF_WORKS[applied.needs_works],
        "use": applied.use,
        "wanted_on": None,
    }
    answers: rules.Answers = {
        "customer": {"customer": applied.customer},
        "site": {"county_code": case.county_code, "address": case.address, "zone": case.zone},
        "demand": demand,
    }
    if case.customer_class in rules.HIGH_VOLTAGE_CLASSES:
        kva = applied.transformer_kva
        answers["supply"] = {
            "transformer_kva": f"{kva.normalize():f}" if kva else None,
            "source_count": applied.source_count,
        }
    parties = {party.role: party for party in Party.objects.filter(case=case, erased_at=None)}
    return answers | _who(applied.customer, parties)


def _who(customer: str, parties: Mapping[str, Party]) -> rules.Answers:
    applicant, contact = parties.get(Party.Role.APPLICANT), parties.get(Party.Role.CONTACT)
    if applicant is None or contact is None:
        return {}
    phone = {"contact_phone": contact.phone or ""}
    if customer == rules.Customer.RESIDENT:
        return {"who": phone | {"person_name": applicant.name, "identity_number": applicant.id_number}}
    code = {"credit_code": applicant.id_number}
    if customer == rules.Customer.SOLE_TRADER:
        shop = applicant.name if applicant.kind == Party.Kind.ORGANISATION else ""
        return {"who": phone | code | {"organisation_name": shop, "person_name": contact.name}}
    return {"who": phone | code | {"organisation_name": applicant.name, "contact_name": contact.name}}
