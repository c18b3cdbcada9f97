"""What an applicant answers in the wizard, and what the utility writes into a scheme: generic, plausible in size."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from tongdian.connection.models import Scheme
from tongdian.connection.rules import Customer
from tongdian.demo import identities


@dataclass(frozen=True)
class Asked:
    """The size of what a customer class asks for: transformers [kVA] or load [kW], voltage [kV], sources."""

    sizes: tuple[int, ...]
    voltage_kv: str
    source_count: int = 1


SMALL = (250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000)
ASKED = {
    "lv_resident": Asked((4, 6, 8, 10, 12, 16), "0.38"),
    "lv_no_works": Asked((3, 5, 6, 8, 10), "0.38"),
    "lv_three_zero": Asked((6, 10, 15, 20, 30, 50, 80, 100), "0.38"),
    "lv_other": Asked((30, 50, 80, 100, 120), "0.38"),
    "hv10_single": Asked(SMALL, "10"),
    "hv10_dual": Asked((1250, 1600, 2000, 2500, 3150, 5000), "10", 2),
    "hv35_single": Asked((8000, 10000, 12500, 16000, 20000), "35"),
    "hv35_dual": Asked((16000, 20000, 31500, 40000), "35", 2),
}
LOAD_PER_KVA = Decimal("0.8")
FIRMS = (Customer.UNPROVEN, Customer.SMALL_MICRO_FIRM, Customer.OTHER_FIRM, Customer.INSTITUTION)
# Who asks, by class; whose demand is decided by who they are gets only those who fit.
CUSTOMERS = {
    "lv_resident": (Customer.RESIDENT,),
    "lv_no_works": (Customer.RESIDENT, Customer.RESIDENT, Customer.SOLE_TRADER),
    "lv_three_zero": (Customer.SMALL_MICRO_FIRM, Customer.SMALL_MICRO_FIRM, Customer.SOLE_TRADER, Customer.UNPROVEN),
    "lv_other": (Customer.OTHER_FIRM, Customer.INSTITUTION),
}
USES = ("industry", "industry", "industry", "commerce", "agriculture", "charging", "other")
LOW_VOLTAGE_USES = ("commerce", "commerce", "commerce", "charging", "agriculture", "other")
PLANNED_AREA = "urban_planned_area"
# Where the policy knows planned areas with fewer steps.
CITIES_WITH_PLANNED_AREA = ("3701", "3702")


def answers(
    serial: int, *, customer_class: str, county_code: str, phone: str, rng: Random
) -> Mapping[str, Mapping[str, Any]]:
    """Return the answers of one application by step of the wizard."""
    customer = rng.choice(CUSTOMERS.get(customer_class, FIRMS))
    is_high = customer_class.startswith("hv")
    size = rng.choice(ASKED[customer_class].sizes)
    given = {
        "customer": {"customer": customer.value},
        "who": _who(serial, customer, county_code=county_code, phone=phone),
        "site": _site(customer, is_high=is_high, county_code=county_code, rng=rng),
        "demand": _demand(size, customer, customer_class, rng=rng),
    }
    if is_high:
        given["supply"] = {"transformer_kva": str(size), "source_count": ASKED[customer_class].source_count}
    return given


def _who(serial: int, customer: Customer, *, county_code: str, phone: str) -> Mapping[str, Any]:
    if customer is Customer.RESIDENT:
        return {
            "person_name": identities.person_name(serial),
            "identity_number": identities.resident_id(serial, county_code=county_code),
            "contact_phone": phone,
        }
    return {
        "organisation_name": identities.firm_name(serial),
        "credit_code": identities.credit_code(serial, county_code=county_code),
        "contact_name": f"演示联系人{serial:04d}",
        "contact_phone": phone,
    }


def _site(customer: Customer, *, is_high: bool, county_code: str, rng: Random) -> Mapping[str, Any]:
    if is_high:
        is_planned = county_code.startswith(CITIES_WITH_PLANNED_AREA) and rng.random() < 0.5
        return _place(county_code, identities.address(rng), PLANNED_AREA if is_planned else "")
    return _place(county_code, (identities.home if customer is Customer.RESIDENT else identities.shop)(rng), "")


def _place(county_code: str, address: str, zone: str) -> Mapping[str, Any]:
    return {"county_code": county_code, "address": address, "zone": zone}


def _demand(size: int, customer: Customer, customer_class: str, *, rng: Random) -> Mapping[str, Any]:
    is_high = customer_class.startswith("hv")
    demand = {"load_kw": str(size * LOAD_PER_KVA if is_high else size), "voltage_kv": ASKED[customer_class].voltage_kv}
    if not is_high:
        demand["needs_works"] = "no" if customer_class == "lv_no_works" else rng.choice(("yes", ""))
    if customer is Customer.RESIDENT:
        return demand
    return {**demand, "use": rng.choice(USES if is_high else LOW_VOLTAGE_USES), "wanted_on": None}


def scheme(given: Mapping[str, Mapping[str, Any]], *, rng: Random) -> Scheme:
    """Return the technical fields of a supply scheme for an application; it belongs to no case yet."""
    demand, supply = given["demand"], given.get("supply")
    line = rng.randint(1, 48)
    return Scheme(
        substation=f"演示{rng.randint(1, 30)}号变电站",
        feeder=f"演示{line}号线",
        access_point=f"演示{line}号线 {rng.randint(1, 80)} 号杆" if line % 2 else f"演示{line}号线 {line} 号环网柜",
        wiring=Scheme.Wiring.OVERHEAD if line % 2 else Scheme.Wiring.CABLE,
        voltage_kv=Decimal(demand["voltage_kv"]),
        receiving_kva=Decimal(supply["transformer_kva"]) if supply else Decimal(demand["load_kw"]),
        metering=Scheme.Metering.HIGH if supply else Scheme.Metering.LOW_LOW,
        property_boundary="电源接入点用户侧接线端子",
        customer_works="受电变压器、配电柜及接入点至受电装置的线路由客户建设。",
    )
