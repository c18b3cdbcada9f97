"""Read who may act for whom."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tongdian.case.models import Case
from tongdian.connection.models import AgentAuthority, Draft
from tongdian.people.models import User


def authority_of(agent: User, case: Case, *, now: datetime) -> AgentAuthority | None:
    """Return by what authority somebody acts for the applicant of a case now; None without one. Causes one query."""
    return _with_people().filter(agent=agent, case=case, revoked_at=None, valid_until__gt=now).first()


def authority_of_draft(draft: Draft) -> AgentAuthority | None:
    """Return by what authority a draft is written for somebody else; None for one's own. Causes one query."""
    return _with_people().filter(draft=draft, revoked_at=None).first()


def authorities_of(case: Case) -> list[AgentAuthority]:
    """List who may or might act for the applicant of a case, the latest first. Causes one query."""
    return list(_with_people().filter(case=case).order_by("-given_at", "id"))


def unchecked(case: Case) -> AgentAuthority | None:
    """Return the uploaded authorisation of a case that staff have not checked, None when there is none."""
    return _with_people().filter(case=case, revoked_at=None, verified_at=None).first()


def given_by(principal: User) -> list[AgentAuthority]:
    """List the authorities somebody has given for cases and not taken back, the latest first. Causes one query."""
    given = _with_people().filter(principal=principal, case__isnull=False, revoked_at=None)
    return list(given.order_by("-given_at", "id"))


def held_by(agent: User, *, now: datetime) -> list[AgentAuthority]:
    """List the cases somebody acts in for others now, the latest first. Causes one query."""
    held = _with_people().filter(agent=agent, case__isnull=False, revoked_at=None, valid_until__gt=now)
    return list(held.order_by("-given_at", "id"))


def own_authority(user: User, authority_id: UUID) -> AgentAuthority:
    """Return an authority somebody gave or holds.

    Raises AgentAuthority.DoesNotExist when there is none, or it concerns others.
    """
    return _with_people().get(Q(principal=user) | Q(agent=user), pk=authority_id, case__isnull=False)


def _with_people() -> QuerySet[AgentAuthority]:
    return AgentAuthority.objects.select_related("agent", "principal", "case", "document")
