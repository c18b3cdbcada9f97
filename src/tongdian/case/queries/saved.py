"""Read the filters somebody saved, or a colleague shared, and how many rows lists have."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tongdian.case.models import Case, OpeningFilter, SavedFilter
from tongdian.people.models import User
from tongdian.ui.tables import CountOf

# Read with every page of the queue; spelled out, it costs a quarter of what a queryset builds anew each time.
_KEPT = f"""
SELECT saved.*, opening.user_id IS NOT NULL AS opens
FROM {SavedFilter._meta.db_table} AS saved
LEFT JOIN {OpeningFilter._meta.db_table} AS opening ON opening.saved_id = saved.id AND opening.user_id = %s
WHERE saved.owner_id = %s OR saved.organisation_id = %s
ORDER BY saved.saved_at, saved.id
"""  # noqa: S608 - the table names are ours


@dataclass(frozen=True)
class Kept:
    """The filters a user has and shares, one's own first, the oldest first; and the one the queue opens with."""

    filters: tuple[SavedFilter, ...]
    opening: SavedFilter | None


def filters_for(user: User) -> Kept:
    """Return the filters of a user and those shared in the user's organisation. Causes one query."""
    rows = SavedFilter.objects.raw(_KEPT, [user.pk, user.pk, user.organisation_id])
    filters = sorted(rows, key=lambda saved: saved.owner_id != user.pk)
    return Kept(tuple(filters), next((saved for saved in filters if saved.opens), None))  # type: ignore[attr-defined]


def filter_for(user: User, filter_id: int) -> SavedFilter:
    """Return one filter a user has or shares.

    Raises SavedFilter.DoesNotExist when there is none, or it is a stranger's.
    """
    return SavedFilter.objects.select_related("owner").get(_reach(user), pk=filter_id)


def bounded_counts(lists: Sequence[QuerySet[Case]], *, limit: int) -> list[int]:
    """Count the rows of each list, no further than the limit. Causes one query; none without lists."""
    if not lists:
        return []
    counts = {f"count_{n}": CountOf(rows, limit=limit) for n, rows in enumerate(lists)}
    row = User.objects.order_by("pk").values_list(*counts.values()).first()
    return list(row or [])


def _reach(user: User) -> Q:
    own = Q(owner=user)
    return own | Q(organisation=user.organisation_id) if user.organisation_id else own
