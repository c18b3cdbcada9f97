"""A service connection walked to any point of its way, for every test of the matter."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile

from support import people
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.connection import operations, queries, rules
from tongdian.connection.models import AgentAuthority, Draft, Scheme
from tongdian.connection.operations import Acting
from tongdian.connection.operations.agents import begin_for, submit_for
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
    "organisation_name": "示例食品厂",
    "credit_code": "91370100MA0000000W",
    "contact_name": "示例联系人",
    "contact_phone": "13800001111",
}
RESIDENT = {"person_name": "示例住户", "identity_number": "37010219900101001X", "contact_phone": "13800001111"}
SHOP = {
    "organisation_name": "示例小吃店",
    "person_name": "示例店主",
    "credit_code": "91370100MA0000000W",
    "contact_phone": "13800001111",
}
SITE = {"county_code": COUNTY, "address": "示例路 1 号", "zone": ""}
LOW = {"load_kw": "30", "voltage_kv": "0.38", "needs_works": "yes", "use": "commerce", "wanted_on": None}
HIGH = {"load_kw": "630", "voltage_kv": "10", "use": "industry", "wanted_on": None}
# One complete set of answers for every class of Annex 1 and the next-day product.
ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "lv_resident": {
        "customer": {"customer": "resident"},
        "who": RESIDENT,
        "demand": {"load_kw": "8", "needs_works": "yes", "wanted_on": None},
    },
    "lv_no_works": {
        "customer": {"customer": "resident"},
        "who": RESIDENT,
        "demand": {"load_kw": "8", "needs_works": "no", "wanted_on": None},
    },
    "lv_three_zero": {"customer": {"customer": "sole_trader"}, "who": SHOP, "demand": LOW},
    "lv_other": {"customer": {"customer": "other_firm"}, "who": WHO, "demand": LOW},
    **{
        f"hv{kv}_{word}": {
            "customer": {"customer": "unproven"},
            "who": WHO,
            "demand": HIGH | {"voltage_kv": str(kv)},
            "supply": {"transformer_kva": "800", "source_count": count},
        }
        for kv in (10, 35)
        for word, count in (("single", 1), ("dual", 2))
    },
}


def pdf(name: str = "file.pdf") -> ContentFile:
    return ContentFile(PDF, name=name)


def utility(code: str = "grid") -> Organisation:
    """Return the utility that supplies the county of these tests."""
    found = people.organisation(code)
    if not SupplyArea.objects.filter(county_code=COUNTY).exists():
        people.supply(found, COUNTY)
    return found


def draft(
    owner: User | None = None,
    *,
    customer_class: str = "hv10_single",
    site: dict[str, Any] | None = None,
    demand: dict[str, Any] | None = None,
) -> Draft:
    """Return a complete draft of a class; `site` and `demand` (that of form 1 too) change single answers."""
    utility()
    owner = owner or people.person()
    given = ANSWERS[customer_class]
    supply = given.get("supply", {})
    answers = given | {"site": SITE | (site or {}), "demand": given["demand"] | (demand or {})}
    if supply:
        answers["supply"] = {name: answers["demand"].pop(name, supply[name]) for name in supply}
    begun = operations.start_draft(owner, now=installation_now())
    for step, saved in answers.items():
        begun = operations.save_answers(
            begun.pk, owner=owner, step=step, answers=saved, expected_version=begun.version, now=installation_now()
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

    @property
    def is_low_voltage(self) -> bool:
        return self.case.customer_class.startswith("lv")

    @property
    def stages(self) -> tuple[str, ...]:
        return queries.stages(self.case.customer_class, on=self.case.opened_at.date(), county_code=COUNTY)

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

    def works_started(self, **facts: Any) -> "Walk":
        operations.start_works(self.accepted().case, **({"scope": "meter_box"} | facts), acting=self.by_staff())
        return self

    def works_finished(self) -> "Walk":
        operations.finish_works(self.works_started().case, acting=self.by_staff())
        return self

    def ready(self) -> "Walk":
        """Bring a case of any class to where only the meter is missing."""
        if self.stages == ("lv_whole",):
            return self.accepted() if self.case.customer_class == "lv_no_works" else self.works_finished()
        self.scheme_confirmed()
        if self.is_low_voltage:
            return self
        for stage in rules.REVIEWS:
            if stage in self.stages:
                self.reviewed(stage)
        return self.contracted()

    def energised(self) -> "Walk":
        operations.energise(
            self.ready().case, meter_number=f"M{next(numbers):08d}", first_reading_kwh=0, acting=self.by_staff()
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


def submitted(
    owner: User | None = None,
    *,
    customer_class: str = "hv10_single",
    is_signed: bool = True,
    site: dict[str, Any] | None = None,
    demand: dict[str, Any] | None = None,
) -> Walk:
    """Return a walk that has just been submitted; low voltage has signed its contract unless told otherwise."""
    begun = draft(owner, customer_class=customer_class, site=site, demand=demand)
    is_low = rules.demand_of(queries.answers(begun)).voltage_kv < 1
    case = operations.submit(
        begun.pk,
        owner=begun.owner,
        expected_version=begun.version,
        channel="web",
        now=installation_now(),
        contract=pdf("contract.pdf") if is_signed and is_low else None,
    )
    return Walk(case, begun.owner, people.staff(Role.ACCOUNT_MANAGER, at=case.utility))


def draft_for(
    principal: User, agent: User, *, scopes: tuple[str, ...] = ("hand_in",), customer_class: str = "hv10_single"
) -> Draft:
    """Return a complete draft an agent has written by an uploaded authorisation."""
    utility()
    begun = begin_for(
        agent,
        principal_phone=principal.phone,
        agent_name="示例代办人",
        scopes=scopes,
        valid_until=installation_now() + timedelta(days=30),
        upload=pdf("authorisation.pdf"),
        language="zh-hans",
        now=installation_now(),
    )
    for step, saved in (ANSWERS[customer_class] | {"site": SITE}).items():
        begun = operations.save_answers(
            begun.pk, owner=agent, step=step, answers=saved, expected_version=begun.version, now=installation_now()
        )
    return begun


def submitted_by_agent(*, scopes: tuple[str, ...] = ("hand_in",), customer_class: str = "hv10_single") -> Walk:
    """Return a walk an agent has submitted for somebody; its customer is the principal."""
    principal, agent = people.person(), people.person()
    begun = draft_for(principal, agent, scopes=scopes, customer_class=customer_class)
    authority = AgentAuthority.objects.get(draft=begun)
    now = installation_now()
    case = submit_for(authority.pk, expected_version=begun.version, now=now, granted_at=now)
    return Walk(case, principal, people.staff(Role.ACCOUNT_MANAGER, at=case.utility))
