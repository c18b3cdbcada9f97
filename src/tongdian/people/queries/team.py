"""Read colleagues: whom a lead looks after, who can stand in, to whom one may lend."""

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from tongdian.people.models import Grant, User
from tongdian.people.queries.scope import in_force, scope
from tongdian.people.rules import LENDABLE_ROLES, STAFF_ROLES, Territory


def team_of(lead: User) -> QuerySet[User]:
    """Return the staff whose grants lie in the reach of a lead, by name; the lead among them."""
    grants = in_force(Grant.objects.filter(case_id=None, role__in=STAFF_ROLES)).annotate(
        top=Coalesce(F("organisation__parent"), F("organisation"))
    )
    reached = scope(lead, "team.lead").filter(grants, county="territory_code", utility="top")
    return User.objects.filter(pk__in=reached.order_by().values("user"), is_active=True).order_by("username")


def missing_roles(cover: User, of: User) -> list[str]:
    """Return the roles of one user that another does not hold in the same territory and utility. Causes two queries."""
    held = list(in_force(Grant.objects.filter(user=cover, case_id=None)))
    return sorted({grant.role for grant in own_grants(of) if not any(_is_as_wide(each, grant) for each in held)})


def cover_candidates(user: User) -> list[User]:
    """List who holds every role of a user in the same places, by name; empty for a user without a role.

    Causes two queries.
    """
    needed = own_grants(user)
    if not needed:
        return []
    wanted = Q(pk__in=[])
    for grant in needed:
        wanted |= Q(role=grant.role, territory_code__in=_above(grant.territory_code))
    held: dict[User, list[Grant]] = {}
    others = Grant.objects.filter(wanted, case_id=None, user__is_active=True).exclude(user=user)
    for grant in in_force(others).select_related("user", "organisation"):
        held.setdefault(grant.user, []).append(grant)
    fitting = (
        other
        for other, grants in held.items()
        if all(any(_is_as_wide(each, grant) for each in grants) for grant in needed)
    )
    return sorted(fitting, key=lambda other: other.username)


def own_grants(user: User) -> list[Grant]:
    """List the grants of staff a user holds for a territory, not for one case. Causes one query."""
    return list(in_force(Grant.objects.filter(user=user, case_id=None, role__in=STAFF_ROLES)))


def lendable_grants(user: User) -> list[Grant]:
    """List the grants of a user that may be lent. Causes one query."""
    return [grant for grant in own_grants(user) if grant.role in LENDABLE_ROLES]


def colleagues(user: User) -> QuerySet[User]:
    """Return the active staff of a user's organisation and its units, by name, without the user."""
    top = user.organisation.top_id if user.organisation else None
    same = Q(organisation=top) | Q(organisation__parent=top)
    return User.objects.filter(same, kind=User.Kind.STAFF, is_active=True).exclude(pk=user.pk).order_by("username")


def colleagues_near(user: User) -> list[User]:
    """List the colleagues with a role in a place one's own grants touch: one might lend to. Causes two queries."""
    near = Q(pk__in=[])
    for grant in own_grants(user):
        near |= Q(territory_code__in=_above(grant.territory_code))
        near |= Q(territory_code__startswith=Territory(grant.territory_code).prefix)
    # Who administers rights is not handed any: the two stay apart.
    lends = Grant.objects.filter(near, case_id=None, role__in=LENDABLE_ROLES)
    with_role = in_force(lends).order_by().values("user")
    return list(colleagues(user).filter(pk__in=with_role))


def _above(code: str) -> list[str]:
    """Return the codes of a division and of those it lies in."""
    return [code, f"{code[:4]}00", f"{code[:2]}0000"]


def _is_as_wide(held: Grant, needed: Grant) -> bool:
    return (
        held.role == needed.role
        and held.organisation is not None
        and needed.organisation is not None
        and held.organisation.top_id == needed.organisation.top_id
        and Territory(held.territory_code).covers(needed.territory_code)
    )
