"""Lend a part of one's rights to a colleague for a time, and take it back; every change is kept."""

from datetime import datetime
from uuid import UUID

import pghistory
from django.db import connection, transaction

from tongdian.people.models import Delegation, Grant, User
from tongdian.people.queries import in_force
from tongdian.people.rules import LENDABLE_ROLES, Role, Territory

# Arbitrary but fixed: those who delegate take turns, or three at once could close a circle none of them sees.
DELEGATORS = 0x64656C65


class DelegationNotPossible(ValueError):
    """`problem`: role, ended, colleague, territory, case, period, circle, twice or over."""

    def __init__(self, problem: str, explanation: str) -> None:
        super().__init__(f"the delegation is not possible: {explanation}")
        self.problem = problem


def delegate(
    given: Grant,
    *,
    to: User,
    territory_code: str,
    valid_until: datetime,
    reason: str,
    actor: User,
    now: datetime,
    valid_from: datetime | None = None,
    case_id: UUID | None = None,
) -> Delegation:
    """Lend a grant, or the part of it in a territory or for one case, to a colleague until a time.

    valid_from: None is now. Only a grant is lent, never what one has borrowed: nobody passes on a colleague's rights.

    Raises DelegationNotPossible when the role is not lent (see LENDABLE_ROLES), the grant is not in force, the other is
    no colleague, the territory or case is not inside the grant, the period is empty or past, the same is lent already,
    or the other lends the same role, directly or through colleagues, to the lender; InvalidTerritory.
    """
    start = valid_from or now
    if start < now or valid_until <= start:
        raise DelegationNotPossible("period", f"it lasts from {start} to {valid_until}, and now is {now}")
    with transaction.atomic(), pghistory.context(actor=actor.pk, reason=reason), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DELEGATORS])
        held = in_force(Grant.objects.filter(pk=given.pk)).select_related("user").first()
        if held is None:
            raise DelegationNotPossible("ended", "the grant is not in force")
        _check_part(held, to=to, territory=Territory(territory_code), case_id=case_id)
        _check_circle(held, to=to, start=start, end=valid_until, part=(territory_code, case_id))
        return Delegation.objects.create(
            grant=held,
            delegate=to,
            territory_code=territory_code,
            case_id=case_id or held.case_id,
            valid_from=start,
            valid_until=valid_until,
            reason=reason,
            entered_by=actor,
        )


def revoke_delegation(delegation: Delegation, *, actor: User, reason: str, now: datetime) -> Delegation:
    """Take a delegation back at once; the row stays as the record of what was lent when.

    Raises DelegationNotPossible when it was revoked or has ended.
    """
    with transaction.atomic(), pghistory.context(actor=actor.pk, reason=reason):
        current = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if current.revoked_at or current.valid_until <= now:
            raise DelegationNotPossible(
                "over", f"it was revoked or ended at {current.revoked_at or current.valid_until}"
            )
        current.revoked_at = now
        current.save(update_fields=["revoked_at"])
    return current


def _check_part(held: Grant, *, to: User, territory: Territory, case_id: UUID | None) -> None:
    if Role(held.role) not in LENDABLE_ROLES:
        raise DelegationNotPossible("role", f"{held.role} is granted to each person, never lent")
    if not _are_colleagues(held, to):
        raise DelegationNotPossible("colleague", f"{to.username!r} is no active colleague of the same organisation")
    if not Territory(held.territory_code).covers(territory.code):
        raise DelegationNotPossible("territory", f"{territory.code} is not inside {held.territory_code}")
    if held.case_id and case_id not in {None, held.case_id}:
        raise DelegationNotPossible("case", "the grant itself is for another case")


def _are_colleagues(held: Grant, to: User) -> bool:
    if to == held.user or not to.is_active or to.kind != User.Kind.STAFF:
        return False
    if held.organisation is None or to.organisation is None:
        return False
    return held.organisation.top_id == to.organisation.top_id


def _check_circle(held: Grant, *, to: User, start: datetime, end: datetime, part: tuple[str, UUID | None]) -> None:
    standing = Delegation.objects.filter(
        grant__role=held.role, revoked_at=None, valid_from__lt=end, valid_until__gt=start
    )
    if standing.filter(grant=held, delegate=to, territory_code=part[0], case_id=part[1] or held.case_id).exists():
        raise DelegationNotPossible("twice", f"{to.username!r} has the same within that time")
    lends: dict[int, set[int]] = {}
    for lender, borrower in standing.values_list("grant__user_id", "delegate_id"):
        lends.setdefault(lender, set()).add(borrower)
    reached, frontier = {to.pk}, {to.pk}
    while frontier:
        frontier = {borrower for lender in frontier for borrower in lends.get(lender, ())} - reached
        reached |= frontier
    if held.user_id in reached:
        raise DelegationNotPossible("circle", f"{to.username!r} lends {held.role} to the lender, maybe through others")
