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
    """The size of what a customer class asks for: transformers [kVA], voltage [kV], sources."""

    sizes_kva: tuple[int, ...]
    voltage_kv: str
    source_count: int


SMALL = (250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000)
ASKED = {
    "hv10_single": Asked(SMALL, "10", 1),
    "hv10_dual": Asked((1250, 1600, 2000, 2500, 3150, 5000), "10", 2),
    "hv35_single": Asked((8000, 10000, 12500, 16000, 20000), "35", 1),
    "hv35_dual": Asked((16000, 20000, 31500, 40000), "35", 2),
}
LOAD_PER_KVA = Decimal("0.8")
CUSTOMERS = (Customer.UNPROVEN, Customer.SMALL_MICRO_FIRM, Customer.OTHER_FIRM, Customer.INSTITUTION)
USES = ("industry", "industry", "industry", "commerce", "agriculture", "charging", "other")
PLANNED_AREA = "urban_planned_area"
# Where the policy knows planned areas with fewer steps.
CITIES_WITH_PLANNED_AREA = ("3701", "3702")


def answers(
    serial: int, *, customer_class: str, county_code: str, phone: str, rng: Random
) -> Mapping[str, Mapping[str, Any]]:
    """Return the answers of one application by step of the wizard."""
    asked = ASKED[customer_class]
    size_kva = rng.choice(asked.sizes_kva)
    is_planned = county_code.startswith(CITIES_WITH_PLANNED_AREA) and rng.random() < 0.5
    return {
        "who": {
            "customer": rng.choice(CUSTOMERS).value,
            "organisation_name": identities.firm_name(serial),
            "credit_code": identities.credit_code(serial, county_code=county_code),
            "contact_name": f"演示联系人{serial:04d}",
            "contact_phone": phone,
        },
        "site": {
            "county_code": county_code,
            "address": identities.address(rng),
            "zone": PLANNED_AREA if is_planned else "",
        },
        "demand": {
            "load_kw": str(size_kva * LOAD_PER_KVA),
            "transformer_kva": str(size_kva),
            "voltage_kv": asked.voltage_kv,
            "source_count": asked.source_count,
            "use": rng.choice(USES),
            "wanted_on": None,
        },
    }


def scheme(*, demand: Mapping[str, Any], rng: Random) -> Scheme:
    """Return the technical fields of a supply scheme for a demand; it belongs to no case yet."""
    line = rng.randint(1, 48)
    return Scheme(
        substation=f"演示{rng.randint(1, 30)}号变电站",
        feeder=f"演示{line}号线",
        access_point=f"演示{line}号线 {rng.randint(1, 80)} 号杆" if line % 2 else f"演示{line}号线 {line} 号环网柜",
        wiring=Scheme.Wiring.OVERHEAD if line % 2 else Scheme.Wiring.CABLE,
        voltage_kv=Decimal(demand["voltage_kv"]),
        receiving_kva=Decimal(demand["transformer_kva"]),
        metering=Scheme.Metering.HIGH,
        property_boundary="电源接入点用户侧接线端子",
        customer_works="受电变压器、配电柜及接入点至受电装置的线路由客户建设。",
    )
