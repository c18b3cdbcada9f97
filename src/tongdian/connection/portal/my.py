"""My connections: one page per case with its clock, what I have to do, and every paper."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case import panels
from tongdian.case.models import Case
from tongdian.case.queries import installation_now
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.connection import acts, forms, operations, queries, rules
from tongdian.connection.acts import Act
from tongdian.connection.apps import STATUSES
from tongdian.connection.operations import Acting
from tongdian.connection.pages import at_most, case_context, find_case, paper_facts, pdf_response, rule_url
from tongdian.connection.papers import receipt
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.rules import Role
from tongdian.ui.forms import VersionedForm
from tongdian.ui.pdf import UnableToRenderPdf
from tongdian.ui.tables import Column, Table
from tongdian.ui.xlsx import xlsx_response


class MyCases(Table):
    """A person's own cases."""

    caption = gettext_lazy("我的用电申请")
    empty_title = gettext_lazy("还没有用电申请")
    empty_text = gettext_lazy("提交申请后，可以在这里看到每个环节的进度和时限。")
    default_sort = "-opened_at"
    columns = (
        Column(
            "number",
            gettext_lazy("办件编号"),
            kind="code",
            order_by=("number",),
            url=lambda case: reverse("my_case", args=[case.pk]),
        ),
        Column("title", gettext_lazy("单位"), order_by=("title",)),
        Column("status", gettext_lazy("状态"), value=lambda case: STATUSES[case.status]),
        Column("waiting", gettext_lazy("由谁办"), value=lambda case: case.get_waiting_for_display()),
        Column(
            "due", gettext_lazy("最晚"), value=lambda case: case.next_due_date, kind="day", order_by=("next_due_date",)
        ),
        Column("opened_at", gettext_lazy("提交时间"), kind="moment", order_by=("opened_at",)),
    )


@requires("own_case.view")
@require_GET
def my_cases(request: HttpRequest) -> HttpResponse:
    """List the reader's cases and drafts; the cases also as xlsx."""
    table = MyCases(cases_for(request.user, "own_case.view").filter(kind="connection"), request.GET)
    if table.wants_xlsx:
        mark = panels.installation_mark(installation_kind())
        return xlsx_response(table, "my-cases", on=local_date(installation_now()), mark=mark)
    drafts = queries.own_drafts(_user(request))
    return render(request, "connection/my_cases.html", {"table": table, "drafts": drafts})


@requires("own_case.view")
@require_GET
def submitted(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Confirm a submission: number, what happens next, the receipt."""
    case = find_case(request.user, "own_case.view", case_id)
    return render(request, "connection/submitted.html", case_context(case, now=installation_now()))


@requires("own_case.view")
@require_GET
def my_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show one case: what to do, the clock, the scheme, papers, the timeline."""
    case = find_case(request.user, "own_case.view", case_id)
    context = case_context(case, now=installation_now()) | {"offered": acts.offered(CUSTOMER_ACTS, case)}
    context["acts_url"] = "my_act"
    context["turn"] = acts.awaited(context["offered"], case, by=Case.WaitingFor.CUSTOMER)
    context["entries"] = panels.timeline(case, context["events"], shows_people=False)
    return render(request, "connection/my_case.html", context)


@requires("own_case.act")
@require_http_methods(["GET", "POST"])
@at_most(300, timedelta(hours=1), what="case.act")
def my_act(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Do one thing the case waits for."""
    case = find_case(request.user, "own_case.act", case_id)
    act = next((each for each in acts.offered(CUSTOMER_ACTS, case) if each.name == name), None)
    if act is None:
        messages.info(request, _("这一步现在不需要办理，可能已经办过了。"))
        return redirect("my_case", case.pk)
    form = act.form(case, request.POST or None, request.FILES or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        acting = Acting(_user(request), Role.APPLICANT, "web", form.cleaned_data["version"], installation_now())
        if acts.attempt(act, case, form, acting):
            messages.success(request, str(act.done))
            return redirect("my_case", case.pk)
    context = {"case": case, "act": act, "form": form, "back": "my_case", "rule_url": rule_url(case, act.events)}
    return render(request, "connection/act.html", context)


@requires("own_case.document")
@require_GET
def receipt_pdf(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Print the receipt in the reader's language."""
    case = find_case(request.user, "own_case.document", case_id)
    facts = paper_facts(case, "application.submitted")
    if facts is None:
        raise Http404
    try:
        return pdf_response(receipt(facts), name=f"{case.number}-receipt.pdf")
    except UnableToRenderPdf:
        messages.error(request, _("申请内容中有字体里没有的字，回执暂时不能生成，请联系客户经理更正。"))
        return redirect("my_case", case.pk)


def _stage_documents(stage: str, case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, stage, on=on, county_code=case.county_code)
    return forms.StageDocumentsForm(*args, listed=_askable(listed), **kwargs)


def _missing_documents(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    told = queries.deficiency(case)
    items = told.items if told else []
    return forms.StageDocumentsForm(*args, listed=[each for each in listed if each["id"] in items], **kwargs)


def _askable(listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    wanted = rules.askable_documents(listed, conditions=())
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
        "confirm-scheme",
        gettext_lazy("确认供电方案"),
        gettext_lazy("确认后即可按方案设计和施工。如有疑问，请先联系客户经理；也可以不确认。"),
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


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", my_cases, name="my_cases"),
    path("<uuid:case_id>/", my_case, name="my_case"),
    path("<uuid:case_id>/submitted/", submitted, name="apply_submitted"),
    path("<uuid:case_id>/receipt.pdf", receipt_pdf, name="my_receipt"),
    path("<uuid:case_id>/<slug:name>/", my_act, name="my_act"),
]
