"""What staff may do to a connection: one act per operation, in the order in which a case goes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy

from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.connection import acts, forms, operations, queries
from tongdian.connection.acts import Act
from tongdian.connection.models import Scheme
from tongdian.connection.operations import Acting
from tongdian.connection.pages import paper_facts
from tongdian.connection.papers import contract
from tongdian.connection.queries.assigning import choices, holders_of
from tongdian.connection.rules import Customer
from tongdian.ui.forms import VersionedForm


def _accept_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    proposed = choices(case, on=local_date(installation_now()))
    return forms.AcceptForm(*args, holders=holders_of(case), proposed=proposed, **kwargs)


def _deficiency_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    allowed = queries.askable(case, "acceptance")
    return forms.DeficiencyForm(*args, listed=[each for each in listed if each["id"] in allowed], **kwargs)


def _accept(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    named = {name: cleaned[name] for name in ("account_manager", "project_manager", "reason")}
    return operations.accept(case, acting=acting, **named)


def _notify(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.notify_deficiency(case, items=cleaned["items"], remark=cleaned["remark"], acting=acting)


def _issue(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    fields = {name: value for name, value in cleaned.items() if name != "version"}
    scheme = Scheme(voltage_kv=queries.application(case).voltage_kv, **fields)
    if acts.is_low_voltage(case):
        scheme.metering = Scheme.Metering.LOW_LOW
    return operations.issue_scheme(case, scheme=scheme, acting=acting)


def _scheme_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    kind = forms.LowVoltageSchemeForm if acts.is_low_voltage(case) else forms.SchemeForm
    return kind(*args, **kwargs)


def _reclassify_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    return forms.ReclassifyForm(*args, customer=queries.application(case).customer, **kwargs)


def _reclassify(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.reclassify(
        case,
        customer=Customer(cleaned["customer"]),
        needs_works=cleaned["needs_works"],
        reason=cleaned["reason"],
        acting=acting,
    )


def _start_works(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.start_works(
        case,
        scope=cleaned["scope"],
        needs_permit=cleaned["needs_permit"],
        planned_finish_date=cleaned["planned_finish_date"],
        acting=acting,
    )


def _finish_works(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.finish_works(case, acting=acting)


def _decide(stage: str, case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    is_passed = cleaned["outcome"] == "passed"
    return operations.decide_review(case, stage, is_passed=is_passed, findings=cleaned["findings"], acting=acting)


def _offer(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    """Print the contract on the confirmed scheme, keep the file, offer it."""
    facts = paper_facts(case, "scheme.confirmed")
    scheme = queries.current_scheme(case)
    assert facts is not None and scheme is not None  # noqa: S101, PT018 - the act is offered only after confirmation
    file = ContentFile(contract(facts, scheme=scheme), name=f"{case.number}-contract.pdf")
    return operations.offer_contract(case, upload=file, acting=acting)


def _energise(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.energise(
        case,
        meter_number=cleaned["meter_number"],
        first_reading_kwh=cleaned["first_reading_kwh"],
        photo=cleaned["photo"],
        acting=acting,
    )


_REVIEWS = {
    "design_review": (gettext_lazy("答复设计审查"), {"design.approved", "design.rejected"}),
    "interim_inspection": (gettext_lazy("答复中间检查"), {"interim.passed", "interim.failed"}),
    "completion_inspection": (gettext_lazy("答复竣工检验"), {"completion.passed", "completion.failed"}),
}

STAFF_ACTS: tuple[Act, ...] = (
    Act(
        "accept",
        gettext_lazy("受理"),
        gettext_lazy(
            "受理后全过程计时开始：高压从下一个工作日起算供电方案答复，低压起算到接电为止的全部时限。低压客户已签署的合同同时生效。"
        ),
        gettext_lazy("确认受理"),
        frozenset({"application.accepted"}),
        _accept_form,
        _accept,
        gettext_lazy("已受理。"),
    ),
    Act(
        "notify-deficiency",
        gettext_lazy("一次性告知"),
        gettext_lazy(
            "只能告知一次，只能选清单以内的资料；登记系统能查到的资料不列出。告知后等待客户，期间不计入供电企业时限。"
        ),
        gettext_lazy("告知客户"),
        frozenset({"application.deficiency_notified"}),
        _deficiency_form,
        _notify,
        gettext_lazy("已告知客户。"),
        is_awaited=False,
        is_useful=lambda case: bool(queries.askable(case, "acceptance")),
    ),
    Act(
        "reclassify",
        gettext_lazy("变更用户类别"),
        gettext_lazy(
            "按查明的身份和是否需要配套工程重新判定类别。受理以前才能变更；申请人会看到新的时限和您写的理由。"
        ),
        gettext_lazy("变更类别"),
        frozenset({"application.reclassified"}),
        _reclassify_form,
        _reclassify,
        gettext_lazy("用户类别已变更。"),
        is_awaited=False,
    ),
    Act(
        "start-works",
        gettext_lazy("配套工程开工"),
        gettext_lazy("配套工程由供电企业建设，时间包含在客户的时限内；客户能看到进展。不需要配套工程的直接装表接电。"),
        gettext_lazy("登记开工"),
        frozenset({"works.started"}),
        acts.form_of(forms.StartWorksForm),
        _start_works,
        gettext_lazy("已登记开工。"),
        is_useful=lambda case: case.customer_class != "lv_no_works",
    ),
    Act(
        "finish-works",
        gettext_lazy("配套工程完工"),
        gettext_lazy("登记完工后装表接电；时限继续计算。"),
        gettext_lazy("登记完工"),
        frozenset({"works.finished"}),
        acts.form_of(VersionedForm),
        _finish_works,
        gettext_lazy("已登记完工。"),
    ),
    Act(
        "issue-scheme",
        gettext_lazy("答复供电方案"),
        gettext_lazy("答复后由客户确认，客户确认和施工的时间不计入供电企业时限。"),
        gettext_lazy("答复客户"),
        frozenset({"scheme.issued"}),
        _scheme_form,
        _issue,
        gettext_lazy("供电方案已答复。"),
    ),
    *(
        Act(
            f"decide-{stage.replace('_', '-')}",
            title,
            gettext_lazy("如需整改，请一次性列出全部意见；客户再次提交时开始新一次办理，次数会显示。"),
            gettext_lazy("答复客户"),
            frozenset(events),
            acts.form_of(forms.InspectionForm),
            partial(_decide, stage),
            gettext_lazy("已答复客户。"),
        )
        for stage, (title, events) in _REVIEWS.items()
    ),
    Act(
        "offer-contract",
        gettext_lazy("送达供用电合同"),
        gettext_lazy("按已确认的供电方案生成合同，由供电企业先签署并送达客户，客户在“我的用电”中签署。"),
        gettext_lazy("签署并送达"),
        frozenset({"contract.offered"}),
        acts.form_of(VersionedForm),
        _offer,
        gettext_lazy("合同已送达客户。"),
    ),
    Act(
        "energise",
        gettext_lazy("装表接电"),
        gettext_lazy("登记后本办件办结。"),
        gettext_lazy("登记接电"),
        frozenset({"connection.energised"}),
        acts.form_of(forms.EnergiseForm),
        _energise,
        gettext_lazy("已接电，办件办结。"),
    ),
    Act(
        "pause",
        gettext_lazy("暂停计时"),
        gettext_lazy("只能使用白名单内的原因并附佐证。因客户原因的暂停须由客户本人提出。"),
        gettext_lazy("暂停计时"),
        frozenset({"clock.paused"}),
        acts.pause_form(by_customer=False),
        acts.pause,
        gettext_lazy("计时已暂停。"),
        is_awaited=False,
    ),
    Act(
        "resume",
        gettext_lazy("恢复计时"),
        gettext_lazy("恢复后，剩余时限继续计算。"),
        gettext_lazy("恢复计时"),
        frozenset({"clock.resumed"}),
        acts.form_of(VersionedForm),
        acts.resume,
        gettext_lazy("计时已恢复。"),
    ),
)
