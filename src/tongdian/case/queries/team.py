"""Read who manages cases in a reader's reach."""

from django.db.models import Q

from tongdian.people.models import Grant, User
from tongdian.people.queries import in_force, scope
from tongdian.people.rules import Role

MANAGER_ROLES = (Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER)
# A list longer than this is no choice any more; a narrower reach or the board leads to the person.
MOST_MANAGERS = 300


def managers_in_reach(user: User, permission: str = "case.view") -> list[User]:
    """List who may manage a case the reader reaches, by user name, the first 300. Causes one query.

    They hold a manager's role now, by a grant of their own, in a part of the reader's territory or around it; of the
    reader's utility where the reader is bound to one.
    """
    reached = Q(pk__in=[])
    for right in scope(user, permission).rights:
        prefix = right.territory.prefix
        around = [prefix[:length].ljust(6, "0") for length in range(2, len(prefix), 2)]
        clause = Q(territory_code__startswith=prefix) | Q(territory_code__in=around)
        if right.is_of_utility:
            clause &= Q(organisation=right.top_id) | Q(organisation__parent=right.top_id)
        reached |= clause
    grants = in_force(Grant.objects.filter(reached, role__in=MANAGER_ROLES, case_id=None)).order_by()
    found = User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("username")
    return list(found[:MOST_MANAGERS])
