"""The staff's desk: the queue by time left, and the case with only what is legal now."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case import panels
from tongdian.case import rules as case_rules
from tongdian.case.models import Case, Party
from tongdian.case.operations.parties import AlreadyErased, view_party
from tongdian.case.queries import calendar as working_calendar
from tongdian.case.queries import cases, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.case.queries.parties import party_of
from tongdian.connection import acts, forms, operations, queries
from tongdian.connection.acts import Act
from tongdian.connection.apps import STAGES, STATUSES
from tongdian.connection.models import Scheme
from tongdian.connection.operations import Acting
from tongdian.connection.pages import case_context, find_case, paper_facts, rule_url
from tongdian.connection.papers import contract
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.people.rules import Role
from tongdian.ui.components import LAMP_WORDS
from tongdian.ui.forms import VersionedForm
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

ANY = ("", gettext_lazy("全部"))


class QueueFilters(Filters):
    """What the queue can be narrowed to."""

    text = django_forms.CharField(
        label=gettext_lazy("查找"), required=False, help_text=gettext_lazy("编号、单位、地址或拼音")
    )
    stage = django_forms.ChoiceField(label=gettext_lazy("环节"), required=False, choices=[ANY, *STAGES.items()])
    lamp = django_forms.ChoiceField(label=gettext_lazy("时限"), required=False, choices=[ANY, *LAMP_WORDS.items()])
    waiting_for = django_forms.ChoiceField(
        label=gettext_lazy("由谁办"), required=False, choices=[ANY, *Case.WaitingFor.choices]
    )
    mine = django_forms.BooleanField(label=gettext_lazy("只看我的"), required=False)
    closed = django_forms.BooleanField(label=gettext_lazy("包括已办结"), required=False)


class QueueTable(Table):
    """Cases in reach, the least time left first."""

    caption = gettext_lazy("办件")
    default_sort = "due"
    empty_text = gettext_lazy("可以放宽筛选条件，或勾选“包括已办结”。")

    @classmethod
    def for_day(cls, today: Any, calendar: WorkingCalendar) -> type["QueueTable"]:
        """Return the table with its lamp and days left computed for a day."""
        lamp = partial(_lamp, today=today, calendar=calendar)
        left = partial(_days_left, today=today, calendar=calendar)
        columns = (
            Column("lamp", gettext_lazy("时限"), value=lamp, kind="lamp"),
            Column(
                "number",
                gettext_lazy("办件编号"),
                kind="code",
                order_by=("number",),
                url=lambda case: reverse("desk_case", args=[case.pk]),
            ),
            Column("title", gettext_lazy("单位"), order_by=("title",)),
            Column("status", gettext_lazy("状态"), value=lambda case: STATUSES[case.status]),
            Column("waiting", gettext_lazy("由谁办"), value=lambda case: case.get_waiting_for_display()),
            Column(
                "due",
                gettext_lazy("最晚"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date", "opened_at"),
            ),
            Column("left", gettext_lazy("剩余工作日"), value=left, kind="number"),
            Column(
                "assignee", gettext_lazy("客户经理"), value=lambda c: c.assignee.get_full_name() if c.assignee else ""
            ),
        )
        return type("QueueTableOfDay", (cls,), {"columns": columns})


def _lamp(case: Case, *, today: Any, calendar: WorkingCalendar) -> str:
    return (
        case_rules.lamp(
            waiting_for=str(case.waiting_for), next_due_date=case.next_due_date, today=today, calendar=calendar
        )
        or ""
    )


def _days_left(case: Case, *, today: Any, calendar: WorkingCalendar) -> int | None:
    if case.next_due_date is None:
        return None
    return case_rules.days_left(case.next_due_date, today=today, calendar=calendar)


@requires("case.view")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the cases in reach, filtered, paged; those one may export also as xlsx."""
    today, calendar = local_date(installation_now()), working_calendar()
    filters = QueueFilters(request.GET)
    chosen = filters.chosen()
    user = _user(request)
    is_export = request.GET.get("format") == "xlsx"
    if is_export and not scope(user, "case.export").is_allowed:
        raise PermissionDenied
    rows = cases.queue(
        user,
        permission="case.export" if is_export else "case.view",
        kind="connection",
        today=today,
        calendar=calendar,
        is_open=None if chosen.pop("closed", False) else True,
        assignee=user if chosen.pop("mine", False) else None,
        **chosen,
    )
    table = QueueTable.for_day(today, calendar)(rows, request.GET, filters=filters)
    if is_export:
        return xlsx_response(table, "queue", on=today, mark=panels.installation_mark(installation_kind()))
    table.offers_xlsx = scope(user, "case.export").is_allowed
    return render(request, "connection/queue.html", {"table": table})


@requires("case.view")
@require_GET
def desk_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a case to staff, with what is legal now."""
    case = find_case(request.user, "case.view", case_id)
    context = case_context(case, now=installation_now())
    context["offered"] = acts.offered(STAFF_ACTS, case) if _reaches(request, "case.work", case) else []
    context["may_see_parties"] = _reaches(request, "case.personal", case)
    context["hides_documents"] = not _reaches(request, "case.document", case)
    context["shows_viewers"] = True
    context["acts_url"] = "desk_act"
    context["turn"] = acts.awaited(context["offered"], case, by=Case.WaitingFor.UTILITY)
    context["entries"] = panels.timeline(case, context["events"], shows_people=True)
    return render(request, "connection/desk_case.html", context)


def _reaches(request: HttpRequest, permission: str, case: Case) -> bool:
    reach = scope(_user(request), permission)
    return reach.reaches(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)


@requires("case.personal")
@never_cache
@require_http_methods(["GET", "POST"])
def desk_party(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Show how to reach a party, on request, and record that it was looked at."""
    case = find_case(request.user, "case.personal", case_id)
    if request.method == "GET":
        return redirect("desk_case", case.pk)
    try:
        party = party_of(case, party_id)
        facts = view_party(party, viewer=_user(request), purpose="desk.party", now=timezone.now())
    except Party.DoesNotExist as error:
        raise Http404 from error
    except AlreadyErased:
        messages.info(request, _("该当事人的信息已经删除。"))
        return redirect("desk_case", case.pk)
    return render(request, "connection/party.html", {"case": case, "party": party, "facts": facts})


@requires("case.work")
@require_http_methods(["GET", "POST"])
def desk_act(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Do one legal thing to a case."""
    case = find_case(request.user, "case.work", case_id)
    act = next((each for each in acts.offered(STAFF_ACTS, case) if each.name == name), None)
    if act is None:
        messages.info(request, _("办件的状态已经变化，这一步现在不能办理。"))
        return redirect("desk_case", case.pk)
    form = act.form(case, request.POST or None, request.FILES or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        acting = Acting(_user(request), _role(request), "desk", form.cleaned_data["version"], installation_now())
        if acts.attempt(act, case, form, acting):
            messages.success(request, str(act.done))
            return redirect("desk_case", case.pk)
    context = {"case": case, "act": act, "form": form, "back": "desk_case", "rule_url": rule_url(case, act.events)}
    return render(request, "connection/act.html", context)


def _role(request: HttpRequest) -> Role:
    """Return the role in which the reader works cases: the first of the grants that allow it."""
    return scope(_user(request), "case.work").rights[0].role


def _accept_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    return forms.AcceptForm(*args, managers=queries.account_managers(case), **kwargs)


def _deficiency_form(case: Case, *args: Any, **kwargs: Any) -> VersionedForm:
    on = case.judged_date or local_date(case.opened_at)
    listed = queries.listed_documents(case.customer_class, "acceptance", on=on, county_code=case.county_code)
    allowed = queries.askable(case, "acceptance")
    return forms.DeficiencyForm(*args, listed=[each for each in listed if each["id"] in allowed], **kwargs)


def _accept(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.accept(case, account_manager=cleaned["account_manager"], acting=acting)


def _notify(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    return operations.notify_deficiency(case, items=cleaned["items"], remark=cleaned["remark"], acting=acting)


def _issue(case: Case, cleaned: Mapping[str, Any], acting: Acting) -> object:
    fields = {name: value for name, value in cleaned.items() if name != "version"}
    applied = queries.case_rows(case)["application"]
    return operations.issue_scheme(case, scheme=Scheme(voltage_kv=applied.voltage_kv, **fields), acting=acting)


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
        gettext_lazy("受理后，供电方案答复的时限从下一个工作日起算，全过程计时开始。"),
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
    ),
    Act(
        "issue-scheme",
        gettext_lazy("答复供电方案"),
        gettext_lazy("答复后由客户确认，客户确认和施工的时间不计入供电企业时限。"),
        gettext_lazy("答复客户"),
        frozenset({"scheme.issued"}),
        acts.form_of(forms.SchemeForm),
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


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", queue, name="desk_queue"),
    path("cases/<uuid:case_id>/", desk_case, name="desk_case"),
    path("cases/<uuid:case_id>/parties/<uuid:party_id>/", desk_party, name="desk_party"),
    path("cases/<uuid:case_id>/<slug:name>/", desk_act, name="desk_act"),
]
