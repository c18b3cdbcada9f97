"""The customer class of a demand: every line of the policy's classification, tried from the top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

LOW_VOLTAGE_CLASSES = ("lv_resident", "lv_three_zero", "lv_no_works", "lv_other")
HIGH_VOLTAGE_CLASSES = ("hv10_single", "hv10_dual", "hv35_single", "hv35_dual")
# The classes of Annex 1, and the next-day product.
CUSTOMER_CLASSES = (*LOW_VOLTAGE_CLASSES, *HIGH_VOLTAGE_CLASSES)


class Customer(StrEnum):
    """Who asks for power, as the classification knows them; UNPROVEN when no register told a firm's size."""

    RESIDENT = "resident"
    SOLE_TRADER = "sole_trader"
    SMALL_MICRO_FIRM = "small_micro_firm"
    OTHER_FIRM = "other_firm"
    INSTITUTION = "institution"
    UNPROVEN = "unproven"


@dataclass(frozen=True)
class Demand:
    """What decides the customer class. `load_kw` is load, never kVA; `needs_works` None = not yet known."""

    customer: Customer
    load_kw: Decimal
    voltage_kv: Decimal
    source_count: int
    needs_works: bool | None = None


@dataclass(frozen=True)
class Voltages:
    """Bounds of the voltage classes in kV, from the policy book."""

    lv_max_kv: Decimal
    hv_min_kv: Decimal
    hv35_min_kv: Decimal


@dataclass(frozen=True)
class Tried:
    """One line of the classification as it was tried; `failed` names the first condition that did not hold."""

    customer_class: str
    because: Mapping[str, str]
    failed: str | None


@dataclass(frozen=True)
class Classification:
    """The class and every line tried on the way to it, the last one being the line that decided."""

    customer_class: str
    trace: tuple[Tried, ...]


class InvalidDemand(ValueError):
    """The facts contradict each other; `field` names the one to change."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"{field}={value}: {reason}")
        self.field, self.value, self.reason = field, value, reason


def classify(
    demand: Demand, lines: Sequence[Mapping[str, Any]], *, voltages: Voltages, limits_kw: Mapping[str, Decimal]
) -> Classification:
    """Try the lines of the policy's classification from the top; the first whose conditions all hold decides.

    `limits_kw` gives the load limit behind each policy id a line's `within` names.

    Raises InvalidDemand when load or sources are not positive, the voltage lies between low and high voltage,
    or no line fits.
    """
    facts = _facts(demand, voltages)
    tried: list[Tried] = []
    for line in lines:
        failed = _first_failed(line["if"], facts, demand.load_kw, limits_kw)
        tried.append(Tried(line["class"], line["because"], failed))
        if failed is None:
            return Classification(line["class"], tuple(tried))
    raise InvalidDemand("voltage_kv", demand.voltage_kv, "no line of the classification fits")


def _facts(demand: Demand, voltages: Voltages) -> dict[str, object]:
    if demand.load_kw <= 0:
        raise InvalidDemand("load_kw", demand.load_kw, "must be more than 0 kW")
    if demand.source_count < 1:
        raise InvalidDemand("source_count", demand.source_count, "must be at least 1")
    return {
        "voltage": _voltage_class(demand.voltage_kv, voltages),
        "sources": min(demand.source_count, 2),
        "customer": demand.customer.value,
        "needs_works": demand.needs_works,
    }


def _voltage_class(voltage_kv: Decimal, voltages: Voltages) -> str:
    if voltage_kv <= 0 or voltages.lv_max_kv < voltage_kv < voltages.hv_min_kv:
        raise InvalidDemand("voltage_kv", voltage_kv, "is neither low nor high voltage")
    if voltage_kv <= voltages.lv_max_kv:
        return "lv"
    return "hv35" if voltage_kv >= voltages.hv35_min_kv else "hv10"


def _first_failed(
    conditions: Mapping[str, object], facts: Mapping[str, object], load_kw: Decimal, limits_kw: Mapping[str, Decimal]
) -> str | None:
    for name, wanted in conditions.items():
        holds = load_kw <= limits_kw[str(wanted)] if name == "within" else facts[name] == wanted
        if not holds:
            return name
    return None
