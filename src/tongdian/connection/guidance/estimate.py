"""The load of ticked equipment, by the planning defaults of the policy book."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from tongdian.connection.rules import Customer
from tongdian.policy import current_book

STEP_KW = Decimal("0.5")


class Asker(StrEnum):
    """Who asks, in the four words of the guide."""

    RESIDENT = "resident"
    SHOP = "shop"
    FIRM = "firm"
    INSTITUTION = "institution"


CUSTOMERS: Mapping[Asker, Customer] = {
    Asker.RESIDENT: Customer.RESIDENT,
    Asker.SHOP: Customer.SMALL_MICRO_FIRM,
    Asker.FIRM: Customer.OTHER_FIRM,
    Asker.INSTITUTION: Customer.INSTITUTION,
}


@dataclass(frozen=True)
class Appliance:
    """One line of the tick list: usual power of a piece [kW] and the fraction of it drawn at the busiest hour."""

    id: str
    title: Mapping[str, str]
    kw: Decimal
    demand: Decimal


@dataclass(frozen=True)
class Ticked:
    """So many pieces of an appliance, of a power [kW] the reader may have changed."""

    appliance: Appliance
    count: int
    kw: Decimal

    @property
    def demand_kw(self) -> Decimal:
        """What all the pieces draw at their busiest hour [kW]."""
        return self.count * self.kw * self.appliance.demand


def appliances(asker: Asker, *, on: date) -> tuple[Appliance, ...]:
    """List the equipment an asker may tick, in the order of the policy book."""
    listed = current_book().lookup("guide.equipment", on=on).value
    return tuple(
        Appliance(each["id"], each["title"], Decimal(each["kw"]), Decimal(each["demand"]))
        for each in listed
        if asker in each["who"]
    )


def simultaneity(asker: Asker, *, on: date) -> Decimal:
    """Return the fraction of all demand that falls together for this kind of customer."""
    return Decimal(current_book().lookup("guide.simultaneity", on=on).value[asker.value])


def estimate_kw(ticked: Iterable[Ticked], *, together: Decimal) -> Decimal:
    """Estimate the load [kW], rounded up to half a kilowatt; 0 when nothing is ticked.

    Load = max(together × Σ count × kw × demand, the largest single piece): whatever runs together, the largest piece
    must be able to run. One more piece or a stronger one never lowers it.
    """
    pieces = [each for each in ticked if each.count > 0]
    if not pieces:
        return Decimal(0)
    largest = max(each.kw for each in pieces)
    load = max(largest, together * sum((each.demand_kw for each in pieces), Decimal(0)))
    return (load / STEP_KW).to_integral_value(ROUND_CEILING) * STEP_KW


def usual_voltage_kv(load_kw: Decimal, *, on: date) -> Decimal:
    """Return the voltage [kV] such a load [kW] is usually supplied at."""
    lines = current_book().lookup("guide.voltage", on=on).value
    fitting = next(line for line in lines if "up_to_kw" not in line or load_kw <= line["up_to_kw"])
    return Decimal(fitting["voltage_kv"])
