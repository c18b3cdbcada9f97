"""Read service cells: which one an address belongs to, who looks after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from tongdian.people.models import CellMember, Grant, ServiceCell, User
from tongdian.people.queries.scope import in_force, scope
from tongdian.people.rules import Role, Territory


@dataclass(frozen=True)
class Place:
    """Where power is wanted, as a cell sees it."""

    county_code: str
    utility_id: int
    address: str = ""
    zone: str = ""


def cell_at(place: Place, on: date) -> ServiceCell | None:
    """Return the cell an address belongs to on a day, its members then loaded; None when no cell takes it.

    The longest word found in the address wins; without one the cell of the zone, else the cell of the rest of the
    county. Causes two queries.
    """
    known = cells_on(on).filter(county_code=place.county_code, utility=place.utility_id)
    members = CellMember.objects.filter(_holds(on)).select_related("user").order_by("role", "user")
    ranked = [(_fit(cell, place), -cell.pk, cell) for cell in known.prefetch_related(Prefetch("members", members))]
    rank, _, cell = max(ranked, default=(0, 0, None))
    return cell if rank else None


def _fit(cell: ServiceCell, place: Place) -> int:
    """Tell how closely a cell fits: 0 not at all, 1 the rest of the county, 2 its zone, more by a word's length."""
    if cell.address_words:
        return max((2 + len(word) for word in cell.address_words if word in place.address), default=0)
    if cell.zones:
        return 2 if place.zone in cell.zones else 0
    return 1


def cells_on(on: date) -> QuerySet[ServiceCell]:
    """Return the cells there are on a day, with their utility."""
    return ServiceCell.objects.filter(_holds(on)).select_related("utility").order_by("county_code", "code", "id")


def cells_for(user: User, permission: str, *, on: date | None = None, county: str = "") -> QuerySet[ServiceCell]:
    """Return the cells of the reader's organisation with utility and present members, narrowed to a day or county."""
    reached = scope(user, permission).filter(ServiceCell.objects.all(), organisation="utility")
    if on is not None:
        reached = reached.filter(_holds(on))
    if county:
        reached = reached.filter(county_code=county)
    present = CellMember.objects.filter(valid_until=None).select_related("user").order_by("role", "user")
    return (
        reached.select_related("utility")
        .prefetch_related(Prefetch("members", present))
        .order_by("county_code", "code", "id")
    )


def members_of(cell: ServiceCell) -> list[CellMember]:
    """List who looks after a cell, did or will, with the user, the latest first. Causes one query."""
    return list(CellMember.objects.filter(cell=cell).select_related("user").order_by("role", "-valid_from", "id"))


def holders(role: Role, place: Place) -> list[User]:
    """List who holds a role in a county for a utility now, by their own grants, in the order of user names."""
    found = _holding(Grant.objects.filter(role=role), place)
    return sorted(found, key=lambda user: user.username)


def still_holding(users: Iterable[User], role: Role, place: Place) -> list[User]:
    """Keep the users who hold a role in a county for a utility now, in their order. Causes one query."""
    asked = list(users)
    held = _holding(Grant.objects.filter(role=role, user__in=asked), place)
    return [user for user in asked if user in held]


def _holding(grants: QuerySet[Grant], place: Place) -> set[User]:
    of_utility = grants.filter(
        Q(organisation=place.utility_id) | Q(organisation__parent=place.utility_id), case_id=None
    )
    return {
        grant.user
        for grant in in_force(of_utility).select_related("user", "organisation")
        if grant.user.is_active and Territory(grant.territory_code).covers(place.county_code)
    }


def _holds(on: date) -> Q:
    return (Q(valid_until=None) | Q(valid_until__gt=on)) & Q(valid_from__lte=on)
