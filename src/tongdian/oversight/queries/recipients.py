"""Who is told: the one place where roles, territories, utilities and absences become people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from tongdian.people.models import Grant
from tongdian.people.queries import covers_of, in_force
from tongdian.people.queries.absences import absences_on
from tongdian.people.rules import UTILITY_ROLES, Role, Territory

Place = tuple[str, int]


@dataclass(frozen=True)
class Seat:
    """One person who is told in a role of the cases of one county and utility; `in_place_of` is the absent holder."""

    county_code: str
    utility_id: int
    user_id: int
    in_place_of: int | None
    role: str


@dataclass(frozen=True)
class Directory:
    """Who holds which role where, and who stands in for whom (None: nobody) on a day."""

    seats: Mapping[tuple[str, Place], tuple[Seat, ...]]
    stand_ins: Mapping[int, int | None]

    def told(self, role: str, place: Place, *, chain: Collection[str]) -> tuple[Seat, ...]:
        """Return who is told in a role at a place: its holders there, else those of the next role up the chain.

        Outside the chain, and above its last role, nobody takes the place of a missing holder.
        """
        for candidate in _upwards(role, tuple(chain)):
            if seats := self.seats.get((candidate, place)):
                return seats
        return ()


def directory(roles: Collection[str], places: Iterable[Place], *, on: date) -> Directory:
    """Find the holders of roles for each county and utility, the absent replaced by who stands in for them.

    A holder who is away and whom nobody covers is left out, so that the next role up the chain is told. Causes a
    fixed number of queries, plus two for each link of a chain of covers.
    """
    stand_ins = _stand_ins(on)
    held = _held(roles)
    seats = {
        (role, place): tuple(_seats(held, role, place, stand_ins)) for role in roles for place in dict.fromkeys(places)
    }
    return Directory(seats, stand_ins)


def agents() -> QuerySet[Any, Any]:
    """Return case and user of every agent whose authority holds now: they are told what the applicant is told."""
    held = in_force(Grant.objects.filter(role=Role.AGENT, case_id__isnull=False, user__is_active=True))
    return held.order_by().values_list("case_id", "user_id")


def _upwards(role: str, chain: tuple[str, ...]) -> tuple[str, ...]:
    return chain[chain.index(role) :] if role in chain else (role,)


def _stand_ins(on: date) -> dict[int, int | None]:
    away = [absence.user for absence in absences_on(on)]
    return {user: cover.pk if cover else None for user, cover in covers_of(away, on).items()}


Held = Mapping[tuple[str, str], list[tuple[int, int | None]]]


def _held(roles: Collection[str]) -> Held:
    """Return user and utility (None: every utility) by role and leading digits of the territory. Causes one query."""
    found: defaultdict[tuple[str, str], list[tuple[int, int | None]]] = defaultdict(list)
    grants = in_force(Grant.objects.filter(role__in=roles, user__is_active=True, case_id=None))
    for grant in grants:
        top_id = grant.organisation.top_id if grant.organisation else None
        bound_to = top_id if Role(grant.role) in UTILITY_ROLES else None
        found[grant.role, Territory(grant.territory_code).prefix].append((grant.user_id, bound_to))
    return found


def _seats(held: Held, role: str, place: Place, stand_ins: Mapping[int, int | None]) -> list[Seat]:
    county_code, utility_id = place
    seats: dict[int, Seat] = {}
    for length in (2, 4, 6):
        for user_id, bound_to in held.get((role, county_code[:length]), ()):
            told = stand_ins.get(user_id, user_id)
            if told is None or bound_to not in {None, utility_id}:
                continue
            seat = Seat(county_code, utility_id, told, None if told == user_id else user_id, role)
            # Who is there in person is told as such, not in a colleague's place.
            if told not in seats or seat.in_place_of is None:
                seats[told] = seat
    return list(seats.values())
