"""The counter: whom a clerk serves, with what consent, and what that customer has begun."""

import json
from datetime import timedelta
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongdian.case.queries.contacts import contacts_for
from tongdian.connection import forms, queries
from tongdian.connection.models import CounterVisit
from tongdian.connection.operations.counter import VisitOver, close_visit, open_visit
from tongdian.connection.pages import View, at_most
from tongdian.connection.queries.counter import cases_at, open_visit_of, open_visits, phoneless_applicant
from tongdian.gateway import limits
from tongdian.people.access import requires
from tongdian.people.forms import CodeForm
from tongdian.people.models import Organisation, PhoneCode, User
from tongdian.people.operations import CodeBurned, WrongCode, confirm_code, issue_code
from tongdian.people.queries import scope
from tongdian.people.rules import Role
from tongdian.ui import sealing
from tongdian.ui.fields import mask_phone

HOUR = timedelta(hours=1)
ASKED, SESSION_PLACE = "counter_asked", "session.counter"
MOST_CONTACTS = 5


@requires("counter.serve")
@never_cache
@require_http_methods(["GET", "POST"])
@at_most(120, HOUR, what="counter.visit")
def counter(request: HttpRequest) -> HttpResponse:
    """Ask whom to serve; list who is being served."""
    form = forms.VisitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "code" in request.POST:
            if _is_code_sent(request, form):
                return redirect("counter_code")
        elif visit := _opened_in_presence(request, form):
            return redirect("counter_visit", visit.pk)
    visits = open_visits(clerk_of(request), now=timezone.now())
    return render(
        request, "connection/counter/home.html", {"form": form, "visits": [(v, customer_name(v)) for v in visits]}
    )


def _opened_in_presence(request: HttpRequest, form: forms.VisitForm) -> CounterVisit | None:
    given, known = form.cleaned_data, None
    if given["number"]:
        utility = cast("Organisation", clerk_of(request).organisation)
        known = phoneless_applicant(given["number"], utility_id=utility.top_id)
        if known is None:
            form.add_error("number", _("没有这个办件，或客户留有手机号。请填写手机号。"))
            return None
    return _opened(request, given["phone"], given["seen"], has_code=False, customer=known)


def _is_code_sent(request: HttpRequest, form: forms.VisitForm) -> bool:
    phone, now = form.cleaned_data["phone"], timezone.now()
    try:
        issue_code(phone=phone, purpose=PhoneCode.Purpose.COUNTER, language=get_language() or "zh-hans", now=now)
    except limits.LimitReached as error:
        wait_s = max(1, round((error.retry_at - now).total_seconds()))
        form.add_error(None, _("发送得太频繁，请在 %(seconds)d 秒后再试。") % {"seconds": wait_s})
        return False
    asked = json.dumps({"phone": phone, "seen": form.cleaned_data["seen"]})
    request.session[ASKED] = sealing.seal(asked, place=SESSION_PLACE).hex()
    return True


@requires("counter.serve")
@never_cache
@require_http_methods(["GET", "POST"])
def counter_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code the customer has received and tells."""
    sealed: str | None = request.session.get(ASKED)
    if sealed is None:
        return redirect("counter")
    asked = json.loads(sealing.open_sealed(bytes.fromhex(sealed), place=SESSION_PLACE))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_told(form, asked["phone"]):
        del request.session[ASKED]
        return redirect("counter_visit", _opened(request, asked["phone"], asked["seen"], has_code=True).pk)
    return render(request, "connection/counter/code.html", {"form": form, "phone": mask_phone(asked["phone"])})


def _is_told(form: CodeForm, phone: str) -> bool:
    code, now = form.cleaned_data["code"], timezone.now()
    try:
        confirm_code(phone=phone, purpose=PhoneCode.Purpose.COUNTER, code=code, now=now)
    except WrongCode as error:
        form.add_error("code", _("验证码不正确，还可以再试 %(left)d 次。") % {"left": error.attempts_left})
    except CodeBurned:
        form.add_error("code", _("验证码已失效，请重新获取。"))
    return form.is_valid()


def _opened(
    request: HttpRequest, phone: str, seen: str, *, has_code: bool, customer: User | None = None
) -> CounterVisit:
    clerk = clerk_of(request)
    return open_visit(
        clerk,
        organisation=cast("Organisation", clerk.organisation),
        phone=phone or None,
        seen=seen,
        has_code=has_code,
        customer=customer,
        language=get_language() or "zh-hans",
        now=timezone.now(),
    )


def with_visit(view: View) -> View:
    """Find an open visit of the clerk; one that is over leads back to the counter."""

    @wraps(view)
    def wrapped(request: HttpRequest, visit_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            visit = open_visit_of(clerk_of(request), visit_id, now=timezone.now())
        except CounterVisit.DoesNotExist as error:
            raise Http404 from error
        return view(request, visit, **kwargs)

    return wrapped


@requires("counter.serve")
@never_cache
@require_GET
@with_visit
def visit_page(request: HttpRequest, visit: CounterVisit) -> HttpResponse:
    """Show what the customer has begun and applied for, and offer to begin."""
    phone = visit.customer.phone
    contacts = list(contacts_for(request.user, text=phone)[:MOST_CONTACTS]) if phone else []
    context = {
        "visit": visit,
        "customer": customer_name(visit),
        "drafts": queries.own_drafts(visit.customer),
        "cases": cases_at(visit),
        "contacts": contacts,
    }
    return render(request, "connection/counter/visit.html", context)


@requires("counter.serve")
@require_POST
@with_visit
def close(request: HttpRequest, visit: CounterVisit) -> HttpResponse:
    """End the visit; the next customer please."""
    try:
        close_visit(visit, now=timezone.now())
    except VisitOver:
        messages.info(request, _("这次接待已经结束。"))
    return redirect("counter")


def consent_facts(visit: CounterVisit) -> dict[str, object]:
    """Return what every event of a visit says of the customer's consent."""
    return {"counter_visit_id": str(visit.pk), "consent_kind": visit.consent}


def customer_name(visit: CounterVisit) -> str:
    """Say who is served: by name or masked phone."""
    return visit.customer.get_full_name() if visit.customer.phone else _("没有手机的客户")


def role_at(request: HttpRequest) -> Role:
    """Return the role in which the clerk serves: the first of the grants that allow it."""
    return scope(clerk_of(request), "counter.serve").rights[0].role


def clerk_of(request: HttpRequest) -> User:
    """Return who serves; only behind a permission that asks for it."""
    return cast("User", request.user)


urlpatterns = [
    path("", counter, name="counter"),
    path("code/", counter_code, name="counter_code"),
    path("<uuid:visit_id>/", visit_page, name="counter_visit"),
    path("<uuid:visit_id>/close/", close, name="counter_close"),
]
