"""Exports of the queue: the cases of its filter in four forms, made at once or by a job, fetched from one's list."""

from typing import cast
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongdian.case.models import Export
from tongdian.case.operations import exports
from tongdian.case.queries import installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.exports import own_export, own_exports
from tongdian.case.queries.installation import installation_kind
from tongdian.connection.workbench.queue import queue_query
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.ui.tables import Column, Table

FORMS = (
    ("xlsx", gettext_lazy("XLSX 工作簿：办件、环节、事件各一张表，供阅读和汇总")),
    ("csv", gettext_lazy("CSV：每个办件一行，字段名固定，供其他软件读取")),
    ("xes", gettext_lazy("XES 事件日志（IEEE 1849）：供流程分析软件读取")),
    ("ocel", gettext_lazy("OCEL 2.0 JSON：办件、环节、材料、单位及其关系，供流程分析软件读取")),
)
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "xes": "application/xml",
    "ocel": "application/json",
}


def _kilobytes(export: Export) -> int | None:
    return None if export.size_bytes is None else -(-export.size_bytes // 1024)


class ExportForm(django_forms.Form):
    """In which form the cases are to leave."""

    format = django_forms.ChoiceField(
        label=gettext_lazy("格式"), choices=FORMS, initial="xlsx", widget=django_forms.RadioSelect
    )


class ExportTable(Table):
    """One's own exports, newest first."""

    caption = gettext_lazy("我的导出")
    empty_title = gettext_lazy("还没有导出")
    empty_text = gettext_lazy("在办件工作台筛选后选择“导出”，生成的文件会列在这里。")
    offers_xlsx = False
    columns = (
        Column("requested_at", gettext_lazy("时间"), kind="moment"),
        Column("format", gettext_lazy("格式"), value=lambda export: export.get_format_display()),
        Column("written", gettext_lazy("办件数"), value=lambda export: export.written or export.wanted, kind="number"),
        Column(
            "state",
            gettext_lazy("状态"),
            value=lambda export: export.get_state_display(),
            url=lambda export: reverse("desk_export", args=[export.pk]),
        ),
        Column("size", gettext_lazy("大小（KB）"), value=_kilobytes, kind="number"),
        Column("expires_at", gettext_lazy("保留至"), kind="moment"),
        Column("fetch_count", gettext_lazy("领取次数"), kind="number"),
    )


@requires("case.export")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List the reader's own exports."""
    return render(request, "connection/exports.html", {"table": ExportTable(own_exports(_user(request)), request.GET)})


@requires("case.export")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask in which form the cases of the queue's filter are to leave, and have the file made."""
    case_ids = list(queue_query(request, permission="case.export").values_list("pk", flat=True))
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (export := _asked(request, form, case_ids)):
        return redirect("desk_export", export.pk)
    now = installation_now()
    context = {"form": form, "count": len(case_ids), "limits": exports.export_limits(now=now), "query": request.GET}
    return render(request, "connection/export_new.html", context)


@requires("case.export")
@never_cache
@require_GET
def one(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Show an export: how far it is, or the file; htmx polls the same address for the progress alone."""
    context = {"export": _own(request, export_id), "now": installation_now()}
    is_polling = request.headers.get("HX-Request") == "true" and context["export"].is_unfinished
    response = render(request, "connection/export_progress.html" if is_polling else "connection/export.html", context)
    if request.headers.get("HX-Request") == "true" and not is_polling:
        # The work has ended while the page was looked at: show all of it.
        response["HX-Refresh"] = "true"
    return response


@requires("case.export")
@never_cache
@require_GET
def file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Give the file of an export to who asked for it; every time is recorded."""
    export = _own(request, export_id)
    try:
        chunks = exports.fetch(export, reader=_user(request), now=installation_now())
    except exports.NotFetchable:
        messages.info(request, _("文件尚未生成，或者已过保留期。"))
        return redirect("desk_export", export.pk)
    response = StreamingHttpResponse(chunks, content_type=MEDIA_TYPES[export.format])
    response["Content-Length"] = str(export.size_bytes)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=_name(export))
    return response


def _asked(request: HttpRequest, form: ExportForm, case_ids: list[UUID]) -> Export | None:
    try:
        return exports.ask(
            _user(request),
            case_ids=case_ids,
            format=form.cleaned_data["format"],
            language=get_language() or "zh-hans",
            now=installation_now(),
        )
    except exports.NothingToExport:
        form.add_error(None, _("当前筛选没有可导出的办件，请放宽筛选条件。"))
    except exports.TooManyCases as error:
        words = _("共 %(wanted)s 件，超过单次导出上限 %(most)s 件，请缩小筛选范围。")
        form.add_error(None, words % {"wanted": error.wanted, "most": error.most})
    except exports.StillMaking:
        form.add_error(None, _("您上一次的导出还在生成，请等它完成后再导出。"))
    return None


def _own(request: HttpRequest, export_id: UUID) -> Export:
    try:
        return own_export(_user(request), export_id)
    except Export.DoesNotExist as error:
        raise Http404 from error


def _name(export: Export) -> str:
    """Name the file by its day; a demonstration says so in the name too, whatever a later tool does to the content."""
    mark = {"demonstration": "demonstration-", "test": "test-"}.get(installation_kind(), "")
    return f"{mark}cases-{local_date(export.requested_at).isoformat()}-{str(export.pk)[:8]}.{export.extension}"


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


urlpatterns = [
    path("exports/", listed, name="desk_exports"),
    path("exports/new/", new, name="desk_export_new"),
    path("exports/<uuid:export_id>/", one, name="desk_export"),
    path("exports/<uuid:export_id>/file/", file, name="desk_export_file"),
]
