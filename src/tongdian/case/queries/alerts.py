"""Read open cases as alerts see them: each with the stage instance and deadline version, or the event, that counts.

Every query here has the same columns in the same order (`COLUMNS`), so that one statement can join any of them to who
is told. None is carried out here: the caller filters, counts, or embeds it.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case as Choice
from django.db.models import Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import TruncDate

from tongdian.case.models import Case, Deadline, Event

# `measured_date` is the day that decides: of the deadline, or on which the event was recorded.
COLUMNS = (
    "case_id",
    "stage",
    "instance",
    "revision",
    "event_seq",
    "measured_date",
    "due_date",
    "county_code",
    "utility_id",
    "assignee_id",
    "project_manager_id",
    "applicant_id",
)
MANAGERS = ("assignee", "project_manager")
Rows = QuerySet[Any, Any]


def running_deadlines() -> Rows:
    """Return the next deadline of every open case that has one, as its stage instance and revision in force."""
    later = Deadline.objects.filter(
        case=OuterRef("case"), stage=OuterRef("stage"), superseded_at=None, instance__gt=OuterRef("instance")
    )
    rows = Deadline.objects.filter(
        ~Exists(later),
        superseded_at=None,
        case__closed_at=None,
        stage=F("case__next_stage"),
        due_date=F("case__next_due_date"),
    )
    return _columns(rows.annotate(measured_date=F("due_date")), (F("stage"), F("instance"), F("revision"), Value(0)))


def open_since(events: Collection[str], *, settled_by: Collection[str], is_unassigned: bool = False) -> Rows:
    """Return every open case whose latest event among both kinds is one of `events`: it started and nothing ended it.

    is_unassigned: only cases nobody has.
    """
    kinds = {*events, *settled_by}
    later = Event.objects.filter(case=OuterRef("case"), seq__gt=OuterRef("seq"), kind__in=kinds)
    rows = Event.objects.filter(~Exists(later), kind__in=events, case__closed_at=None)
    if is_unassigned:
        rows = rows.filter(case__assignee=None)
    return _of_events(rows)


def happened(events: Collection[str], *, since: datetime) -> Rows:
    """Return every event of these kinds recorded since a moment, closed cases included.

    Leaves out what another system's past brought in: nobody is told of it as news.
    """
    rows = Event.objects.filter(kind__in=events, recorded_at__gte=since).exclude(channel="import")
    return _of_events(rows)


def cases_measured(rows: Rows, cases: QuerySet[Case], *, first: date | None, last: date) -> QuerySet[Case]:
    """Keep the cases that one of these queries finds with a day from `first` (None: any before) to `last`."""
    found = rows.filter(measured_date__lte=last)
    if first is not None:
        found = found.filter(measured_date__gte=first)
    return cases.filter(pk__in=found.values("case_id"))


def open_places() -> list[tuple[str, int]]:
    """List the counties and utilities that have cases, by code. Causes one query."""
    places = Case.objects.order_by("county_code", "utility_id").values_list("county_code", "utility_id").distinct()
    return list(places)


def _of_events(rows: QuerySet[Event]) -> Rows:
    day = TruncDate("recorded_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    nothing = Value(0)
    return _columns(rows.annotate(measured_date=day), (Value(""), nothing, nothing, F("seq")))


def _columns(rows: QuerySet[Any], version: tuple[F | Value, ...]) -> Rows:
    """Select `COLUMNS`, in their order. A manager whose account is closed counts as none."""
    return rows.order_by().values_list(
        "case_id",
        *version,
        "measured_date",
        "case__next_due_date",
        "case__county_code",
        "case__utility_id",
        *(Choice(When(**{f"case__{who}__is_active": True, "then": F(f"case__{who}_id")})) for who in MANAGERS),
        "case__applicant_id",
    )
