"""Enter and end absences; every change is kept with who made it."""

from collections.abc import Sequence
from datetime import date, datetime

import pghistory
from django.db import transaction

from tongdian.people.models import Absence, Cover, User
from tongdian.people.queries.team import missing_roles


class AbsenceNotPossible(ValueError):
    """`problem`: period, past, overlap, covers or over."""

    def __init__(self, problem: str, explanation: str) -> None:
        super().__init__(f"the absence cannot be entered or changed: {explanation}")
        self.problem = problem


class CoverNotPossible(ValueError):
    """`problem`: self, closed, absent or role."""

    def __init__(self, cover: User, problem: str, explanation: str) -> None:
        super().__init__(f"{cover.username!r} cannot stand in: {explanation}")
        self.cover, self.problem = cover, problem


def enter_absence(
    user: User,
    *,
    valid_from: date,
    valid_until: date,
    reason: str,
    covers: Sequence[User],
    actor: User,
    now: datetime,
    today: date,
) -> Absence:
    """Enter that a user is away from a day until before another, and who stands in, the first of them who is there.

    A cover holds every role of the user, in the same territory and utility, and is there all the time.

    Raises AbsenceNotPossible when the period is empty or over, overlaps another absence of the user, or nobody stands
    in; CoverNotPossible when a cover is the user, closed, away themselves, or lacks one of the user's roles.
    """
    if valid_until <= valid_from:
        raise AbsenceNotPossible("period", f"it ends before {valid_until}, not after its first day {valid_from}")
    if valid_until <= today:
        raise AbsenceNotPossible("past", f"it is over before {today}; what is past is not entered afterwards")
    if not covers:
        raise AbsenceNotPossible("covers", "nobody stands in; name at least one colleague")
    with transaction.atomic(), pghistory.context(actor=actor.pk, reason=f"absence: {reason}"):
        # In the order of their ids: two who name each other at the same moment must not both pass.
        list(User.objects.select_for_update().filter(pk__in=[user.pk, *(each.pk for each in covers)]).order_by("pk"))
        if _overlapping(user, valid_from, valid_until):
            raise AbsenceNotPossible("overlap", "another absence of the same person overlaps it; end that one first")
        for cover in covers:
            _check_cover(cover, of=user, valid_from=valid_from, valid_until=valid_until)
        absence = Absence.objects.create(
            user=user, valid_from=valid_from, valid_until=valid_until, reason=reason, entered_by=actor, entered_at=now
        )
        Cover.objects.bulk_create(
            Cover(absence=absence, user=cover, rank=rank) for rank, cover in enumerate(dict.fromkeys(covers), start=1)
        )
    return absence


def end_absence(absence: Absence, *, back_on: date, actor: User, now: datetime) -> Absence:
    """Let an absence end before a day; one that has not begun by then is cancelled.

    Raises AbsenceNotPossible when it was cancelled or ended by that day already.
    """
    with transaction.atomic(), pghistory.context(actor=actor.pk, reason="back from absence"):
        current = Absence.objects.select_for_update().get(pk=absence.pk)
        if current.cancelled_at or current.valid_until <= back_on:
            raise AbsenceNotPossible("over", f"it is cancelled or ends before {current.valid_until} already")
        if back_on <= current.valid_from:
            current.cancelled_at = now
        else:
            current.valid_until = back_on
        current.save(update_fields=["cancelled_at", "valid_until"])
    return current


def _overlapping(user: User, valid_from: date, valid_until: date) -> bool:
    standing = Absence.objects.filter(user=user, cancelled_at=None)
    return standing.filter(valid_from__lt=valid_until, valid_until__gt=valid_from).exists()


def _check_cover(cover: User, *, of: User, valid_from: date, valid_until: date) -> None:
    if cover == of:
        raise CoverNotPossible(cover, "self", "they are the one who is away")
    if not cover.is_active:
        raise CoverNotPossible(cover, "closed", "the account is closed")
    if _overlapping(cover, valid_from, valid_until):
        raise CoverNotPossible(cover, "absent", "they are away themselves within these days")
    if missing := missing_roles(cover, of):
        raise CoverNotPossible(cover, "role", f"they lack {', '.join(missing)} there")
