"""The grants of a user, the rows they reach, the utility of an address."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, Model, Q, QuerySet, Value
from django.db.models.functions import Now

from tongdian.people.models import Grant, Organisation, SupplyArea, User
from tongdian.people.permissions import Permission, Reach, permission
from tongdian.people.queries.absences import lent
from tongdian.people.rules import STAFF_ROLES, UTILITY_ROLES, Role, Territory

M = TypeVar("M", bound=Model)


class NoUtility(LookupError):
    def __init__(self, county_code: str, on: date, zone: int) -> None:
        super().__init__(f"no utility supplies zone {zone} of {county_code} on {on}; enter its supply area")
        self.county_code, self.on, self.zone = county_code, on, zone


class ScopeNeedsField(TypeError):
    def __init__(self, name: str, field: str) -> None:
        super().__init__(f"rows under {name!r} are limited by {field}: pass {field}=<field path> to Scope.filter")
        self.permission, self.field = name, field


@dataclass(frozen=True)
class Right:
    """One grant, reduced to what a decision needs."""

    role: Role
    territory: Territory
    organisation_id: int | None
    top_id: int | None
    case_id: UUID | None
    # Reaches only what belongs to the utility of its organisation: staff of a utility, and a utility's machine.
    is_of_utility: bool
    # The user who lends it; None when it is one's own.
    on_behalf_of: int | None = None


@dataclass(frozen=True)
class Scope:
    """The rows a user reaches under one permission; nothing unless a grant says so."""

    permission: Permission
    user: User | None
    rights: tuple[Right, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether the user holds the permission at all, for any row."""
        if self.permission.reach is Reach.PUBLIC:
            return True
        return self.user is not None and (self._is_implied or bool(self.rights))

    @property
    def _is_implied(self) -> bool:
        return Role.APPLICANT in self.permission.roles

    def filter(
        self,
        queryset: QuerySet[M],
        *,
        county: str | None = None,
        utility: str | None = None,
        case: str | None = None,
        owner: str | None = None,
        organisation: str | None = None,
    ) -> QuerySet[M]:
        """Limit a queryset to the reach, by the names of its own fields; adds one WHERE clause and no query.

        Own cases need `owner`, and `case` where invited people count; territory needs `county` and `utility`,
        and `case` where grants for single cases count; organisation needs `organisation`.

        Raises ScopeNeedsField when a field the reach depends on is not named.
        """
        if not self.is_allowed:
            return queryset.none()
        if self.permission.reach is Reach.PUBLIC:
            return queryset
        reached = Q(pk__in=[])
        fields = {"county": county, "utility": utility, "case": case, "owner": owner, "organisation": organisation}
        for clause in self._clauses(fields):
            reached |= clause
        return queryset.filter(reached)

    def reaches(self, *, county: str, utility_id: int, case_id: UUID | None = None) -> bool:
        """Decide for one row in memory, by the same rule as `filter` under a territory permission."""
        return self.right_for(county=county, utility_id=utility_id, case_id=case_id) is not None

    def right_for(self, *, county: str, utility_id: int, case_id: UUID | None = None) -> Right | None:
        """Return the right by which a row is reached, one's own before one that is lent; None when it is not.

        Raises ScopeNeedsField under a permission that does not reach by territory.
        """
        if self.permission.reach is not Reach.TERRITORY:
            raise ScopeNeedsField(self.permission.name, "owner")
        reaching = (
            right
            for right in self.rights
            if right.territory.covers(county)
            and (not right.is_of_utility or right.top_id == utility_id)
            and right.case_id in (None, case_id)
        )
        return next(reaching, None)

    def _clauses(self, fields: dict[str, str | None]) -> Iterator[Q]:
        match self.permission.reach:
            case Reach.SELF | Reach.OWN_CASE:
                yield from self._own(owner=self._named("owner", fields), case=fields["case"])
            case Reach.TERRITORY:
                yield from self._territory(
                    county=self._named("county", fields), utility=self._named("utility", fields), case=fields["case"]
                )
            case Reach.ORGANISATION:
                organisation = self._named("organisation", fields)
                for right in self.rights:
                    if right.case_id and right.on_behalf_of:
                        continue  # lent for one case, which is no part of an organisation
                    yield Q(**{organisation: right.top_id}) | Q(**{f"{organisation}__parent": right.top_id})

    def _own(self, *, owner: str, case: str | None) -> Iterator[Q]:
        if self._is_implied or self.permission.reach is Reach.SELF:
            yield Q(**{owner: self.user})
        if case:
            yield from (Q(**{case: right.case_id}) for right in self.rights if right.case_id)

    def _territory(self, *, county: str, utility: str, case: str | None) -> Iterator[Q]:
        for right in self.rights:
            if right.case_id and not case:
                continue
            clause = Q(**{f"{county}__startswith": right.territory.prefix})
            if right.is_of_utility:
                clause &= Q(**{utility: right.top_id})
            yield clause & Q(**{case: right.case_id}) if case and right.case_id else clause

    def _named(self, field: str, fields: dict[str, str | None]) -> str:
        if name := fields[field]:
            return name
        raise ScopeNeedsField(self.permission.name, field)


def scope(user: User | AnonymousUser, name: str) -> Scope:
    """Work out what a user reaches under a permission; causes one query per user object, not one per call.

    Raises UnknownPermission when the name is not in the table.
    """
    wanted = permission(name)
    if not isinstance(user, User) or not user.is_active:
        return Scope(wanted, None, ())
    return Scope(wanted, user, tuple(right for right in rights(user) if right.role in wanted.roles))


def rights(user: User) -> tuple[Right, ...]:
    """Load the grants in force now, by the database's clock, one's own first, then what colleagues lend.

    Kept on the user object, which lives for one request. Causes one query.
    """
    kept: tuple[Right, ...] | None = user.__dict__.get("_rights")
    if kept is None:
        kept = user.__dict__["_rights"] = tuple(map(_right, _rows(user)))
    return kept


def _rows(user: User) -> QuerySet[Any, tuple[Any, ...]]:
    # A union of two index look-ups; an OR over a join would read every grant there is.
    nobody = Value(None, output_field=BigIntegerField())
    own = in_force(Grant.objects.filter(user=user)).order_by().annotate(is_lent=Value(0), lender=nobody)
    borrowed = lent().filter(delegate=user).order_by().annotate(is_lent=Value(1))
    of_own = ("is_lent", "id", "role", "territory_code", *_ORGANISATION, "case_id", "lender")
    of_lent = (
        *("is_lent", "id", "grant__role", "territory_code"),
        *(f"grant__{name}" for name in _ORGANISATION),
        *("case_id", "grant__user_id"),
    )
    return own.values_list(*of_own).union(borrowed.values_list(*of_lent), all=True).order_by("is_lent", "id")


_ORGANISATION = ("organisation_id", "organisation__parent_id", "organisation__kind")


def in_force(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Keep the grants whose period holds now, of active organisations, with the organisation loaded."""
    return (
        grants.filter(Q(valid_until=None) | Q(valid_until__gt=Now()), valid_from__lte=Now())
        .exclude(organisation__is_active=False)
        .select_related("organisation")
        .order_by("id")
    )


def utility_for(county_code: str, on: date, *, zone: int = 0) -> Organisation:
    """Find the utility that supplies a county, or a numbered zone of it, on a day.

    Raises NoUtility when no supply area holds then.
    """
    area = (
        SupplyArea.objects.filter(Q(valid_until=None) | Q(valid_until__gt=on), valid_from__lte=on)
        .filter(county_code=county_code, zone=zone)
        .select_related("utility")
        .first()
    )
    if area is None:
        raise NoUtility(county_code, on, zone)
    return area.utility


def holds_staff_role(user: User) -> bool:
    """Tell whether any grant in force gives a role of staff."""
    return any(right.role in STAFF_ROLES for right in rights(user))


def full_names(user_ids: Collection[int]) -> dict[int, str]:
    """Return how pages call some users, by id. Causes one query, none when nobody is asked for."""
    if not user_ids:
        return {}
    return {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=user_ids).order_by("pk")}


def sessions_of(user: User) -> list[UserSession]:
    """List the signed-in sessions of an account, the one used last first; one query."""
    return list(UserSession.objects.filter(user=user).order_by("-last_seen_at", "pk"))


def _right(row: tuple[Any, ...]) -> Right:
    _is_lent, _id, role, territory_code, organisation_id, parent_id, kind, case_id, lender = row
    return Right(
        role=Role(role),
        territory=Territory(territory_code),
        organisation_id=organisation_id,
        top_id=parent_id or organisation_id,
        case_id=case_id,
        is_of_utility=role in UTILITY_ROLES or (role == Role.MACHINE and kind == Organisation.Kind.UTILITY),
        on_behalf_of=lender,
    )
