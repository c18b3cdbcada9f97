"""Read bulk runs: one's own, their rows, what became of them."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tongdian.case.models import BulkRow, BulkRun, Event
from tongdian.case.queries.cases import MANAGERS
from tongdian.people.models import User


def own_runs(user: User) -> QuerySet[BulkRun]:
    """Return somebody's runs, newest first, with how many cases each has and how many were done and refused."""
    counts = {
        "cases": Count("rows"),
        "done": Count("rows", filter=Q(rows__outcome=BulkRow.Outcome.DONE)),
        "refused": Count("rows", filter=Q(rows__outcome=BulkRow.Outcome.REFUSED)),
    }
    return BulkRun.objects.filter(actor=user).select_related("assignee").annotate(**counts).order_by("-chosen_at", "pk")


def own_run(user: User, run_id: UUID) -> BulkRun:
    """Return one of somebody's runs with its counts.

    Raises BulkRun.DoesNotExist when there is none, or it is somebody else's.
    """
    return own_runs(user).get(pk=run_id)


def rows_of(run: BulkRun) -> QuerySet[BulkRow]:
    """Return the rows of a run with cases and managers, in the order of the numbers."""
    managers = (f"case__{name}" for name in MANAGERS)
    return run.rows.select_related("case", *managers).order_by("case__number", "pk")


def changed_since(rows: list[BulkRow]) -> Mapping[UUID, Event]:
    """Return the last event of each case that changed since its row's version, with who did it. Causes one query."""
    last = Q(pk__in=[])
    for row in rows:
        if row.case.version > row.seen_version and row.outcome != BulkRow.Outcome.DONE:
            last |= Q(case=row.case_id, seq=row.case.version)
    return {event.case_id: event for event in Event.objects.filter(last).select_related("actor")}
