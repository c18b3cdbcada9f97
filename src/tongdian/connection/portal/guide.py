"""The public guide: a few questions without sign-in or JavaScript, then the class, dates, papers and costs."""

from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongdian.case.operations.contacts import save_guide_result
from tongdian.case.queries import calendar, installation_now
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.contacts import guide_result
from tongdian.connection import operations, rules
from tongdian.connection.apps import STAGES
from tongdian.connection.guidance.advice import classification, demand_of, draft_answers, is_exempt, likely_permits
from tongdian.connection.guidance.classes import class_guide
from tongdian.connection.guidance.dates import latest_dates, standard_of
from tongdian.connection.guidance.workings import month_grid
from tongdian.connection.pages import at_most, customer_steps
from tongdian.connection.portal.guide_forms import (
    ORDER,
    CodeForm,
    EquipmentForm,
    GuideForm,
    LoadForm,
    Questions,
    WhoForm,
)
from tongdian.connection.portal.guide_words import FAILED, URLS, WHAT, address, dated, first_words, told_back
from tongdian.gateway import limits
from tongdian.people.access import requires
from tongdian.people.adapters import client_address
from tongdian.people.models import User
from tongdian.policy.places import PROVINCE
from tongdian.ui import formats

ASKED = "asked"
SAVES = limits.Limit(10, timedelta(hours=1))
LOOK_UPS = limits.Limit(60, timedelta(hours=1))
FIVE_MINUTES = cache_control(private=True, max_age=300)


@requires("public")
@require_safe
@FIVE_MINUTES
def question(request: HttpRequest, name: str) -> HttpResponse:
    """Ask one page of questions; with right answers go on to the next page, the answers in its address."""
    asked = Questions(request.GET, on=_today())
    if (first := asked.open_until(name)) != name:
        return redirect(address(URLS[first], asked.query(*ORDER[: ORDER.index(first)])))
    form, before = asked.forms[name], ORDER[: ORDER.index(name)]
    if request.GET.get(ASKED) == name and form.is_valid():
        return _on(asked, name)
    if request.GET.get(ASKED) != name:
        form = _unasked(request, asked, name)
    context = {
        "form": form,
        "name": name,
        "number": ORDER.index(name) + 1,
        "total": len(ORDER),
        "carried": [pair for each in before for pair in asked.forms[each].told()],
        "back": address(URLS[before[-1]], request.GET.urlencode()) if before else "",
        "working": _working(asked) if name == "load" else None,
    }
    return _unlisted(request, render(request, "connection/guide/question.html", context))


def _on(asked: Questions, name: str) -> HttpResponseRedirect:
    if name == "load":
        return redirect(address("guide_answer", asked.query(*ORDER)))
    # What was said of the load rests on the equipment: a new list, a new estimate.
    following = ORDER[ORDER.index(name) + 1]
    return redirect(address(URLS[following], asked.query(*ORDER[: ORDER.index(following)])))


def _unasked(request: HttpRequest, asked: Questions, name: str) -> GuideForm:
    """Return the page not yet answered, with what the address knows of it filled in and without complaints."""
    known: dict[str, Any] = {key: request.GET[key] for key in request.GET if key in asked.forms[name].fields}
    if name == "who":
        return WhoForm(initial={"zone": ""} | known, on=asked.on)
    if name == "equipment":
        listed = cast("EquipmentForm", asked.forms[name]).listed
        return EquipmentForm(initial=known, listed=listed)
    estimate = asked.estimate()
    initial = {"load_kw": estimate.normalize() if estimate else None} | known
    return LoadForm(initial=initial | {"crosses": request.GET.getlist("crosses")}, on=asked.on)


def _working(asked: Questions) -> dict[str, Any] | None:
    """Show how the estimate came about; None when nothing is ticked."""
    form = cast("EquipmentForm", asked.forms["equipment"])
    lines = [each for each in form.ticked() if each.count]
    if not lines:
        return None
    return {"lines": lines, "together": asked.together, "kw": asked.estimate(), "rule": "guide.equipment"}


@requires("public")
@require_safe
@FIVE_MINUTES
def answer(request: HttpRequest) -> HttpResponse:
    """Say which class the answers make, by when power comes, what it costs and what is needed."""
    asked = Questions(request.GET, on=_today())
    if (refusal := _incomplete(asked)) is not None:
        return refusal
    try:
        context = _answer_context(asked)
    except rules.InvalidDemand:
        return redirect(address("guide_load", asked.query("who", "equipment")))
    return _unlisted(request, render(request, "connection/guide/answer.html", context))


def _incomplete(asked: Questions) -> HttpResponseRedirect | None:
    for name in ORDER:
        if not asked.forms[name].is_valid():
            given = [(key, value) for key, values in asked.params.lists() for value in values if key != ASKED]
            return redirect(address(URLS[name], urlencode([*given, (ASKED, name)]) if given else ""))
    return None


def _answer_context(asked: Questions) -> dict[str, Any]:
    situation, on = asked.situation(), asked.on
    found = classification(situation, on=on)
    place = {"county_code": situation.county_code, "zone": situation.zone}
    guide = class_guide(found.customer_class, on=on, **place)
    dates = latest_dates(standard_of(guide.id, on=on, **place), calendar(), start=on)
    query = asked.query(*ORDER)
    return {
        "guide": guide,
        "situation": situation,
        "because": formats.in_language(found.trace[-1].because),
        "passed_over": [(formats.in_language(each.because), FAILED[each.failed or ""]) for each in found.trace[:-1]],
        "figures": first_words(guide, dates),
        "dates": dated(dates, guide),
        "grid": month_grid(dates),
        "steps": customer_steps(guide.id, on=on, **place),
        "permits": likely_permits(situation, guide.id, on=on),
        "is_exempt": is_exempt(situation, guide.id),
        "voltage_kv": demand_of(situation, on=on).voltage_kv,
        "estimate": asked.estimate(),
        "today": on,
        "query": query,
        "answers": told_back(asked, query),
    }


@requires("public")
@require_safe
@FIVE_MINUTES
def classes(request: HttpRequest) -> HttpResponse:
    """List every class with its day budget."""
    on = _today()
    listed = [(class_guide(each, on=on), WHAT[each]) for each in rules.CUSTOMER_CLASSES]
    return render(request, "connection/guide/classes.html", {"listed": listed})


@requires("public")
@require_safe
@FIVE_MINUTES
def one_class(request: HttpRequest, customer_class: str) -> HttpResponse:
    """Say everything about one class: what it is, stages, steps, papers, costs, pauses, what to do when late."""
    if customer_class not in rules.CUSTOMER_CLASSES:
        raise Http404(customer_class)
    on = _today()
    guide = class_guide(customer_class, on=on)
    context = {
        "guide": guide,
        "what": WHAT[customer_class],
        "stages": [(STAGES[each.stage], each.limit) for each in guide.stages],
        "papers": [(STAGES[each.stage], each) for each in guide.papers],
        "steps": customer_steps(customer_class, on=on, county_code=PROVINCE),
        "today": on,
    }
    return render(request, "connection/guide/class.html", context)


@requires("public")
@never_cache
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the answers of the address under a code, so that they can be found again and counted as a first contact."""
    asked = Questions(request.GET, on=_today())
    if (refusal := _incomplete(asked)) is not None:
        return refusal
    try:
        limits.take("guide.save", client_address(request), limit=SAVES)
    except limits.LimitReached as error:
        return render(request, "connection/too_many.html", {"retry_at": error.retry_at}, status=429)
    county = asked.situation().county_code
    saved = save_guide_result(answers=asked.lists(), county_code=county, now=installation_now())
    return redirect("guide_saved", saved.code)


@requires("public")
@never_cache
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a saved result."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("guide_saved", form.cleaned_data["code"])
    return render(request, "connection/guide/find.html", {"form": form})


@requires("public")
@never_cache
@require_safe
def saved(request: HttpRequest, code: str) -> HttpResponse:
    """Show a saved result again, with the dates of today."""
    try:
        limits.take("guide.find", client_address(request), limit=LOOK_UPS)
    except limits.LimitReached as error:
        return render(request, "connection/too_many.html", {"retry_at": error.retry_at}, status=429)
    kept = guide_result(code, now=installation_now())
    if kept is None:
        form = CodeForm({"code": code})
        form.add_error("code", gettext("没有这个编号的结果，或者已经过期。请核对编号，或重新回答问题。"))
        return render(request, "connection/guide/find.html", {"form": form}, status=404)
    asked = Questions(QueryDict(urlencode(kept.answers or {}, doseq=True)), on=_today())
    if (refusal := _incomplete(asked)) is not None:
        return refusal
    context = _answer_context(asked) | {"saved": kept, "code": kept.spoken_code}
    return _unlisted(request, render(request, "connection/guide/answer.html", context))


@requires("application.draft")
@never_cache
@require_http_methods(["GET", "POST"])
@at_most(30, timedelta(hours=1), what="draft.begin")
def apply_with(request: HttpRequest) -> HttpResponse:
    """Show what an application would be filled in with; begin it once the reader presses the button."""
    asked = Questions(request.GET, on=_today())
    if (refusal := _incomplete(asked)) is not None:
        return refusal
    now, code = installation_now(), request.GET.get("code", "")
    if request.method == "POST":
        kept = guide_result(code, now=now) if code else None
        known = draft_answers(asked.situation(), on=asked.on, code=(kept and kept.code) or "")
        draft = operations.start_draft(cast("User", request.user), answers=known, now=now)
        return redirect("apply_tasks", draft.pk)
    query = asked.query(*ORDER)
    context = {"answers": told_back(asked, query), "query": f"{query}&code={quote(code)}" if code else query}
    return render(request, "connection/guide/apply.html", context)


def _today() -> date:
    return local_date(installation_now())


def _unlisted(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep every combination of answers out of search engines; the empty question may be found."""
    if request.GET:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response


urlpatterns = [
    path("", question, {"name": "who"}, name="guide"),
    path("equipment/", question, {"name": "equipment"}, name="guide_equipment"),
    path("load/", question, {"name": "load"}, name="guide_load"),
    path("answer/", answer, name="guide_answer"),
    path("save/", save, name="guide_save"),
    path("saved/", find, name="guide_find"),
    path("saved/<str:code>/", saved, name="guide_saved"),
    path("apply/", apply_with, name="guide_apply"),
    path("classes/", classes, name="guide_classes"),
    path("<slug:customer_class>/", one_class, name="guide_class"),
]
