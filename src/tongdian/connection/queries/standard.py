"""What the policy book says about a class: classification, stages, steps, documents, validity of a scheme."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tongdian.connection import rules
from tongdian.policy import current_book

CLASSIFICATION = "connection.classification"


@dataclass(frozen=True)
class Steps:
    """The steps a customer goes through (id, title, timed stages in each), how many there may be, the rules."""

    listed: tuple[Mapping[str, Any], ...]
    most: int
    rule_id: str
    most_rule_id: str


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


def scheme_months(customer_class: str, *, on: date) -> int:
    """Return for how many months a supply scheme holds.

    Raises NoRuling when the book has no validity for the day.
    """
    voltage = "lv" if customer_class.startswith("lv") else "hv"
    return int(current_book().lookup(f"connection.scheme_validity.{voltage}", on=on, place="370000").value)
