"""Service cells: the parts of a county and the managers who look after them; entered one by one or from a list."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tongdian.people.access import requires
from tongdian.people.models import ServiceCell, User
from tongdian.people.operations.cells import (
    CellNotPossible,
    add_cell,
    add_member,
    end_cell,
    end_member,
    import_cells,
)
from tongdian.people.queries.cells import cells_for, members_of
from tongdian.people.workbench.cell_forms import CellForm, ImportForm, MemberForm, counties
from tongdian.ui.components import Words
from tongdian.ui.formats import place_name
from tongdian.ui.tables import Column, Filters, Table
from tongdian.ui.xlsx import xlsx_response

PROBLEMS: dict[str, Words] = {
    "code": gettext_lazy("这个编号已经使用。"),
    "period": gettext_lazy("日期不合适：须晚于开始日期，并在网格的有效期内。"),
    "utility": gettext_lazy("网格须属于供电企业本身，而不是其下属单位。"),
    "ended": gettext_lazy("此前已经结束。"),
    "role": gettext_lazy("网格成员只能是客户经理或项目经理。"),
    "twice": gettext_lazy("这位人员在这段时间已经是网格成员。"),
    "user": gettext_lazy("没有这个账号，或没有在该县担任这个岗位。"),
    "county": gettext_lazy("县代码应为 6 位行政区划代码。"),
}
OUTCOMES: dict[str, Words] = {
    "added": gettext_lazy("已新建"),
    "joined": gettext_lazy("已补充成员"),
    "unchanged": gettext_lazy("没有变化"),
    "refused": gettext_lazy("未导入"),
}


class CellFilters(Filters):
    """What the list can be narrowed to."""

    county_code = forms.ChoiceField(label=gettext_lazy("县（市、区）"), required=False)
    ended = forms.BooleanField(label=gettext_lazy("包括已结束"), required=False)

    def __init__(self, *args: Any, today: date) -> None:
        super().__init__(*args)
        self.fields["county_code"].choices = [("", _("全部")), *counties(today)]  # type: ignore[attr-defined]


class CellTable(Table):
    """The cells of one's organisation."""

    caption = gettext_lazy("服务网格")
    empty_title = gettext_lazy("还没有服务网格")
    empty_text = gettext_lazy("没有网格时，办件在全县在岗人员中按工作量分派。")
    default_sort = "county"
    columns = (
        Column(
            "code",
            gettext_lazy("网格编号"),
            kind="code",
            order_by=("code",),
            url=lambda cell: reverse("desk_cell", args=[cell.pk]),
        ),
        Column("name", gettext_lazy("网格名称"), order_by=("name",)),
        Column("county_code", gettext_lazy("县代码"), kind="code"),
        Column("address_words", gettext_lazy("地址关键字"), value=lambda cell: "、".join(cell.address_words)),
        Column("zones", gettext_lazy("区域"), value=lambda cell: "、".join(cell.zones)),
        Column("account_managers", gettext_lazy("客户经理"), value=lambda cell: _usernames(cell, "account_manager")),
        Column("project_managers", gettext_lazy("项目经理"), value=lambda cell: _usernames(cell, "project_manager")),
        Column(
            "county",
            gettext_lazy("县（市、区）"),
            value=lambda cell: place_name(cell.county_code, cell.valid_from),
            order_by=("county_code", "code"),
        ),
        Column("valid_from", gettext_lazy("开始日期"), kind="day"),
        Column("valid_until", gettext_lazy("结束日期"), kind="day"),
    )


@requires("cell.manage")
@require_http_methods(["GET", "POST"])
def cells(request: HttpRequest) -> HttpResponse:
    """List the cells, also as xlsx; enter one, or a list of them with a result for each line."""
    user, today = _user(request), timezone.localdate()
    is_import = "file" in request.FILES or "import" in request.POST
    form = CellForm(None if is_import else request.POST or None, user=user, today=today)
    imports = ImportForm(
        request.POST if is_import else None, request.FILES or None, user=user, today=today, auto_id="import_%s"
    )
    results: list[dict[str, Any]] = []
    if request.method == "POST" and is_import and imports.is_valid():
        results = _imported(imports, actor=user)
    elif request.method == "POST" and not is_import and form.is_valid() and (made := _made(form, actor=user)):
        messages.success(request, _("网格已建立。请加入客户经理和项目经理。"))
        return redirect("desk_cell", made.pk)
    filters = CellFilters(request.GET, today=today)
    chosen = filters.chosen()
    table = CellTable(
        cells_for(user, "cell.manage", on=None if chosen.get("ended") else today, county=chosen.get("county_code", "")),
        request.GET,
        filters=filters,
    )
    if table.wants_xlsx:
        return xlsx_response(table, "cells", on=today)
    context = {"table": table, "form": form, "imports": imports, "results": results}
    return render(request, "people/cells.html", context)


def _made(form: CellForm, *, actor: User) -> ServiceCell | None:
    try:
        return add_cell(**form.cleaned_data, actor=actor, reason="entered on the page")
    except CellNotPossible as error:
        form.add_error("code" if error.problem == "code" else None, PROBLEMS[error.problem])
        return None


def _imported(form: ImportForm, *, actor: User) -> list[dict[str, Any]]:
    chosen = form.cleaned_data
    results = import_cells(
        chosen["utility"], chosen["file"], valid_from=chosen["valid_from"], actor=actor, reason="imported from a list"
    )
    return [
        {
            "line": each.line + 1,
            "code": each.code,
            "outcome": OUTCOMES[each.outcome],
            "is_refused": each.outcome == "refused",
            "why": PROBLEMS[each.problem] if each.problem else "",
        }
        for each in results
    ]


@requires("cell.manage")
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, cell_id: int) -> HttpResponse:
    """Show a cell with everybody who looks after it, did or will; add somebody."""
    found, today = _cell(request, cell_id), timezone.localdate()
    form = MemberForm(request.POST or None, cell=found, today=today)
    if request.method == "POST" and form.is_valid():
        role, person = form.people[form.cleaned_data["person"]]
        try:
            add_member(
                found,
                person,
                role=role,
                valid_from=form.cleaned_data["valid_from"],
                actor=_user(request),
                reason="entered on the page",
            )
        except CellNotPossible as error:
            form.add_error(None, PROBLEMS[error.problem])
        else:
            messages.success(request, _("已加入网格。"))
            return redirect("desk_cell", found.pk)
    context = {
        "cell": found,
        "place": place_name(found.county_code, found.valid_from),
        "members": members_of(found),
        "form": form,
        "today": today,
    }
    return render(request, "people/cell.html", context)


@requires("cell.manage")
@require_POST
def cell_end(request: HttpRequest, cell_id: int) -> HttpResponse:
    """Let a cell end from today on."""
    found = _cell(request, cell_id)
    try:
        end_cell(found, valid_until=timezone.localdate(), actor=_user(request), reason="ended on the page")
    except CellNotPossible as error:
        messages.error(request, str(PROBLEMS[error.problem]))
    else:
        messages.success(request, _("网格已结束，以后的办件不再归入。"))
    return redirect("desk_cell", found.pk)


@requires("cell.manage")
@require_POST
def member_end(request: HttpRequest, cell_id: int, member_id: int) -> HttpResponse:
    """Let a manager leave a cell from today on."""
    found = _cell(request, cell_id)
    member = next((each for each in members_of(found) if each.pk == member_id), None)
    if member is None:
        raise Http404
    try:
        end_member(member, valid_until=timezone.localdate(), actor=_user(request), reason="ended on the page")
    except CellNotPossible as error:
        messages.error(request, str(PROBLEMS[error.problem]))
    else:
        messages.success(request, _("已退出网格，以后的办件不再分派给这位人员。"))
    return redirect("desk_cell", found.pk)


def _cell(request: HttpRequest, cell_id: int) -> ServiceCell:
    try:
        return cells_for(_user(request), "cell.manage").get(pk=cell_id)
    except ServiceCell.DoesNotExist as error:
        raise Http404 from error


def _usernames(cell: ServiceCell, role: str) -> str:
    return "、".join(each.user.username for each in cell.members.all() if each.role == role)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("", cells, name="desk_cells"),
    path("<int:cell_id>/", cell, name="desk_cell"),
    path("<int:cell_id>/end/", cell_end, name="desk_cell_end"),
    path("<int:cell_id>/members/<int:member_id>/end/", member_end, name="desk_cell_member_end"),
]
