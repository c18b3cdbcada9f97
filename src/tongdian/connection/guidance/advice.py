"""From the answers of the guide to the class, the likely permits and what an application can be filled in with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tongdian.connection import queries, rules
from tongdian.connection.guidance.estimate import CUSTOMERS, Asker, usual_voltage_kv
from tongdian.policy import Entry, Ruling, current_book

THREE_ZERO = "lv_three_zero"
# As the form of the application has it.
NEEDS_WORKS = {True: "yes", False: "no", None: ""}


class Supply(StrEnum):
    """How far it is to the nearest line of the utility."""

    HERE = "here"
    NEAR = "near"
    FAR = "far"
    UNKNOWN = "unknown"


class Crossing(StrEnum):
    """What a line to the place would have to cross."""

    ROAD = "road"
    MAIN_ROAD = "main_road"
    GREEN = "green"


@dataclass(frozen=True)
class Situation:
    """What the reader answered; nothing in it says who they are."""

    asker: Asker
    county_code: str
    zone: str
    load_kw: Decimal
    source_count: int
    supply: Supply
    crosses: frozenset[Crossing] = frozenset()


@dataclass(frozen=True)
class PermitLikely:
    """A permit the works may need; `procedure` is filing or licence."""

    entry: Entry
    ruling: Ruling
    procedure: str


def demand_of(situation: Situation, *, on: date) -> rules.Demand:
    """Turn answers into the facts that decide the class."""
    return rules.Demand(
        customer=CUSTOMERS[situation.asker],
        load_kw=situation.load_kw,
        voltage_kv=usual_voltage_kv(situation.load_kw, on=on),
        source_count=situation.source_count,
        needs_works=_needs_works(situation, on=on),
    )


def _needs_works(situation: Situation, *, on: date) -> bool | None:
    """Say whether a line has to be built; None where only a look on site can tell."""
    if situation.supply in {Supply.NEAR, Supply.FAR}:
        return True
    small_kw = current_book().lookup("guide.no_works.max_kw", on=on, place=situation.county_code).value
    return False if situation.supply is Supply.HERE and situation.load_kw <= small_kw else None


def classification(situation: Situation, *, on: date) -> rules.Classification:
    """Classify the answers by the rules that would judge an application of that day.

    Raises rules.InvalidDemand when the load is not positive or no line fits.
    """
    return queries.classification(demand_of(situation, on=on), on=on, county_code=situation.county_code)


def likely_permits(situation: Situation, customer_class: str, *, on: date) -> tuple[PermitLikely, ...]:
    """List the permits works across the named ground may need; which are needed is decided on site."""
    if customer_class == "lv_no_works":
        return ()
    route = "exempted" if is_exempt(situation, customer_class) else "other"
    return tuple(_permit(crossing, route, on=on) for crossing in Crossing if crossing in situation.crosses)


def _permit(crossing: Crossing, route: str, *, on: date) -> PermitLikely:
    book = current_book()
    ruling = book.lookup(f"guide.permit.{crossing.value}", on=on)
    return PermitLikely(book.entry(ruling.id), ruling, str(ruling.value[route]))


def is_exempt(situation: Situation, customer_class: str) -> bool:
    """Say whether three-zero works of that length need no licence off main roads; third parties are not asked about."""
    return customer_class == THREE_ZERO and situation.supply in {Supply.HERE, Supply.NEAR}


def draft_answers(situation: Situation, *, on: date, code: str = "") -> rules.Answers:
    """Return what the guide knows of an application: who applies, and under `guide` what other steps begin with.

    code: of the saved result they come from, "" when it was not saved.
    """
    demand = demand_of(situation, on=on)
    return {
        "customer": {"customer": demand.customer.value},
        "guide": {
            **({"code": code} if code else {}),
            "site": {"county_code": situation.county_code, "zone": situation.zone},
            "demand": {
                "load_kw": f"{demand.load_kw:f}",
                "voltage_kv": f"{demand.voltage_kv:f}",
                "needs_works": NEEDS_WORKS[demand.needs_works],
            },
            "supply": {"source_count": demand.source_count},
        },
    }
