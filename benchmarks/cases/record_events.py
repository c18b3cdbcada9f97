"""Recording the events of whole cases, each with its lock, legality, clock and deadlines, beside the bare append.

A case goes through the eight events of 10 kV supply, each in a transaction of its own. The peer appends the same
events to the chain and does nothing else: what it is faster by is the price of following the clock.
"""

from typing import TYPE_CHECKING

from benchmarks.database import fresh_database
from benchmarks.runner import Question, Row, Size
from benchmarks.timeline_rows import new_case

if TYPE_CHECKING:
    from tongdian.case.models import Case

CASES = {"small": 10, "full": 250}
EVENTS = (
    "application.submitted",
    "application.accepted",
    "scheme.issued",
    "scheme.confirmed",
    "completion.reported",
    "completion.passed",
    "contract.offered",
    "note.added",
)


def run(size: Size) -> list[Row]:
    """Measure all events of so many cases."""
    total = CASES[size] * len(EVENTS)
    question = Question("record_events", size, f"{total:,} events, {CASES[size]:,} cases", uses=("django", "psycopg"))
    with fresh_database():
        ours = question.measure(lambda: _recorded(_cases(size)), repeats=2)
        row = ours.against("append alone", build=lambda: lambda: _appended(_cases(size)), same=lambda a, b: a == b)
    rates = f"{total / ours.seconds:,.0f} events/s recorded, {total / (row.peer_s or 1):,.0f} appended"
    return [Row(**{**vars(row), "note": rates})]


def _cases(size: Size) -> "list[Case]":
    from tongdian.case.models import Case

    cases = [new_case() for _ in range(CASES[size])]
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(status="new", customer_class="hv10_single")
    return list(Case.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk"))


def _recorded(cases: "list[Case]") -> int:
    from django.utils import timezone

    from tongdian.case.operations import record

    for case in cases:
        for kind in EVENTS:
            record(
                case,
                kind=kind,
                actor=None,
                channel="desk",
                body={"stage": "scheme"},
                expected_version=case.version,
                now=timezone.now(),
            )
    return sum(case.version for case in cases)


def _appended(cases: "list[Case]") -> int:
    from django.db import transaction

    from tongdian.case.operations import append

    last = 0
    for case in cases:
        for kind in EVENTS:
            with transaction.atomic():
                last = append(case, kind=kind, actor=None, channel="desk", body={"stage": "scheme"}).seq
    return last * len(cases)
