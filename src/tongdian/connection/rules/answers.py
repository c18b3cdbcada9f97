"""The answers of the application form and how those of an older form are read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tongdian.connection.rules.classification import Customer, Demand

FORM_VERSION = 2
Answers = dict[str, dict[str, Any]]
# A resident is supplied from one source at low voltage; nobody asks a household for a voltage.
LOW_VOLTAGE_KV = "0.38"
NEEDED = {
    "customer": ("customer",),
    "who": ("contact_phone",),
    "site": ("county_code", "address"),
    "demand": ("load_kw",),
    "supply": ("source_count",),
}
NEEDS_WORKS = {"yes": True, "no": False}


def upgraded(answers: Mapping[str, Mapping[str, Any]]) -> Answers:
    """Return answers as the present form knows them, whichever form they were given to; what was not asked stays open.

    Form 1 asked who applies together with the names, and transformer and sources together with the load.
    """
    found: Answers = {step: dict(given) for step, given in answers.items()}
    if "customer" in found.get("who", {}):
        found["customer"] = {"customer": found["who"].pop("customer")}
    if "source_count" in found.get("demand", {}):
        found["supply"] = {name: found["demand"].pop(name, None) for name in ("transformer_kva", "source_count")}
    return _asked_again(found)


def _asked_again(answers: Answers) -> Answers:
    """Drop the names of somebody who is no longer, or never was, who they say: a household has no credit code."""
    proof = "identity_number" if customer_of(answers) is Customer.RESIDENT else "credit_code"
    if "customer" in answers and proof not in answers.get("who", {proof: None}):
        del answers["who"]
    return answers


def customer_of(answers: Mapping[str, Mapping[str, Any]]) -> Customer | None:
    """Return who applies, None while that is not answered."""
    given = answers.get("customer", {}).get("customer")
    return Customer(given) if given else None


def is_high_voltage(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the demand is answered and asks for more than low voltage; a household never does."""
    demand = answers.get("demand", {})
    return bool(demand) and _voltage_kv(answers) != LOW_VOLTAGE_KV


def asked_steps(answers: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the groups of questions to be answered before submission, in order; documents come after them."""
    supply = ("supply",) if is_high_voltage(answers) else ()
    return ("customer", "who", "site", "demand", *supply)


def missing_steps(answers: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the groups of questions that have no answer yet, or only some of it, as from a saved guide result."""
    return tuple(step for step in asked_steps(answers) if not is_answered(step, answers))


def is_answered(step: str, answers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a group of questions has been answered as far as it must be.

    Only at the counter can somebody apply who has no phone (`has_no_phone`).
    """
    given = answers.get(step, {})
    has_no_phone = bool(given.get("has_no_phone"))
    return step in answers and all(
        given.get(name) or (name == "contact_phone" and has_no_phone) for name in NEEDED.get(step, ())
    )


def demand_of(answers: Mapping[str, Mapping[str, Any]]) -> Demand:
    """Read the demand out of saved answers; all steps but the documents must be answered."""
    demand, supply = answers["demand"], answers.get("supply", {})
    is_high = is_high_voltage(answers)
    return Demand(
        customer=Customer(answers["customer"]["customer"]),
        load_kw=Decimal(demand["load_kw"]),
        voltage_kv=Decimal(_voltage_kv(answers)),
        source_count=int(supply["source_count"]) if is_high else 1,
        needs_works=None if is_high else NEEDS_WORKS.get(demand.get("needs_works", "")),
    )


def _voltage_kv(answers: Mapping[str, Mapping[str, Any]]) -> str:
    if customer_of(answers) is Customer.RESIDENT:
        return LOW_VOLTAGE_KV
    return str(answers["demand"].get("voltage_kv") or LOW_VOLTAGE_KV)
