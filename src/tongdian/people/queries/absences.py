"""Read who is away, who stands in, and what is lent to whom."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from tongdian.people.models import Absence, Delegation, User


def cover_of(user: User, on: date) -> User | None:
    """Return who answers for a user's work on a day: the user when there, else the first cover who is.

    A cover who is away is followed to their own covers. None when nobody is there, or the account is closed and
    nobody covers it. Causes one query, and two more for each link of the chain when somebody is away.
    """
    return covers_of([user], on)[user.pk]


def covers_of(users: Iterable[User], on: date) -> dict[int, User | None]:
    """Return for each of many users, by id, what `cover_of` says, in the same number of queries as for one."""
    asked = list(users)
    away: dict[int, list[User]] = {}
    frontier = {user.pk for user in asked}
    while frontier:
        found = {absence.user_id: _covers(absence) for absence in absences_on(on).filter(user__in=frontier)}
        away |= found
        frontier = {cover.pk for covers in found.values() for cover in covers} - away.keys() - frontier
    return {user.pk: _standing_in(user, away, seen=frozenset()) for user in asked}


def _covers(absence: Absence) -> list[User]:
    return [row.user for row in absence.cover_rows.all()]


def _standing_in(user: User, away: dict[int, list[User]], *, seen: frozenset[int]) -> User | None:
    if user.pk not in away:
        return user if user.is_active else None
    tried = seen | {user.pk}
    for cover in away[user.pk]:
        if cover.pk not in tried and (found := _standing_in(cover, away, seen=tried)):
            return found
    return None


def absences_on(on: date) -> QuerySet[Absence]:
    """Return the absences of a day, with their covers in order."""
    return _with_people(Absence.objects.filter(cancelled_at=None, valid_from__lte=on, valid_until__gt=on))


def absences_since(users: Iterable[User] | QuerySet[User], since: date) -> QuerySet[Absence]:
    """Return the absences of users that last to a day or beyond it, the earliest first, with people loaded."""
    lasting = Absence.objects.filter(cancelled_at=None, valid_until__gt=since, user__in=users)
    return _with_people(lasting).order_by("valid_from", "id")


def covered_by(user: User, since: date) -> QuerySet[Absence]:
    """Return the absences a user stands in for that last to a day or beyond it, the earliest first."""
    lasting = Absence.objects.filter(cancelled_at=None, valid_until__gt=since, cover_rows__user=user)
    return _with_people(lasting).order_by("valid_from", "id")


def absence_of(users: Iterable[User] | QuerySet[User], absence_id: int) -> Absence:
    """Return one absence of one of the users.

    Raises Absence.DoesNotExist when there is none, or it is of somebody else.
    """
    return _with_people(Absence.objects.filter(user__in=users)).get(pk=absence_id)


def _with_people(absences: QuerySet[Absence]) -> QuerySet[Absence]:
    return absences.select_related("user", "entered_by").prefetch_related("cover_rows__user")


def lent() -> QuerySet[Delegation]:
    """Return the delegations that count now, by the database's clock: theirs, and of the grant behind each."""
    grant_counts = Q(grant__valid_until=None) | Q(grant__valid_until__gt=Now())
    return (
        Delegation.objects.filter(revoked_at=None, valid_from__lte=Now(), valid_until__gt=Now())
        .filter(grant_counts, grant__valid_from__lte=Now(), grant__user__is_active=True)
        .exclude(grant__organisation__is_active=False)
    )


def delegations_of(user: User, *, now: datetime) -> QuerySet[Delegation]:
    """Return what a user lends or has lent to them, that has not ended, with people and grant loaded."""
    mine = Q(grant__user=user) | Q(delegate=user)
    lasting = Delegation.objects.filter(mine, revoked_at=None, valid_until__gt=now)
    return lasting.select_related("grant__user", "delegate").order_by("valid_from", "id")


def delegation_of(user: User, delegation_id: int) -> Delegation:
    """Return a delegation a user gave or received.

    Raises Delegation.DoesNotExist when there is none, or it concerns neither.
    """
    mine = Q(grant__user=user) | Q(delegate=user)
    return Delegation.objects.select_related("grant__user", "delegate").get(mine, pk=delegation_id)
