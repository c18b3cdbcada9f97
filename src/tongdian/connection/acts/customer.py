"""What a customer may do to their connection: one act per operation, in the order in which a case goes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy

from tongdian.case.models import Case
from tongdian.case.queries.clock import local_date
from tongdian.connection import acts, forms, operations, queries, rules
from tongdian.connection.acts import Act
from tongdian.connection.models import AgentAuthority
from tongdian.connection.operations import Acting
from tongdian.connection.pages import standard_contract_of
from tongdian.connection.queries.agents import authority_of
from tongdian.people.models import User
from tongdian.people.queries import rights
from tongdian.people.rules import Role
from tongdian.ui.forms import VersionedForm


def _stage_documents(stage: str, case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, stage, on=on, county_code=case.county_code)
    return forms.StageDocumentsForm(*args, listed=_askable(case, listed), **kwargs)


def _missing_documents(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    told = queries.deficiency(case)
    items = told.items if told else []
    return forms.StageDocumentsForm(*args, listed=[each for each in listed if each["id"] in items], **kwargs)


def _askable(case: Case, listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    wanted = rules.askable_documents(listed, conditions=queries.conditions(case))
    return [each for each in listed if each["id"] in wanted]


def _hand_in_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    return forms.HandInForm(*args, listed=queries.documents_to_follow(case), **kwargs)


def _files(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: file for kind, file in cleaned.items() if kind != "version"}


def _answer(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.answer_deficiency(case, uploads=_files(cleaned), acting=acting)


def _confirm(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.confirm_scheme(case, acting=acting)


def _request(stage: str, case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.request_review(case, stage, uploads=_files(cleaned), acting=acting)


def _hand_in(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.hand_in(case, kind=cleaned["kind"], upload=cleaned["file"], acting=acting)


def _sign(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.sign_contract(case, acting=acting)


def _sign_standard(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    """Sign the very text that the page of the act leads to."""
    file = ContentFile(standard_contract_of(case), name=f"{case.number}-contract.pdf")
    return operations.sign_standard_contract(case, upload=file, acting=acting)


def _withdraw(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.withdraw(case, reason=cleaned["reason"], acting=acting)


_REVIEW_WORDS = {
    "design_review": (gettext_lazy("提交设计文件"), gettext_lazy("设计文件已提交，等待供电企业审查。")),
    "interim_inspection": (gettext_lazy("申请中间检查"), gettext_lazy("已申请中间检查。")),
    "completion_inspection": (gettext_lazy("报验竣工"), gettext_lazy("竣工报告已提交，等待供电企业检验。")),
}

CUSTOMER_ACTS: tuple[Act, ...] = (
    Act(
        "complete",
        gettext_lazy("补充资料"),
        gettext_lazy("下面是一次性告知的全部内容。提交后，供电企业的受理时限继续计算，不会再提新的要求。"),
        gettext_lazy("提交"),
        frozenset({"application.completed"}),
        _missing_documents,
        _answer,
        gettext_lazy("已补充完整，等待受理。"),
    ),
    Act(
        "sign-standard-contract",
        gettext_lazy("签署供用电合同"),
        gettext_lazy("签署后供电企业即可受理，之后您不需要再办任何手续。请先打开合同阅读；受理以前可以随时撤回。"),
        gettext_lazy("签署合同"),
        frozenset({"contract.signed"}),
        acts.form_of(VersionedForm),
        _sign_standard,
        gettext_lazy("合同已签署，等待供电企业受理。"),
        is_useful=acts.is_low_voltage,
        reads="my_contract",
    ),
    Act(
        "confirm-scheme",
        gettext_lazy("确认供电方案"),
        gettext_lazy("确认后即可按方案办理下一步。如有疑问，请先联系客户经理；也可以不确认。"),
        gettext_lazy("确认方案"),
        frozenset({"scheme.confirmed"}),
        acts.form_of(VersionedForm),
        _confirm,
        gettext_lazy("供电方案已确认。"),
    ),
    *(
        Act(
            stage.replace("_", "-"),
            title,
            gettext_lazy(
                "只需要下面列出的资料，不需要其他材料。提交当日为第 0 日，从下一个工作日起计算供电企业的时限。"
            ),
            gettext_lazy("提交"),
            frozenset({rules.REVIEWS[stage].request}),
            partial(_stage_documents, stage),
            partial(_request, stage),
            done,
        )
        for stage, (title, done) in _REVIEW_WORDS.items()
    ),
    Act(
        "sign-contract",
        gettext_lazy("签署供用电合同"),
        gettext_lazy("请先打开合同文件阅读。签署记录与合同文件的摘要一起写入时间线，事后任何一方都不能更改。"),
        gettext_lazy("签署合同"),
        frozenset({"contract.signed"}),
        acts.form_of(VersionedForm),
        _sign,
        gettext_lazy("合同已签署。"),
        is_useful=acts.is_high_voltage,
    ),
    Act(
        "hand-in",
        gettext_lazy("补交资料"),
        gettext_lazy("申请时没有上传的资料可以在这里补交，不影响各环节时限。"),
        gettext_lazy("提交"),
        frozenset({"document.added"}),
        _hand_in_form,
        _hand_in,
        gettext_lazy("资料已收到。"),
        is_useful=lambda case: case.status != "incomplete" and bool(queries.documents_to_follow(case)),
        is_awaited=False,
    ),
    Act(
        "pause",
        gettext_lazy("申请暂缓办理"),
        gettext_lazy("暂缓期间不计入供电企业的时限。您可以随时恢复。"),
        gettext_lazy("暂缓办理"),
        frozenset({"clock.paused"}),
        acts.pause_form(by_customer=True),
        acts.pause,
        gettext_lazy("已暂缓，随时可以恢复。"),
        is_awaited=False,
    ),
    Act(
        "resume",
        gettext_lazy("恢复办理"),
        gettext_lazy("恢复后，供电企业的时限继续计算。"),
        gettext_lazy("恢复办理"),
        frozenset({"clock.resumed"}),
        acts.form_of(VersionedForm),
        acts.resume,
        gettext_lazy("已恢复办理。"),
    ),
    Act(
        "withdraw",
        gettext_lazy("撤回申请"),
        gettext_lazy("撤回后本办件结束，不能恢复；以后可以重新申请。"),
        gettext_lazy("撤回申请"),
        frozenset({"case.withdrawn"}),
        acts.form_of(forms.WithdrawForm),
        _withdraw,
        gettext_lazy("申请已撤回。"),
        is_danger=True,
        is_awaited=False,
    ),
)


def reader_role(user: User, case: Case, *, now: datetime) -> tuple[Role, AgentAuthority | None]:
    """Return in which role somebody reads a case in their reach, and by which authority an agent does (None once it
    has ended). Causes at most two queries, none for the applicant.
    """
    if case.applicant_id == user.pk:
        return Role.APPLICANT, None
    if any(right.role is Role.DESIGNER_BUILDER and right.case_id == case.pk for right in rights(user)):
        return Role.DESIGNER_BUILDER, None
    return Role.AGENT, authority_of(user, case, now=now)


def offered_to(user: User, case: Case, *, now: datetime) -> list[Act]:
    """Return the acts that are legal now and that the reader may do: an agent what the applicant let them do, somebody
    invited to design or build only to hand papers in. Causes at most four queries.
    """
    role, authority = reader_role(user, case, now=now)
    offered = acts.offered(CUSTOMER_ACTS, case)
    if role is Role.APPLICANT:
        return offered
    if role is Role.DESIGNER_BUILDER:
        covered = rules.allowed_events(["hand_in"])
    else:
        covered = authority.covered_events if authority else frozenset()
    return [act for act in offered if act.events <= covered]


def acting_as(user: User, case: Case, *, version: int, now: datetime) -> Acting:
    """Return who writes: the applicant, or for them an agent with the authority that covers it."""
    role, authority = reader_role(user, case, now=now)
    if authority is None:
        return Acting(user, role, "web", version, now)
    facts = {"authority_id": str(authority.pk)}
    return Acting(user, role, "web", version, now, on_behalf_of=authority.principal_id, facts=facts)
