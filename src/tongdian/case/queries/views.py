"""Who looked at personal data: for auditors and supervisors, within their reach."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from tongdian.case.models import ViewRecord
from tongdian.people.models import User
from tongdian.people.queries import scope

# (viewer's key, day) → views of that day.
Busy = dict[tuple[int, date], int]


def views_for(
    user: User,
    *,
    since: date,
    until: date,
    viewer: str = "",
    number: str = "",
    matter: str = "",
    public: bool = False,
    on_days_of: Busy | None = None,
) -> QuerySet[ViewRecord]:
    """Return the views in reach from one day to another, the latest first, with viewer, organisation and case.

    `viewer`: a user name; `number`: a case number; `public`: also what applicants opened of their own;
    `on_days_of`: only the views of these persons on these days. One query.
    """
    rows = _in_reach(user, since=since, until=until)
    if not public:
        rows = rows.filter(viewer__kind=User.Kind.STAFF)
    if viewer:
        rows = rows.filter(viewer__username__iexact=viewer)
    if number:
        rows = rows.filter(case__number=number)
    if matter:
        rows = rows.filter(matter=matter)
    if on_days_of is not None:
        chosen = Q(pk__in=[])
        for viewer_id, day in on_days_of:
            chosen |= Q(viewer=viewer_id, viewed_at__gte=_start(day), viewed_at__lt=_start(day + timedelta(days=1)))
        rows = rows.filter(chosen)
    return rows.select_related("viewer__organisation", "case").order_by("-viewed_at", "-id")


def busy_days(user: User, *, since: date, until: date, at_least: int) -> Busy:
    """Count the views of each member of staff on each day in reach, and keep those with many; one query."""
    rows = _in_reach(user, since=since, until=until).filter(viewer__kind=User.Kind.STAFF).order_by()
    counted = (
        rows.annotate(day=TruncDate("viewed_at", tzinfo=ZoneInfo(settings.TIME_ZONE)))
        .values_list("viewer", "day")
        .annotate(views=Count("pk"))
        .filter(views__gte=at_least)
        .order_by("day", "viewer")
    )
    return {(viewer_id, day): views for viewer_id, day, views in counted}


def _in_reach(user: User, *, since: date, until: date) -> QuerySet[ViewRecord]:
    rows = ViewRecord.objects.filter(viewed_at__gte=_start(since), viewed_at__lt=_start(until + timedelta(days=1)))
    return scope(user, "view.audit").filter(rows, county="case__county_code", utility="case__utility", case="case_id")


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))
