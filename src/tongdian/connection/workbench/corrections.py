"""Corrections on the desk: propose one, see what the clock would become, approve or refuse as the second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case import kinds, panels
from tongdian.case.content import RefusedUpload
from tongdian.case.models import Case, CorrectionProposal, Event
from tongdian.case.operations import proposing
from tongdian.case.operations.correcting import CORRECTION, CannotCorrect
from tongdian.case.operations.frame import StaleCase
from tongdian.case.queries import corrections, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.timeline import events
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection import acts, forms
from tongdian.connection.apps import STAGES
from tongdian.connection.pages import find_case
from tongdian.engine.clock import Reading
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.policy import current_book
from tongdian.ui import formats
from tongdian.ui.components import Words
from tongdian.ui.tables import Column, Table

CHANNEL = "desk"


class PendingTable(Table):
    """Proposals that wait for a second person."""

    caption = gettext_lazy("等待批准的更正")
    empty_title = gettext_lazy("没有等待批准的更正")
    default_sort = "proposed_at"
    columns = (
        Column(
            "case",
            gettext_lazy("办件编号"),
            kind="code",
            value=lambda each: each.case.number,
            url=lambda each: reverse("desk_correction", args=[each.case_id, each.pk]),
        ),
        Column("event", gettext_lazy("事件序号"), value=lambda each: each.seq, kind="number"),
        Column("change", gettext_lazy("更正"), value=lambda each: each.get_change_display()),
        Column("reason", gettext_lazy("理由"), value=lambda each: each.reason),
        Column("proposed_by", gettext_lazy("提出人"), value=lambda each: each.proposed_by.get_full_name()),
        Column("proposed_at", gettext_lazy("提出时间"), kind="moment", order_by=("proposed_at",)),
    )


@dataclass(frozen=True)
class Compared:
    """One line of the preview: what it is now and what it would be."""

    label: Words
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the correction changes it."""
        return self.before != self.after


@requires("case.correct")
@require_GET
def pending(request: HttpRequest) -> HttpResponse:
    """List the proposals in reach that wait for a decision."""
    table = PendingTable(corrections.pending_for(_user(request), "case.correct"), request.GET)
    return render(request, "connection/corrections/pending.html", {"table": table})


@requires("case.work")
@require_GET
def case_corrections(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show the events of a case that may be corrected, and every proposal made so far."""
    case = find_case(request.user, "case.work", case_id)
    listed = [(each, _title(case, each.kind)) for each in events(case.pk) if each.kind != CORRECTION]
    context = {"case": case, "events": listed, "proposals": corrections.proposals_of(case)}
    return render(request, "connection/corrections/case.html", context)


@requires("case.work")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, case_id: UUID, seq: int) -> HttpResponse:
    """Propose to correct one event."""
    case = find_case(request.user, "case.work", case_id)
    event = events(case.pk).filter(seq=seq).exclude(kind=CORRECTION).first()
    if event is None:
        raise Http404
    form = _propose_form(request, case, event)
    if request.method == "POST" and form.is_valid() and (made := _propose(request, case, event, form)):
        messages.success(request, _("更正已提出，等待另一人批准。"))
        return redirect("desk_correction", case.pk, made.pk)
    context = {"case": case, "event": event, "event_title": _title(case, event.kind), "form": form}
    return render(request, "connection/corrections/propose.html", context)


def _propose_form(request: HttpRequest, case: Case, event: Event) -> forms.ProposeForm:
    known = [(kind, title) for kind, title in kinds.get(case.kind).events.items() if kind != event.kind]
    ruling = current_book().lookup(
        "connection.evidence.kinds", on=local_date(installation_now()), place=case.county_code
    )
    return forms.ProposeForm(
        request.POST or None,
        request.FILES or None,
        kinds=known,
        evidence_kinds=[(str(each["id"]), formats.in_language(each["title"])) for each in ruling.value],
        recorded_at=event.recorded_at,
        initial={"version": case.version},
    )


def _propose(request: HttpRequest, case: Case, event: Event, form: forms.ProposeForm) -> CorrectionProposal | None:
    """Make the proposal; on a known error put the reason into the form."""
    given = form.cleaned_data
    change = proposing.Change(
        given["change"],
        given["reason"],
        kind=given["kind"] if given["change"] == "kind" else "",
        **(_claimed(given) if given["change"] == "time" else {}),
    )
    try:
        return proposing.propose(
            case,
            seq=event.seq,
            change=change,
            actor=_user(request),
            role=scope(_user(request), "case.work").rights[0].role,
            expected_version=given["version"],
            now=installation_now(),
        )
    except StaleCase as error:
        form.report_conflict(acts.changes_of(case, error), version=error.version)
        form.add_error(None, _("其他人刚刚更新了这个办件。请看上面的变化，确认后再提交一次。"))
    except proposing.AlreadyProposed:
        form.add_error(None, _("这个事件已有一项更正等待批准，请先处理那一项。"))
    except CannotCorrect:
        form.add_error(None, _("这个事件不能这样更正，请核对后重新选择。"))
    except PersonalData:
        form.add_error("reason", _("这里写的会永久留在办件记录中，不能含手机号、身份证号或电子邮箱。请删去后再提交。"))
    except RefusedUpload as error:
        form.add_error("evidence", forms.refusal_words(error))
    return None


def _claimed(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("occurred_at", "evidence_kind", "evidence")}


@requires("case.work")
@require_GET
def correction(request: HttpRequest, case_id: UUID, proposal_id: int) -> HttpResponse:
    """Show a proposal and what the clock would become."""
    return _shown(request, *_found(request, "case.work", case_id, proposal_id))


def _shown(
    request: HttpRequest, case: Case, proposal: CorrectionProposal, form: forms.RefuseForm | None = None
) -> HttpResponse:
    event = events(case.pk).filter(seq=proposal.seq).first()
    is_pending = proposal.outcome == CorrectionProposal.Outcome.PENDING
    seen = corrections.preview(proposal, now=installation_now()) if is_pending else None
    reach = scope(_user(request), "case.correct")
    may = reach.reaches(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)
    context = {
        "case": case,
        "proposal": proposal,
        "event": event,
        "event_title": _title(case, event.kind) if event else "",
        "kind_title": _title(case, proposal.kind) if proposal.kind else "",
        "compared": _compared(seen.before, seen.after) if seen else (),
        "may_decide": is_pending and may and proposal.proposed_by_id != _user(request).pk,
        "waits_for_another": is_pending and proposal.proposed_by_id == _user(request).pk,
        "form": form or forms.RefuseForm(),
    }
    return render(request, "connection/corrections/proposal.html", context)


@requires("case.correct")
@require_POST
def approve(request: HttpRequest, case_id: UUID, proposal_id: int) -> HttpResponse:
    """Agree as the second person."""
    case, proposal = _found(request, "case.correct", case_id, proposal_id)
    version = request.POST.get("version", "")
    try:
        proposing.approve(
            proposal,
            actor=_user(request),
            channel=CHANNEL,
            expected_version=int(version) if version.isdigit() else -1,
            now=installation_now(),
        )
    except StaleCase as error:
        told = "；".join(
            f"{change.what} {formats.moment(change.changed_at)}" for change in acts.changes_of(case, error)
        )
        messages.warning(request, _("办件刚有变化（%(told)s），请看新的对照后再批准。") % {"told": told})
        return redirect("desk_correction", case.pk, proposal.pk)
    except proposing.SamePerson:
        messages.error(request, _("更正须由提出人以外的人批准。"))
    except proposing.AlreadyDecided:
        messages.info(request, _("这项更正已有人处理。"))
    except CannotCorrect:
        messages.error(request, _("这个事件现在不能这样更正。"))
    else:
        messages.success(request, _("更正已批准，时限已按更正后的记录重新计算。"))
    return redirect("desk_correction", case.pk, proposal.pk)


@requires("case.correct")
@require_POST
def refuse(request: HttpRequest, case_id: UUID, proposal_id: int) -> HttpResponse:
    """Turn a proposal down with a reason."""
    case, proposal = _found(request, "case.correct", case_id, proposal_id)
    form = forms.RefuseForm(request.POST)
    if not form.is_valid():
        return _shown(request, case, proposal, form)
    try:
        proposing.refuse(proposal, reason=form.cleaned_data["refusal"], actor=_user(request), now=installation_now())
    except proposing.SamePerson:
        messages.error(request, _("更正须由提出人以外的人批准。"))
    except proposing.AlreadyDecided:
        messages.info(request, _("这项更正已有人处理。"))
    else:
        messages.success(request, _("已答复不批准。"))
    return redirect("desk_correction", case.pk, proposal.pk)


def _found(request: HttpRequest, permission: str, case_id: UUID, proposal_id: int) -> tuple[Case, CorrectionProposal]:
    case = find_case(request.user, permission, case_id)
    try:
        return case, corrections.proposal_of(case, proposal_id)
    except CorrectionProposal.DoesNotExist as error:
        raise Http404 from error


def _compared(before: Reading, after: Reading) -> Sequence[Compared]:
    """Set the two clocks side by side: verdict, both totals, the next deadline, every stage."""
    lines = [
        Compared(_("结论"), _verdict(before), _verdict(after)),
        Compared(_("供电企业用时（天）"), str(before.utility_days), str(after.utility_days)),
        Compared(_("全过程（天）"), _or_dash(before.whole_days), _or_dash(after.whole_days)),
        Compared(_("下一个到期日"), _due(before), _due(after)),
    ]
    stages = [rule.id for rule in before.definition.stages]
    return [*lines, *(Compared(STAGES[each], _stage(before, each), _stage(after, each)) for each in stages)]


VERDICTS: dict[str, Words] = {
    "not_started": gettext_lazy("尚未开始"),
    "running": gettext_lazy("进行中"),
    "on_time": gettext_lazy("按时"),
    "late": gettext_lazy("超时"),
    "withdrawn": gettext_lazy("已撤回"),
    "unclear": gettext_lazy("无法认定"),
    "no_limit": gettext_lazy("没有时限"),
}


def _verdict(reading: Reading) -> str:
    return str(VERDICTS[reading.verdict])


def _or_dash(days: int | None) -> str:
    return "—" if days is None else str(days)


def _due(reading: Reading) -> str:
    return formats.day(reading.next_due.date) if reading.next_due else "—"


def _stage(reading: Reading, stage: str) -> str:
    found = [each for each in reading.stages if each.stage == stage]
    return (
        "；".join(
            _("第 %(n)d 次 %(days)d 天 %(verdict)s")
            % {"n": each.number, "days": each.used_days, "verdict": VERDICTS[each.verdict]}
            for each in found
        )
        or "—"
    )


def _title(case: Case, kind: str) -> Words:
    return {**panels.FRAME_EVENTS, **kinds.get(case.kind).events}.get(kind, kind)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("corrections/", pending, name="desk_corrections"),
    path("cases/<uuid:case_id>/corrections/", case_corrections, name="desk_case_corrections"),
    path("cases/<uuid:case_id>/corrections/<int:proposal_id>/", correction, name="desk_correction"),
    path("cases/<uuid:case_id>/corrections/<int:proposal_id>/approve/", approve, name="desk_correction_approve"),
    path("cases/<uuid:case_id>/corrections/<int:proposal_id>/refuse/", refuse, name="desk_correction_refuse"),
    path("cases/<uuid:case_id>/events/<int:seq>/correct/", propose, name="desk_propose"),
]
