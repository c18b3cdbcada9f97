"""Read exports: a person's own, and one of them."""

from uuid import UUID

from django.db.models import Count, QuerySet

from tongdian.case.models import Export
from tongdian.people.models import User

UNFINISHED = (Export.State.WAITING, Export.State.RUNNING)


def own_exports(user: User) -> QuerySet[Export]:
    """Return the exports a person asked for, newest first, without their list of cases, with `fetch_count`."""
    rows = Export.objects.filter(requested_by=user).defer("case_ids").annotate(fetch_count=Count("fetches"))
    return rows.order_by("-requested_at", "id")


def own_export(user: User, export_id: UUID) -> Export:
    """Return one of a person's exports.

    Raises Export.DoesNotExist when there is none of that id, or it is somebody else's.
    """
    return own_exports(user).get(pk=export_id)


def is_making_exports(user: User) -> bool:
    """Whether an export of a person waits or runs. Causes one query."""
    return Export.objects.filter(requested_by=user, state__in=UNFINISHED).exists()
