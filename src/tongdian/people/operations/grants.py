"""Roles are granted and taken back here; every change is kept with who did it and why."""

from datetime import datetime
from uuid import UUID

import pghistory
from django.db import transaction
from django.db.models import Q

from tongdian.people.models import Grant, Organisation, User
from tongdian.people.rules import CASE_ROLES, ORGANISATION_KINDS, STAFF_ROLES, Role, Territory


class GrantNotPossible(ValueError):
    def __init__(self, role: str, reason: str) -> None:
        super().__init__(f"role {role!r} cannot be granted: {reason}")
        self.role, self.reason = role, reason


def grant(
    user: User,
    *,
    role: Role,
    organisation: Organisation | None,
    territory_code: str,
    actor: User | None,
    reason: str,
    now: datetime,
    case_id: UUID | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Grant a role from now on, for an organisation, in a territory and below, maybe for one case.

    `actor` None is the installation itself (set-up, demonstration).

    Raises GrantNotPossible when the account or organisation is of the wrong kind, a case role names no case, the
    role is implied, the end is not after now, or the same grant is in force; InvalidTerritory when the code is none.
    """
    territory = Territory(territory_code)
    _check_account(user, role)
    _check_place(role, organisation, case_id)
    if valid_until is not None and valid_until <= now:
        raise GrantNotPossible(role, f"it would end at {valid_until}, not after its start")
    with transaction.atomic(), _recorded(actor, reason):
        # One granter at a time per user, or two equal grants could pass the check together.
        User.objects.select_for_update().get(pk=user.pk)
        what = {
            "user": user,
            "role": role,
            "organisation": organisation,
            "territory_code": territory.code,
            "case_id": case_id,
        }
        if Grant.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), **what).exists():
            raise GrantNotPossible(role, f"{user.username!r} already holds it there")
        given = Grant.objects.create(**what, valid_from=now, valid_until=valid_until)
    user.__dict__.pop("_rights", None)
    return given


def revoke(given: Grant, *, actor: User | None, reason: str, now: datetime) -> Grant:
    """Take a grant back from now on; the row stays as the record of what was allowed when.

    Raises GrantNotPossible when it has already ended or begins later than now.
    """
    with transaction.atomic(), _recorded(actor, reason):
        current = Grant.objects.select_for_update().get(pk=given.pk)
        if current.valid_until is not None and current.valid_until <= now:
            raise GrantNotPossible(current.role, f"it already ended at {current.valid_until}")
        if current.valid_from >= now:
            raise GrantNotPossible(current.role, f"it begins only at {current.valid_from}")
        current.valid_until = now
        current.save(update_fields=["valid_until"])
    return current


def _check_account(user: User, role: Role) -> None:
    if role is Role.APPLICANT:
        raise GrantNotPossible(role, "everyone who signs in may apply; it is never granted")
    wanted = _kind_of(role)
    if user.kind not in wanted:
        raise GrantNotPossible(role, f"{user.username!r} is an account of kind {user.kind}")
    if not user.is_active:
        raise GrantNotPossible(role, f"{user.username!r} is closed")


def _kind_of(role: Role) -> frozenset[str]:
    if role is Role.MACHINE:
        return frozenset({User.Kind.MACHINE.value})
    return frozenset({User.Kind.STAFF.value} if role in STAFF_ROLES else {User.Kind.PERSON.value})


def _check_place(role: Role, organisation: Organisation | None, case_id: UUID | None) -> None:
    kinds = ORGANISATION_KINDS[role]
    if organisation is None and role is not Role.AGENT:
        raise GrantNotPossible(role, f"it needs an organisation of kind {' or '.join(sorted(kinds))}")
    if organisation is not None and organisation.kind not in kinds:
        raise GrantNotPossible(role, f"{organisation.code!r} is of kind {organisation.kind}")
    if role in CASE_ROLES and case_id is None:
        raise GrantNotPossible(role, "it is given for one case, and none is named")


def _recorded(actor: User | None, reason: str) -> "pghistory.context":
    return pghistory.context(actor=actor.pk if actor else None, reason=reason)
