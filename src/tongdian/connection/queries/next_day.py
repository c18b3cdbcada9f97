"""The next-day product: who qualified for "apply one day, connected the next", and whether it was kept."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from tongdian.case.models import Case
from tongdian.case.queries.cases import cases_for
from tongdian.people.models import User

NEXT_DAY_CLASS = "lv_no_works"


@dataclass(frozen=True)
class NextDayCount:
    """How many cases qualified, and what became of them; a late one counts as not kept though it still runs."""

    qualified: int
    kept: int
    missed: int
    running: int
    withdrawn: int


def next_day_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Return the cases of the next-day product in a reader's reach, the latest first."""
    cases = cases_for(user, "case.view").filter(kind="connection", customer_class=NEXT_DAY_CLASS)
    return cases.select_related("utility").order_by("-opened_at", "pk")


def next_day_count(cases: QuerySet[Case]) -> NextDayCount:
    """Count what became of such cases. Causes one query."""
    in_time = Q(has_been_late=False)
    found = cases.order_by().aggregate(
        qualified=Count("pk"),
        kept=Count("pk", filter=in_time & Q(status="energised")),
        missed=Count("pk", filter=Q(has_been_late=True)),
        running=Count("pk", filter=in_time & Q(closed_at=None)),
        withdrawn=Count("pk", filter=in_time & Q(status="withdrawn")),
    )
    return NextDayCount(**found)
