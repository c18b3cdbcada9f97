"""A service connection walked to any point of its way, for every test of the matter."""

import itertools
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile

from support import people
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.connection import operations
from tongdian.connection.models import Draft, Scheme
from tongdian.connection.operations import Acting
from tongdian.people.models import Organisation, SupplyArea, User
from tongdian.people.rules import Role

numbers = itertools.count(1)
COUNTY = "370102"
# A whole PDF of one empty page: the sniffer looks for its cross-reference table.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n"
    b"startxref\n164\n%%EOF\n"
)
WHO = {
    "customer": "unproven",
    "organisation_name": "示例食品厂",
    "credit_code": "91370100MA0000000W",
    "contact_name": "示例联系人",
    "contact_phone": "13800001111",
}
SITE = {"county_code": COUNTY, "address": "示例路 1 号", "zone": ""}
DEMAND = {
    "load_kw": "630",
    "transformer_kva": "800",
    "voltage_kv": "10",
    "source_count": 1,
    "use": "industry",
    "wanted_on": None,
}


def pdf(name: str = "file.pdf") -> ContentFile:
    return ContentFile(PDF, name=name)


def utility(code: str = "grid") -> Organisation:
    """Return the utility that supplies the county of these tests."""
    found = people.organisation(code)
    if not SupplyArea.objects.filter(county_code=COUNTY).exists():
        people.supply(found, COUNTY)
    return found


def draft(owner: User | None = None, *, demand: dict[str, Any] | None = None) -> Draft:
    """Return a complete draft."""
    utility()
    owner = owner or people.person()
    begun = operations.start_draft(owner, form_version=1, now=installation_now())
    for step, answers in (("who", WHO), ("site", SITE), ("demand", DEMAND | (demand or {}))):
        begun = operations.save_answers(
            begun.pk,
            owner=owner,
            step=step,
            answers=answers,
            expected_version=begun.version,
            now=installation_now(),
        )
    return begun


@dataclass
class Walk:
    """A case and the people who bring it forward; each step returns the walk."""

    case: Case
    customer: User
    manager: User

    def by_customer(self) -> Acting:
        return Acting(self.customer, Role.APPLICANT, "web", self.case.version, installation_now())

    def by_staff(self) -> Acting:
        return Acting(self.manager, Role.ACCOUNT_MANAGER, "desk", self.case.version, installation_now())

    def accepted(self) -> "Walk":
        operations.accept(self.case, account_manager=self.manager, acting=self.by_staff())
        return self

    def scheme_issued(self) -> "Walk":
        operations.issue_scheme(self.accepted().case, scheme=scheme(), acting=self.by_staff())
        return self

    def scheme_confirmed(self) -> "Walk":
        operations.confirm_scheme(self.scheme_issued().case, acting=self.by_customer())
        return self

    def reviewed(self, stage: str, *, findings: tuple[str, ...] = ()) -> "Walk":
        operations.request_review(self.case, stage, uploads={"completion_report": pdf()}, acting=self.by_customer())
        operations.decide_review(self.case, stage, is_passed=not findings, findings=findings, acting=self.by_staff())
        return self

    def inspected(self) -> "Walk":
        return self.scheme_confirmed().reviewed("completion_inspection")

    def contracted(self) -> "Walk":
        operations.offer_contract(self.case, upload=pdf("contract.pdf"), acting=self.by_staff())
        operations.sign_contract(self.case, acting=self.by_customer())
        return self

    def energised(self) -> "Walk":
        operations.energise(
            self.inspected().contracted().case,
            meter_number=f"M{next(numbers):08d}",
            first_reading_kwh=0,
            acting=self.by_staff(),
        )
        return self


def scheme() -> Scheme:
    return Scheme(
        substation="示例变电站",
        feeder="示例一线",
        access_point="示例环网柜 3 号间隔",
        wiring="cable",
        voltage_kv=10,
        receiving_kva=800,
        metering="high_high",
        property_boundary="环网柜出线侧",
    )


def submitted(owner: User | None = None, *, demand: dict[str, Any] | None = None) -> Walk:
    """Return a walk that has just been submitted."""
    begun = draft(owner, demand=demand)
    case = operations.submit(
        begun.pk, owner=begun.owner, expected_version=begun.version, channel="web", now=installation_now()
    )
    return Walk(case, begun.owner, people.staff(Role.ACCOUNT_MANAGER, at=case.utility))
