"""Write saved filters: a name for what the queue's address says."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tongdian.case.models import OpeningFilter, SavedFilter
from tongdian.people.models import User

MOST_FILTERS = 30


class NameTaken(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is a filter named {name!r} already; choose another name or delete that one")
        self.name = name


class TooManyFilters(ValueError):
    def __init__(self, most: int) -> None:
        super().__init__(f"one person keeps at most {most} filters; delete one first")
        self.most = most


class NotOwner(PermissionError):
    """Only the owner of a shared filter changes it."""

    def __init__(self, saved: SavedFilter) -> None:
        super().__init__(f"filter {saved.pk} is somebody else's; save one of your own")
        self.saved = saved


def save_filter(owner: User, *, name: str, query: str, is_shared: bool, now: datetime) -> SavedFilter:
    """Keep a filter under a name; shared: with the staff of the owner's organisation.

    Raises NameTaken when the owner has one of that name; TooManyFilters at the limit.
    """
    with transaction.atomic():
        # The row of the owner is the lock: two tabs cannot both take the last place.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if SavedFilter.objects.filter(owner=owner).count() >= MOST_FILTERS:
            raise TooManyFilters(MOST_FILTERS)
        saved = SavedFilter(owner=owner, name=name, query=query, saved_at=now)
        saved.organisation = owner.organisation if is_shared else None
        _keep(saved)
        return saved


def change_filter(saved: SavedFilter, *, actor: User, name: str, is_shared: bool) -> SavedFilter:
    """Rename a filter, share it or keep it to oneself.

    Raises NotOwner; NameTaken as `save_filter`.
    """
    _require_owner(saved, actor)
    saved.name, saved.organisation = name, actor.organisation if is_shared else None
    _keep(saved)
    return saved


def delete_filter(saved: SavedFilter, *, actor: User) -> None:
    """Delete a filter; whose queue opened with it opens with all cases again.

    Raises NotOwner.
    """
    _require_owner(saved, actor)
    saved.delete()


def open_with(user: User, saved: SavedFilter | None) -> None:
    """Have a user's queue open with a filter, or with all cases."""
    if saved is None:
        OpeningFilter.objects.filter(user=user).delete()
    else:
        OpeningFilter.objects.update_or_create(user=user, defaults={"saved": saved})


def _keep(saved: SavedFilter) -> None:
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise NameTaken(saved.name) from error


def _require_owner(saved: SavedFilter, actor: User) -> None:
    if saved.owner_id != actor.pk:
        raise NotOwner(saved)
