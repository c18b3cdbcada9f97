"""Let one step of a course happen: the operation a page would call, by the person who would call it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from tongdian.case.models import Case
from tongdian.connection import operations
from tongdian.connection.models import SupportingWorks
from tongdian.connection.operations import Acting
from tongdian.connection.pages import paper_facts
from tongdian.connection.papers import contract
from tongdian.connection.queries import current_scheme
from tongdian.demo import answers
from tongdian.demo.courses import Step
from tongdian.demo.papers import File, paper
from tongdian.demo.province import Team
from tongdian.people.models import User
from tongdian.people.rules import Role

FINDINGS = (
    "接地电阻测试记录缺一处,请补测。",
    "高压柜五防闭锁未全部投入。",
    "电缆终端标识不全,请补挂。",
    "保护定值单与现场整定不一致。",
    "一次接线图与平面布置图不一致,请统一。",
)
WITHDRAWALS = ("项目计划调整,暂不用电。", "选址变更,将重新申请。", "改用租赁场所的现有电源。")
SCOPES = (
    SupportingWorks.Scope.METER_BOX,
    SupportingWorks.Scope.METER_BOX,
    SupportingWorks.Scope.LV_LINE,
    SupportingWorks.Scope.TRANSFORMER,
)
NAMED_BY_HAND = "演示:按城市分派。"
REMARK = "请补充清单中勾选的资料;其余资料已由登记系统查得。"
REVIEW_PAPERS = {
    "design_review": "design_and_description",
    "interim_inspection": "hidden_works_and_tests",
    "completion_inspection": "completion_report",
}
PAUSE_PAPERS = {
    "customer_request": "customer_request",
    "customer_works_pending": "site_record",
    "site_not_accessible": "site_record",
    "permit_pending": "permit_receipt",
    "force_majeure": "public_notice",
}
ASKED_BY_CUSTOMER = {"customer_request", "customer_works_pending", "site_not_accessible"}
ASKED_AT_ACCEPTANCE = "equipment_list"


@dataclass
class Folder:
    """One case as it goes on, and everyone in it. `case` is None until the application is submitted.

    predecessor: the folder of the withdrawn case this one takes up again. copy: which copy of the papers it uses.
    """

    serial: int
    answers: Mapping[str, Mapping[str, Any]]
    applicant: User
    team: Team
    rng: Random
    prints_contract: bool
    hands_in_all: bool
    predecessor: "Folder | None" = None
    copy: int = 1
    case: Case | None = None

    def paper(self, kind: str) -> File:
        """The document of a kind that somebody of this case hands in."""
        return paper(kind, copy=self.copy)

    @property
    def is_high_voltage(self) -> bool:
        return "supply" in self.answers

    @property
    def opened(self) -> Case:
        """The submitted case."""
        if self.case is None:
            raise LookupError(f"application {self.serial} has not been submitted yet")
        return self.case


def happen(folder: Folder, step: Step, *, at: datetime) -> None:
    """Let a step happen at the moment the installation's clock shows; raises what its operation raises."""
    ACTS[step.event](folder, step, at)


def _by_customer(folder: Folder, at: datetime) -> Acting:
    return Acting(folder.applicant, Role.APPLICANT, "web", folder.opened.version, at)


def _by_clerk(folder: Folder, at: datetime) -> Acting:
    return Acting(folder.team.clerk, Role.COUNTER_CLERK, "desk", folder.opened.version, at)


def _by_manager(folder: Folder, at: datetime) -> Acting:
    return Acting(folder.team.manager, Role.ACCOUNT_MANAGER, "desk", folder.opened.version, at)


def _by_inspector(folder: Folder, at: datetime) -> Acting:
    return Acting(folder.team.inspector, Role.PROJECT_MANAGER, "desk", folder.opened.version, at)


def _submit(folder: Folder, step: Step, at: datetime) -> None:
    owner, taken_up = folder.applicant, folder.predecessor
    draft = operations.start_draft(
        owner,
        now=at,
        answers={name: dict(given) for name, given in folder.answers.items()},
        predecessor=taken_up.opened if taken_up else None,
    )
    if folder.is_high_voltage and folder.hands_in_all:
        draft = operations.attach_to_draft(
            draft.pk,
            owner=owner,
            kind=ASKED_AT_ACCEPTANCE,
            upload=folder.paper(ASKED_AT_ACCEPTANCE),
            expected_version=draft.version,
            now=at,
        )
    contract = None if folder.is_high_voltage else folder.paper("supply_contract")
    folder.case = operations.submit(
        draft.pk, owner=owner, expected_version=draft.version, channel="web", now=at, contract=contract
    )


def _notify_deficiency(folder: Folder, step: Step, at: datetime) -> None:
    operations.notify_deficiency(
        folder.opened, items=[ASKED_AT_ACCEPTANCE], remark=REMARK, acting=_by_clerk(folder, at)
    )


def _answer_deficiency(folder: Folder, step: Step, at: datetime) -> None:
    uploads = {ASKED_AT_ACCEPTANCE: folder.paper(ASKED_AT_ACCEPTANCE)}
    operations.answer_deficiency(folder.opened, uploads=uploads, acting=_by_customer(folder, at))


def _accept(folder: Folder, step: Step, at: datetime) -> None:
    operations.accept(
        folder.opened,
        account_manager=folder.team.manager,
        project_manager=folder.team.inspector,
        reason=NAMED_BY_HAND,
        acting=_by_clerk(folder, at),
    )


def _start_works(folder: Folder, step: Step, at: datetime) -> None:
    operations.start_works(folder.opened, scope=folder.rng.choice(SCOPES), acting=_by_inspector(folder, at))


def _finish_works(folder: Folder, step: Step, at: datetime) -> None:
    operations.finish_works(folder.opened, acting=_by_inspector(folder, at))


def _issue_scheme(folder: Folder, step: Step, at: datetime) -> None:
    scheme = answers.scheme(folder.answers, rng=folder.rng)
    operations.issue_scheme(folder.opened, scheme=scheme, acting=_by_manager(folder, at))


def _confirm_scheme(folder: Folder, step: Step, at: datetime) -> None:
    operations.confirm_scheme(folder.opened, acting=_by_customer(folder, at))


def _request(folder: Folder, step: Step, at: datetime, *, stage: str) -> None:
    kind = REVIEW_PAPERS[stage]
    operations.request_review(folder.opened, stage, uploads={kind: folder.paper(kind)}, acting=_by_customer(folder, at))


def _decide(folder: Folder, step: Step, at: datetime, *, stage: str, is_passed: bool) -> None:
    findings = () if is_passed else folder.rng.sample(FINDINGS, folder.rng.randint(1, 3))
    operations.decide_review(
        folder.opened, stage, is_passed=is_passed, findings=findings, acting=_by_inspector(folder, at)
    )


def _offer_contract(folder: Folder, step: Step, at: datetime) -> None:
    operations.offer_contract(folder.opened, upload=_contract(folder), acting=_by_manager(folder, at))


def _contract(folder: Folder) -> File:
    """Print the contract of the case where somebody may open it; for old cases one sample serves them all."""
    facts = paper_facts(folder.opened, "scheme.confirmed") if folder.prints_contract else None
    scheme = current_scheme(folder.opened)
    if facts is None or scheme is None:
        return folder.paper("supply_contract")
    return File(f"{folder.opened.number}-contract.pdf", contract(facts, scheme=scheme))


def _sign_contract(folder: Folder, step: Step, at: datetime) -> None:
    operations.sign_contract(folder.opened, acting=_by_customer(folder, at))


def _energise(folder: Folder, step: Step, at: datetime) -> None:
    operations.energise(
        folder.opened,
        meter_number=f"DEMO{folder.serial:08d}",
        first_reading_kwh=Decimal(0),
        acting=_by_manager(folder, at),
    )


def _pause(folder: Folder, step: Step, at: datetime) -> None:
    kind = PAUSE_PAPERS[step.detail]
    acting = _by_customer(folder, at) if step.detail in ASKED_BY_CUSTOMER else _by_manager(folder, at)
    operations.pause(folder.opened, reason=step.detail, evidence={kind: folder.paper(kind)}, acting=acting)


def _resume(folder: Folder, step: Step, at: datetime) -> None:
    operations.resume(folder.opened, acting=_by_manager(folder, at))


def _withdraw(folder: Folder, step: Step, at: datetime) -> None:
    operations.withdraw(folder.opened, reason=folder.rng.choice(WITHDRAWALS), acting=_by_customer(folder, at))


ACTS: Mapping[str, Callable[[Folder, Step, datetime], None]] = {
    "application.submitted": _submit,
    "application.deficiency_notified": _notify_deficiency,
    "application.completed": _answer_deficiency,
    "application.accepted": _accept,
    "works.started": _start_works,
    "works.finished": _finish_works,
    "scheme.issued": _issue_scheme,
    "scheme.confirmed": _confirm_scheme,
    "design.submitted": partial(_request, stage="design_review"),
    "design.approved": partial(_decide, stage="design_review", is_passed=True),
    "design.rejected": partial(_decide, stage="design_review", is_passed=False),
    "interim.requested": partial(_request, stage="interim_inspection"),
    "interim.passed": partial(_decide, stage="interim_inspection", is_passed=True),
    "interim.failed": partial(_decide, stage="interim_inspection", is_passed=False),
    "completion.reported": partial(_request, stage="completion_inspection"),
    "completion.passed": partial(_decide, stage="completion_inspection", is_passed=True),
    "completion.failed": partial(_decide, stage="completion_inspection", is_passed=False),
    "contract.offered": _offer_contract,
    "contract.signed": _sign_contract,
    "connection.energised": _energise,
    "clock.paused": _pause,
    "clock.resumed": _resume,
    "case.withdrawn": _withdraw,
}
