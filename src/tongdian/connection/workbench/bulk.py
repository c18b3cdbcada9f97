"""Acts on many cases of the queue: choose, preview, confirm, and the result of each case."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case import panels
from tongdian.case.models import BulkRow, BulkRun, Event
from tongdian.case.operations import bulk as operations
from tongdian.case.queries import installation_now
from tongdian.case.queries.bulk import changed_since, own_run, own_runs, rows_of
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.case.queries.team import managers_in_reach
from tongdian.case.timeline.personal import PersonalData
from tongdian.connection.apps import EVENTS
from tongdian.connection.workbench.queue import queue_rows
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.ui.tables import Column, Table
from tongdian.ui.xlsx import xlsx_response


class AssignForm(forms.Form):
    """Who is to manage the chosen cases."""

    column = forms.ChoiceField(label=gettext_lazy("经办角色"), choices=BulkRun.Column.choices, widget=forms.RadioSelect)
    assignee = forms.TypedChoiceField(label=gettext_lazy("分派给"), coerce=int)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.managers = {manager.pk: manager for manager in managers_in_reach(user, "case.assign")}
        choices: Any = [("", "—"), *((key, manager.get_full_name()) for key, manager in self.managers.items())]
        field: Any = self.fields["assignee"]
        field.choices = choices

    def chosen(self) -> dict[str, Any]:
        """Return what `operations.prepare` is told."""
        return {"column": self.cleaned_data["column"], "assignee": self.managers[self.cleaned_data["assignee"]]}


class NoteForm(forms.Form):
    """A remark for every chosen case."""

    text = forms.CharField(
        label=gettext_lazy("备注"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写入每个办件的时间线，不能删除；请不要写姓名、电话、证件号码。"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def chosen(self) -> dict[str, Any]:
        """Return what `operations.prepare` is told."""
        return {"text": self.cleaned_data["text"]}


FORMS: dict[str, type[AssignForm] | type[NoteForm]] = {BulkRun.Act.ASSIGN: AssignForm, BulkRun.Act.NOTE: NoteForm}


class RunTable(Table):
    """One's own runs, newest first."""

    caption = gettext_lazy("批量办理记录")
    empty_title = gettext_lazy("还没有批量办理")
    empty_text = gettext_lazy("在办件工作台勾选办件后，可以批量分派或备注。")
    offers_xlsx = False
    columns = (
        Column(
            "chosen_at", gettext_lazy("时间"), kind="moment", url=lambda run: reverse("desk_bulk_run", args=[run.pk])
        ),
        Column("act", gettext_lazy("事项"), value=lambda run: run.get_act_display()),
        Column("state", gettext_lazy("状态"), value=lambda run: run.get_state_display()),
        Column("cases", gettext_lazy("办件数"), kind="number"),
        Column("done", gettext_lazy("已办理"), kind="number"),
        Column("refused", gettext_lazy("未办成"), kind="number"),
    )


class RowTable(Table):
    """The cases of a run: what would become of each, or what became of it."""

    caption = gettext_lazy("办件")
    offers_xlsx = False

    @classmethod
    def of(cls, run: BulkRun, request: HttpRequest) -> "RowTable":
        """Lay out the rows of a run, and look up who changed a case meanwhile."""
        rows = list(rows_of(run))
        if run.state == BulkRun.State.READY:
            checks = operations.Checks.of(run, now=installation_now())
            for row in rows:
                row.reason = checks.refusal(row, row.case)
        outcome = partial(_outcome, run=run, changes=changed_since(rows))
        table = cls(rows, request.GET)
        table.columns = (*cls.base, Column("outcome", gettext_lazy("结果"), value=outcome))  # type: ignore[misc]
        table.offers_xlsx = run.state == BulkRun.State.DONE
        table.refused = sum(bool(row.reason) for row in rows)
        return table

    refused = 0
    base = (
        Column(
            "number",
            gettext_lazy("办件编号"),
            kind="code",
            value=lambda row: row.case.number,
            url=lambda row: reverse("desk_case", args=[row.case_id]),
        ),
        Column("title", gettext_lazy("单位"), value=lambda row: row.case.title),
        Column("assignee", gettext_lazy("客户经理"), value=lambda row: _name(row.case.assignee)),
        Column("project_manager", gettext_lazy("项目经理"), value=lambda row: _name(row.case.project_manager)),
    )


def _name(user: User | None) -> str:
    return user.get_full_name() if user else ""


def _outcome(row: BulkRow, *, run: BulkRun, changes: Mapping[UUID, Event]) -> str:
    """Say what became of a row, or, before the confirmation, what would."""
    if not row.reason:
        return str(row.get_outcome_display()) if run.confirmed_at else _("将办理") if run.column or run.text else ""
    told = str(row.get_reason_display())
    event = changes.get(row.case_id)
    if row.reason != BulkRow.Reason.STALE or event is None:
        return told
    who = event.actor.get_full_name() if event.actor else _("系统")
    what = {**panels.FRAME_EVENTS, **EVENTS}.get(event.kind, event.kind)
    return _("%(reason)s（%(who)s，%(what)s）") % {"reason": told, "who": who, "what": what}


@requires("case.work")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List one's own runs."""
    return render(request, "connection/bulk_runs.html", {"table": RunTable(own_runs(_user(request)), request.GET)})


@requires("case.work")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Keep the chosen cases, or all of the queue's filter, and go on to what is to be done."""
    act = request.POST.get("act", "")
    if act not in BulkRun.Act.values:
        raise Http404
    user, query = _user(request), request.POST.get("query", "")[:600]
    if not scope(user, operations.PERMISSIONS[BulkRun.Act(act)]).is_allowed:
        raise PermissionDenied
    try:
        run = operations.choose(
            user, act=BulkRun.Act(act), case_ids=_chosen(request, query), query=query, now=installation_now()
        )
    except operations.NothingChosen:
        messages.error(request, _("请先在列表中勾选办件。"))
    except operations.TooManyChosen as error:
        messages.error(request, _("一次最多选择 %(most)d 件，请缩小筛选范围。") % {"most": error.most})
    else:
        return redirect("desk_bulk_run", run.pk)
    return redirect(f"{reverse('desk_queue')}?{query or 'all=1'}")


def _chosen(request: HttpRequest, query: str) -> list[UUID]:
    if request.POST.get("everything"):
        return list(queue_rows(_user(request), QueryDict(query)).order_by().values_list("pk", flat=True))
    found = []
    for text in request.POST.getlist("chosen"):
        try:
            found.append(UUID(text))
        except ValueError as error:
            raise Http404 from error
    return found


@requires("case.work")
@never_cache
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Say what is to be done, see what would become of each case, and at last what did."""
    run, user = _own(request, run_id), _user(request)
    form = None
    if not run.confirmed_at:
        initial = {"column": run.column or BulkRun.Column.ACCOUNT, "assignee": run.assignee_id, "text": run.text}
        form = FORMS[run.act](request.POST or None, user=user, initial=initial)
    if request.method == "POST":
        if form and form.is_valid() and _is_prepared(run, form):
            return redirect("desk_bulk_run", run.pk)
        if not form:
            return redirect("desk_bulk_run", run.pk)
    return _shown(request, run, form)


def _shown(request: HttpRequest, run: BulkRun, form: forms.Form | None) -> HttpResponse:
    table = RowTable.of(run, request)
    if table.wants_xlsx and run.state == BulkRun.State.DONE:
        mark = panels.installation_mark(installation_kind())
        return xlsx_response(table, "bulk", on=local_date(installation_now()), mark=mark)
    is_asked_for_progress = request.headers.get("HX-Request") == "true"
    is_running = run.state == BulkRun.State.RUNNING
    template = "bulk_progress" if is_asked_for_progress and is_running else "bulk"
    response = render(request, f"connection/{template}.html", {"run": run, "form": form, "table": table})
    if is_asked_for_progress and not is_running:
        response["HX-Refresh"] = "true"
    return response


def _is_prepared(run: BulkRun, form: AssignForm | NoteForm) -> bool:
    try:
        operations.prepare(run, **form.chosen())
    except PersonalData:
        form.add_error("text", _("备注里像是有电话、证件号码或邮箱，请去掉后再提交。"))
    except operations.WrongState:
        return True
    else:
        return True
    return False


@requires("case.work")
@require_POST
def confirmed(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Do it, once; a second click finds the result of the first."""
    run = _own(request, run_id)
    try:
        operations.confirm(run, now=installation_now())
    except operations.WrongState:
        messages.info(request, _("这次批量办理已经确认过，下面是它的结果。"))
    return redirect("desk_bulk_run", run.pk)


def _own(request: HttpRequest, run_id: UUID) -> BulkRun:
    try:
        return own_run(_user(request), run_id)
    except BulkRun.DoesNotExist as error:
        raise Http404 from error


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("bulk/", listed, name="desk_bulk"),
    path("bulk/begin/", begin, name="desk_bulk_begin"),
    path("bulk/<uuid:run_id>/", one, name="desk_bulk_run"),
    path("bulk/<uuid:run_id>/confirm/", confirmed, name="desk_bulk_confirm"),
]
