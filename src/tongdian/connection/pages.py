"""What the applicant's and the staff's pages of a case share."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from tongdian.case import panels
from tongdian.case.models import Case, Event
from tongdian.case.queries.cases import case_for
from tongdian.case.queries.clock import local_date, reading, standard
from tongdian.case.queries.documents import documents_of
from tongdian.case.queries.log import seal_before
from tongdian.case.queries.paper_codes import paper_code
from tongdian.case.queries.parties import masked_parties, party_views
from tongdian.case.queries.timeline import events
from tongdian.connection import queries, rules
from tongdian.connection.apps import STAGES, STATUSES
from tongdian.connection.papers import (
    SIGNED_IN,
    Printed,
    StandardTerms,
    class_title,
    standard_contract,
    voltage_words,
)
from tongdian.engine.clock import Inherited, Reading
from tongdian.gateway import limits
from tongdian.people.models import User
from tongdian.ui import formats
from tongdian.ui.components import SummaryRow

View = Callable[..., HttpResponse]


def at_most(times: int, window: timedelta, *, what: str) -> Callable[[View], View]:
    """Let a signed-in person post a page so many times within a window; after that answer 429 and keep nothing."""
    limit = limits.Limit(times, window)

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                try:
                    limits.take(what, str(request.user.pk), limit=limit)
                except limits.LimitReached as error:
                    context = {"retry_at": error.retry_at}
                    return render(request, "connection/too_many.html", context, status=429)
            return view(request, *args, **kwargs)

        return counted

    return decorate


def find_case(user: User | AnonymousUser, permission: str, case_id: UUID) -> Case:
    """Return a connection case in the user's reach; 404 when there is none."""
    try:
        case = case_for(user, permission, case_id)
    except Case.DoesNotExist as error:
        raise Http404 from error
    if case.kind != "connection":
        raise Http404
    return case


def _awaits_signature(case: Case, history: Iterable[Event]) -> bool:
    """Whether a low-voltage application, begun at the counter, cannot be accepted before its customer signs."""
    is_unaccepted = case.status == "submitted" and case.customer_class in rules.LOW_VOLTAGE_CLASSES
    return is_unaccepted and all(event.kind != "contract.signed" for event in history)


def case_context(case: Case, *, now: datetime) -> dict[str, Any]:
    """Load everything a page of the case shows, in a fixed number of queries."""
    by = standard(case, on=case.judged_date or local_date(case.opened_at))
    read = reading(case, as_of=now)
    what, who = panels.next_words(case)
    rows, history = queries.case_rows(case), list(events(case.pk))
    if _awaits_signature(case, history):
        what, who = gettext("签署供用电合同"), gettext("客户")
    for inspection in rows["inspections"]:
        inspection.stage_title = STAGES[inspection.stage]
    return {
        "case": case,
        "status": STATUSES[case.status],
        "is_low_voltage": case.customer_class in rules.LOW_VOLTAGE_CLASSES,
        "stages": panels.stage_bar(case, by, read),
        "clock": panels.clock_panel(case, by, read, today=local_date(now)),
        "inherited": _inherited(case, read),
        "successors": queries.successors(case) if case.status == "withdrawn" else [],
        "beside_date": _beside(read),
        "what": what,
        "who": who,
        "events": history,
        "documents": documents_of(case),
        "place": place_name(case),
        "utility_name": panels.utility_name(case),
        "parties": masked_parties(case),
        "views": party_views(case),
        "class_title": class_title(case.customer_class),
        "class_url": reverse("policy_rule", args=[f"connection.class.{case.customer_class}"]),
        "because": formats.in_language(rows["application"].class_trace[-1]["because"]),
        "reclassified": _reclassifications(history),
        "voltage": voltage_words(rows["application"].voltage_kv),
        "steps": customer_steps(case.customer_class, on=by.judged_date, county_code=case.county_code, zone=case.zone),
        **rows,
    }


@dataclass(frozen=True)
class InheritedDays:
    """The withdrawn case before this one, and the days the clock goes on from."""

    predecessor: Case
    stages: tuple[tuple[str, int], ...]
    utility_days: int
    whole_days: int


def _inherited(case: Case, read: Reading) -> InheritedDays | None:
    if case.predecessor is None:
        return None
    before = read.inherited or Inherited()
    stages = tuple((str(STAGES[stage]), days) for stage, days in before.stage_days.items() if days)
    return InheritedDays(case.predecessor, stages, before.utility_days, before.whole_days)


def _beside(read: Reading) -> date | None:
    """Return the deadline in working days where the clock counts calendar days: shown beside, never judged."""
    if read.definition.counting.unit != "calendar_day":
        return None
    dues = [each.due for each in read.stages if each.due is not None]
    return dues[-1].beside_date if dues else None


@dataclass(frozen=True)
class Reclassified:
    """One change of class: from what to what, why, when."""

    before: str
    after: str
    reason: str
    at: datetime


def _reclassifications(history: Iterable[Event]) -> list[Reclassified]:
    return [
        Reclassified(
            class_title(event.facts["from"]),
            class_title(event.facts["customer_class"]),
            event.facts["reason"],
            event.recorded_at,
        )
        for event in history
        if event.kind == "application.reclassified"
    ]


@dataclass(frozen=True)
class CustomerStep:
    """One step as the customer sees it, and the timed stages in it; none means that the customer acts."""

    title: str
    stages: tuple[str, ...]


def customer_steps(customer_class: str, *, on: date, county_code: str, zone: str = "") -> dict[str, Any]:
    """Show the customer-facing steps of a class beside its timed stages, with the rules behind both."""
    found = queries.steps(customer_class, on=on, county_code=county_code, zone=zone)
    listed = [
        CustomerStep(formats.in_language(step["title"]), tuple(str(STAGES[stage]) for stage in step["stages"]))
        for step in found.listed
    ]
    return {
        "listed": listed,
        "most": found.most,
        "url": reverse("policy_rule", args=[found.rule_id]),
        "most_url": reverse("policy_rule", args=[found.most_rule_id]),
    }


ASKED_FOR = {
    "application.deficiency_notified": "acceptance",
    "application.completed": "acceptance",
    "design.submitted": "design_review",
    "interim.requested": "interim_inspection",
    "completion.reported": "completion_inspection",
}


def rule_url(case: Case, events: frozenset[str]) -> str:
    """Lead to the rule that says what an act may ask for; "" when it asks for nothing a rule lists."""
    if "clock.paused" in events:
        return f"{reverse('policy')}?matter=connection_pause"
    stage = next((ASKED_FOR[event] for event in events if event in ASKED_FOR), "")
    return documents_url(case.customer_class, stage) if stage else ""


def documents_url(customer_class: str, stage: str) -> str:
    """Lead to the list of documents of a class and stage."""
    return reverse("policy_rule", args=[f"connection.documents.{customer_class}.{stage}"])


def place_name(case: Case) -> str:
    """Name city and county of the case as they were called when it was opened."""
    return formats.place_name(case.county_code, local_date(case.opened_at))


def paper_facts(case: Case, event_kind: str) -> Printed | None:
    """Return what a paper about the first event of a kind rests on; None before it happened."""
    event = events(case.pk).filter(kind=event_kind).first()
    if event is None:
        return None
    # A paper says what held when its event happened: the class may have been put right since.
    case = copy(case)
    case.customer_class = event.facts.get("customer_class", case.customer_class)
    return Printed(
        case=case,
        application=queries.application(case),
        standard=standard(case, on=case.judged_date or local_date(case.opened_at)),
        reading=reading(case, as_of=event.recorded_at),
        event=event,
        installation=queries.installation(),
        place=place_name(case),
        verify_url=settings.SITE_URL.rstrip("/") + reverse("verify", args=[bytes(event.hash).hex()]),
        seal=seal_before(event),
        look_up_code=paper_code(case) if event_kind == "application.submitted" else "",
    )


def standard_contract_of(case: Case) -> bytes:
    """Print the standard contract of a submitted low-voltage case as it is signed: read, signed and kept alike.

    Causes three queries. Raises UnableToRenderPdf.
    """
    with translation.override(SIGNED_IN):
        return standard_contract(_contract_terms(case))


def _contract_terms(case: Case) -> StandardTerms:
    application = queries.application(case)
    return StandardTerms(
        utility_name=panels.utility_name(case),
        customer_name=queries.applicant_name(case),
        place=f"{place_name(case)} {case.address}",
        load_kw=application.load_kw,
        use=str(application.get_use_display()),
        customer_class=case.customer_class,
        number_label=gettext("办件编号"),
        number=str(case.number),
        drawn_up_at=case.opened_at,
        installation_kind=queries.installation().kind,
    )


def pdf_response(content: bytes, *, name: str) -> HttpResponse:
    """Send a PDF that the browser shows and may save under a name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def summary(rows: list[tuple[Any, Any]]) -> list[SummaryRow]:
    """Turn labels and values into a summary list, without the empty ones."""
    return [SummaryRow(label, str(value)) for label, value in rows if value not in (None, "")]
