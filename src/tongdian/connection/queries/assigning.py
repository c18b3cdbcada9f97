"""Read who would look after a case: the cell of its address, who is there, what each has to do already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.db.models import Case as When
from django.db.models import CharField, Count, Q, Value
from django.db.models import When as Then

from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.queries.calendar import calendar
from tongdian.connection.rules.assigning import Held, Load, Weights, loads, told
from tongdian.people.models import ServiceCell, User
from tongdian.people.queries.absences import covers_of
from tongdian.people.queries.cells import Place, cell_at, holders, still_holding
from tongdian.people.rules import Role
from tongdian.policy import current_book
from tongdian.policy.places import PROVINCE

Column = Literal["assignee", "project_manager"]
COLUMNS: dict[Role, Column] = {Role.ACCOUNT_MANAGER: "assignee", Role.PROJECT_MANAGER: "project_manager"}


@dataclass(frozen=True)
class Choice:
    """Who would get a case in one role, out of whom; `user` None when nobody is there.

    `by`: cell (a manager of the cell), cover (one who stands in for an absent manager of the cell), territory (nobody
    of the cell is there, or there is no cell: anybody who holds the role in the county).
    """

    role: Role
    user: User | None
    by: Literal["cell", "cover", "territory"]
    cell: ServiceCell | None
    considered: tuple[Load, ...]

    @property
    def facts(self) -> dict[str, object]:
        """What an event keeps of the choice."""
        cell_code = self.cell.code if self.cell else None
        return {"by": self.by, "cell_code": cell_code, **told(self.considered)}

    @property
    def load(self) -> Load | None:
        return self.considered[0] if self.considered else None


def choices(case: Case, *, on: date, roles: Iterable[Role] = tuple(COLUMNS)) -> dict[Role, Choice]:
    """Return who would get a case in each role on a day. Causes at most seven queries a role, two for the cell.

    Those away on the day are skipped; when nobody of the cell is there, those who stand in for them are asked, and at
    last everybody who holds the role in the county.
    """
    place = Place(case.county_code, case.utility_id, case.address, case.zone)
    cell = cell_at(place, on)
    return {role: _choice(place, role, cell, on=on) for role in roles}


def _choice(place: Place, role: Role, cell: ServiceCell | None, *, on: date) -> Choice:
    members = [each.user for each in cell.members.all() if each.role == role] if cell else []
    present, covers = _present(still_holding(members, role, place), on) if members else ([], [])
    by: Literal["cell", "cover", "territory"] = "cell" if present else "cover"
    candidates = present or (still_holding(covers, role, place) if covers else [])
    if not candidates:
        by, (present, covers) = "territory", _present(holders(role, place), on)
        candidates = present
    ranked = loads_of(candidates, role, on=on)
    by_id = {user.pk: user for user in candidates}
    return Choice(role, by_id[ranked[0].user_id] if ranked else None, by, cell, tuple(ranked))


def _present(users: list[User], on: date) -> tuple[list[User], list[User]]:
    """Return the users who are there on a day, and those who stand in for the others."""
    answering = covers_of(users, on)
    present = [user for user in users if answering[user.pk] == user]
    covers = {cover.pk: cover for user in users if (cover := answering[user.pk]) not in {None, user}}
    return present, list(covers.values())


def holders_of(case: Case) -> dict[Role, list[User]]:
    """Return who may be named for each role of a case. Causes one query a role."""
    place = Place(case.county_code, case.utility_id)
    return {role: holders(role, place) for role in COLUMNS}


def loads_of(users: Iterable[User], role: Role, *, on: date) -> list[Load]:
    """Return what each user has to do in a role, the least first. Causes one query, two with entered holidays."""
    ids = [user.pk for user in users]
    return loads(ids, _held(ids, COLUMNS[role], on=on), weights(on=on)) if ids else []


def weights(*, on: date) -> Weights:
    """Return the weights of the policy in force on a day.

    Raises NoRuling when the book has none.
    """
    book = current_book()
    classes = book.lookup("connection.assignment.class_weight", on=on, place=PROVINCE).value
    lamps = book.lookup("connection.assignment.lamp_weight", on=on, place=PROVINCE).value
    return Weights(
        {str(each["class"]): Decimal(str(each["weight"])) for each in classes},
        {str(each["lamp"]): Decimal(str(each["weight"])) for each in lamps},
    )


def _held(user_ids: list[int], column: Column, *, on: date) -> list[Held]:
    # What `case.rules.lamp` decides for one case, as SQL for all.
    soon = case_rules.due_soon_until(on, calendar())
    lamp = When(
        Then(next_due_date__lt=on, then=Value("overdue")),
        Then(next_due_date__lte=soon, then=Value("due_soon")),
        Then(Q(next_due_date=None) & ~Q(waiting_for="utility"), then=Value("waiting")),
        default=Value("on_track"),
        output_field=CharField(),
    )
    open_cases = Case.objects.filter(**{f"{column}__in": user_ids}, closed_at=None).annotate(lamp=lamp)
    rows = open_cases.values_list(column, "customer_class", "lamp").annotate(count=Count("pk")).order_by(column)
    return [Held(*row) for row in rows]
