"""Public pages of a case: its progress by number and phone code, the check of a receipt, the download of a document."""

import json
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_safe

from tongdian.case import kinds, panels
from tongdian.case.forms import LookUpForm, PaperForm, ReceiptForm
from tongdian.case.models import Case, Document
from tongdian.case.operations.documents import NotReleased, open_document
from tongdian.case.queries import document_for, installation_now, reading, standard
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.paper_codes import case_of_number_and_code
from tongdian.case.queries.public import case_of_id, case_of_number_and_phone, check_receipt
from tongdian.gateway import limits
from tongdian.people.access import requires
from tongdian.people.adapters import client_address
from tongdian.people.forms import CodeForm
from tongdian.people.models import PhoneCode, User
from tongdian.people.operations import CodeBurned, WrongCode, confirm_code, issue_code
from tongdian.ui import sealing
from tongdian.ui.fields import mask_phone

ASKED, SHOWN = "progress_asked", "progress_shown"
# Sessions lie readable in the database, a phone must not.
SESSION_PLACE = "session.progress"
SHOWN_FOR = timedelta(minutes=15)
PER_ADDRESS = limits.Limit(30, timedelta(hours=1))
PER_NUMBER = limits.Limit(10, timedelta(hours=1))
PER_PHONE = limits.Limit(1, timedelta(seconds=60))
RECEIPTS_PER_ADDRESS = limits.Limit(120, timedelta(hours=1))


@requires("public")
@never_cache
def progress(request: HttpRequest) -> HttpResponse:
    """Ask for number and phone; answer the same whether or not they belong together."""
    form = LookUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_ask(request, form):
        number, phone = form.cleaned_data["number"], form.cleaned_data["phone"]
        if case_of_number_and_phone(number, phone) is not None:
            _send_code(phone)
        asked = json.dumps({"number": number, "phone": phone})
        request.session[ASKED] = sealing.seal(asked, place=SESSION_PLACE).hex()
        return redirect("progress_code")
    return render(request, "case/progress/ask.html", {"form": form})


@requires("public")
@never_cache
@sensitive_post_parameters("code")
def progress_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code sent to the phone."""
    asked = _asked(request)
    if asked is None:
        return redirect("progress")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_confirmed(form, asked["phone"]):
        case = case_of_number_and_phone(asked["number"], asked["phone"])
        if case is not None:
            del request.session[ASKED]
            return _show(request, case)
    return render(request, "case/progress/code.html", {"form": form, "phone": mask_phone(asked["phone"])})


def _show(request: HttpRequest, case: Case) -> HttpResponse:
    until = timezone.now() + SHOWN_FOR
    request.session[SHOWN] = {"case": str(case.pk), "until": until.isoformat()}
    return redirect("progress_shown")


@requires("public")
@never_cache
@sensitive_post_parameters("code")
def progress_paper(request: HttpRequest) -> HttpResponse:
    """Ask for number and look-up code, for who applied at the counter without a phone."""
    form = PaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_try(request, form):
        case = case_of_number_and_code(form.cleaned_data["number"], form.cleaned_data["code"])
        if case is not None:
            return _show(request, case)
        form.add_error("code", _("编号与查询码不相符。请与回执逐位核对。"))
    return render(request, "case/progress/paper.html", {"form": form})


def _may_try(request: HttpRequest, form: PaperForm) -> bool:
    now = timezone.now()
    try:
        limits.take("progress.address", client_address(request), limit=PER_ADDRESS, now=now)
        limits.take("progress.number", form.cleaned_data["number"], limit=PER_NUMBER, now=now)
    except limits.LimitReached:
        form.add_error(None, _("查询得太频繁，请一小时后再试，或拨打供电服务热线。"))
        return False
    return True


@requires("public")
@never_cache
@require_safe
def progress_shown(request: HttpRequest) -> HttpResponse:
    """Show the stages, the next date and who acts; nothing that says whose case it is."""
    case = _shown(request)
    if case is None:
        return redirect("progress")
    return render(request, "case/progress/shown.html", _progress_of(case, now=installation_now()))


@requires("public")
@never_cache
def verify_home(request: HttpRequest) -> HttpResponse:
    """Ask for the hash of a receipt, for those who cannot scan its QR code."""
    form = ReceiptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("verify", code=form.cleaned_data["code"])
    return render(request, "case/verify/ask.html", {"form": form})


@requires("public")
@never_cache
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Compute whether the receipt's event stands as it was written, and say what that proves and what it doesn't."""
    try:
        limits.take("verify.address", client_address(request), limit=RECEIPTS_PER_ADDRESS, now=timezone.now())
    except limits.LimitReached:
        return render(request, "case/verify/too_many.html", status=429)
    checked = check_receipt(code)
    if checked is None:
        return render(request, "case/verify/unknown.html", {"code": code}, status=404)
    kind = kinds.get(checked.event.case.kind)
    title = kind.events.get(checked.event.kind) or panels.FRAME_EVENTS.get(checked.event.kind, checked.event.kind)
    context = {"checked": checked, "event": checked.event, "title": title, "kind": kind, "code": code}
    return render(request, "case/verify/checked.html", context)


@requires("own_case.document")
@never_cache
@require_GET
def document(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """Send a document to its applicant, or to staff whose work reaches its case; every download is recorded."""
    user = cast("User", request.user)
    found = _document(user, document_id)
    try:
        opened = open_document(found, viewer=user, purpose="document", now=installation_now())
    except NotReleased as error:
        is_pending = error.scan_state == "pending"
        return render(request, "case/document_held.html", {"is_pending": is_pending}, status=409)
    response = StreamingHttpResponse(opened.chunks, content_type=opened.media_type)
    response["Content-Length"] = opened.size_bytes
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _document(user: User, document_id: UUID) -> Document:
    for permission in ("own_case.document", "case.document"):
        try:
            return document_for(user, permission, document_id)
        except Document.DoesNotExist:
            continue
    raise Http404


def _may_ask(request: HttpRequest, form: LookUpForm) -> bool:
    now = timezone.now()
    try:
        limits.take("progress.address", client_address(request), limit=PER_ADDRESS, now=now)
        limits.take("progress.phone", form.cleaned_data["phone"], limit=PER_PHONE, now=now)
    except limits.LimitReached as error:
        wait_s = max(1, round((error.retry_at - now).total_seconds()))
        form.add_error(None, _("查询得太频繁，请在 %(seconds)d 秒后再试。") % {"seconds": wait_s})
        return False
    return True


def _send_code(phone: str) -> None:
    language = get_language() or "zh-hans"
    try:
        issue_code(phone=phone, purpose=PhoneCode.Purpose.LOOK_UP, language=language, now=timezone.now())
    except limits.LimitReached:
        # Saying so would tell a stranger that number and phone belong together; the code sent before still counts.
        return


def _asked(request: HttpRequest) -> dict[str, str] | None:
    sealed: str | None = request.session.get(ASKED)
    if sealed is None:
        return None
    asked: dict[str, str] = json.loads(sealing.open_sealed(bytes.fromhex(sealed), place=SESSION_PLACE))
    return asked


def _is_confirmed(form: CodeForm, phone: str) -> bool:
    try:
        confirm_code(phone=phone, purpose=PhoneCode.Purpose.LOOK_UP, code=form.cleaned_data["code"], now=timezone.now())
    except (WrongCode, CodeBurned):
        # One answer for a wrong code and for a phone that got none: the difference would reveal who has a case.
        form.add_error("code", _("验证码不正确或已失效。请核对短信，或返回重新查询。"))
    return form.is_valid()


def _shown(request: HttpRequest) -> Case | None:
    shown: dict[str, str] | None = request.session.get(SHOWN)
    if shown is None or datetime.fromisoformat(shown["until"]) < timezone.now():
        return None
    return case_of_id(UUID(shown["case"]))


def _progress_of(case: Case, *, now: datetime) -> dict[str, Any]:
    kind = kinds.get(case.kind)
    what, who = panels.next_words(case)
    context: dict[str, Any] = {
        "case": case,
        "kind": kind,
        "status": kind.statuses[case.status],
        "what": what,
        "who": who,
    }
    if case.customer_class:
        by = standard(case, on=case.judged_date or local_date(case.opened_at))
        read = reading(case, as_of=now)
        context["stages"] = panels.stage_bar(case, by, read)
        context["clock"] = panels.clock_panel(case, by, read, today=local_date(now))
    return context


urlpatterns = [
    path("progress/", progress, name="progress"),
    path("progress/code/", progress_code, name="progress_code"),
    path("progress/paper/", progress_paper, name="progress_paper"),
    path("progress/case/", progress_shown, name="progress_shown"),
    path("verify/", verify_home, name="verify_home"),
    path("verify/<str:code>/", verify, name="verify"),
    path("documents/<uuid:document_id>/", document, name="document"),
]
