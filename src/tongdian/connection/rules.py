"""Pure decisions of a service connection: customer class, legal next events, what is still missing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tongdian.kernel.periods import add_months


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


@dataclass(frozen=True)
class Progress:
    """What the next step depends on: the case's status, the stages of its class, its contract."""

    status: str
    stages: frozenset[str]
    is_contract_offered: bool
    is_contract_signed: bool
    is_paused: bool = False


# status → event → next status. Contract, pause, documents and notes leave the status as it is.
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "new": {"application.submitted": "submitted"},
    "submitted": {
        "application.deficiency_notified": "incomplete",
        "application.accepted": "accepted",
        "case.withdrawn": "withdrawn",
    },
    "incomplete": {"application.completed": "submitted", "case.withdrawn": "withdrawn"},
    "accepted": {"scheme.issued": "scheme_issued", "case.withdrawn": "withdrawn"},
    "scheme_issued": {"scheme.confirmed": "scheme_confirmed", "case.withdrawn": "withdrawn"},
    "scheme_confirmed": {
        "design.submitted": "in_design_review",
        "completion.reported": "in_completion_inspection",
        "case.withdrawn": "withdrawn",
    },
    "in_design_review": {"design.approved": "design_approved", "design.rejected": "scheme_confirmed"},
    "design_approved": {"interim.requested": "in_interim_inspection", "case.withdrawn": "withdrawn"},
    "in_interim_inspection": {"interim.passed": "interim_passed", "interim.failed": "design_approved"},
    "interim_passed": {"completion.reported": "in_completion_inspection", "case.withdrawn": "withdrawn"},
    "in_completion_inspection": {"completion.passed": "inspected", "completion.failed": "rectifying"},
    "rectifying": {"completion.reported": "in_completion_inspection", "case.withdrawn": "withdrawn"},
    "inspected": {"connection.energised": "energised", "case.withdrawn": "withdrawn"},
    "energised": {},
    "withdrawn": {},
}
OPEN_STATUSES = frozenset(status for status, events in TRANSITIONS.items() if events) - {"new"}
# An event needs the stage it belongs to; a class without the stage skips it.
EVENT_STAGE = {
    "design.submitted": "design_review",
    "interim.requested": "interim_inspection",
}
SKIPPED_BY_STAGE = {
    # where design review exists, completion cannot be reported straight after the scheme
    ("scheme_confirmed", "completion.reported"): "design_review",
}
# Classes whose whole way is built; the others are told so and sent to the counter.
ONLINE_CLASSES = ("hv10_single", "hv10_dual", "hv35_single", "hv35_dual")
CONTRACT_STATUSES = OPEN_STATUSES - {"submitted", "incomplete", "accepted", "scheme_issued"}
# The same graph for the case frame, with the events that leave the status as it is.
FRAME_TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    status: {
        **moves,
        **({"clock.paused": status, "clock.resumed": status} if status in OPEN_STATUSES else {}),
        **({"contract.offered": status, "contract.signed": status} if status in CONTRACT_STATUSES else {}),
    }
    for status, moves in TRANSITIONS.items()
}


@dataclass(frozen=True)
class Review:
    """A stage that is asked for by the customer and answered with a pass or a list of findings."""

    stage: str
    request: str
    passed: str
    failed: str


REVIEWS: Mapping[str, Review] = {
    review.stage: review
    for review in (
        Review("design_review", "design.submitted", "design.approved", "design.rejected"),
        Review("interim_inspection", "interim.requested", "interim.passed", "interim.failed"),
        Review("completion_inspection", "completion.reported", "completion.passed", "completion.failed"),
    )
}


def legal_events(progress: Progress) -> frozenset[str]:
    """Return the event kinds that may come next, whoever acts."""
    moves = TRANSITIONS[progress.status]
    found = {event for event in moves if _fits_class(event, progress)}
    if not progress.is_contract_signed:
        found.discard("connection.energised")
    hand_in = {"document.added"} if progress.status in OPEN_STATUSES else set()
    return frozenset(found | hand_in | _contract_events(progress) | _pause_events(progress))


def _fits_class(event: str, progress: Progress) -> bool:
    needed = EVENT_STAGE.get(event)
    excluded_by = SKIPPED_BY_STAGE.get((progress.status, event))
    return (needed is None or needed in progress.stages) and (excluded_by is None or excluded_by not in progress.stages)


def _contract_events(progress: Progress) -> set[str]:
    if progress.status not in CONTRACT_STATUSES or progress.is_contract_signed:
        return set()
    return {"contract.signed"} if progress.is_contract_offered else {"contract.offered"}


def _pause_events(progress: Progress) -> set[str]:
    if progress.status not in OPEN_STATUSES:
        return set()
    return {"clock.resumed"} if progress.is_paused else {"clock.paused"}


def askable_documents(listed: Iterable[Mapping[str, Any]], *, conditions: Collection[str]) -> tuple[str, ...]:
    """Return ids of the documents a person may be asked for: on the list, and in no register.

    `conditions` are the special cases that hold, such as `agent`; a document with another `when` is left out.
    """
    return tuple(
        str(document["id"])
        for document in listed
        if not document["register"] and document.get("when") in {None, *conditions}
    )


def unlisted(requested: Sequence[str], askable: Collection[str]) -> tuple[str, ...]:
    """Return what was asked for although the legal list of the stage does not hold it."""
    return tuple(name for name in requested if name not in askable)


def scheme_valid_until(issued_on: date, *, months: int) -> date:
    """Return the day a supply scheme lapses: the corresponding day of the month."""
    return add_months(issued_on, months)
