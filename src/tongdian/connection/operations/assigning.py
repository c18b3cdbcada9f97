"""Give a case its managers: at acceptance by cell and load, later by hand with a reason."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tongdian.case.models import Case, Event
from tongdian.case.operations import frame
from tongdian.case.queries.clock import local_date
from tongdian.connection.operations.acting import Acting, behalf
from tongdian.connection.queries.assigning import COLUMNS, Choice, choices, loads_of
from tongdian.connection.rules.assigning import told
from tongdian.people.models import ServiceCell, User
from tongdian.people.queries.absences import cover_of
from tongdian.people.queries.cells import Place, cell_at, still_holding
from tongdian.people.rules import Role


class NobodyThere(LookupError):
    """Nobody who could look after the case holds the role and is there."""

    def __init__(self, role: Role, county_code: str) -> None:
        super().__init__(f"nobody who holds {role} in {county_code} is there; grant the role or name somebody")
        self.role, self.county_code = role, county_code


class ManagerNotPossible(ValueError):
    """`problem`: role (they do not hold it there) or absent."""

    def __init__(self, user: User, problem: str) -> None:
        super().__init__(f"{user.username!r} cannot get the case: {problem}")
        self.user, self.problem = user, problem


@dataclass(frozen=True)
class Managers:
    """Who looks after a case, and what the choice rests on."""

    account: User
    project: User | None
    facts: dict[str, Any]


def choose_managers(
    case: Case, *, acting: Acting, account_manager: User | None, project_manager: User | None, reason: str
) -> Managers:
    """Choose the managers that are not named; inside the transaction that records them.

    The row of the cell is locked meanwhile, so that two cases at the same moment do not both go to the one with the
    least load.

    Raises NobodyThere when no account manager is found.
    """
    named = {Role.ACCOUNT_MANAGER: account_manager, Role.PROJECT_MANAGER: project_manager}
    open_roles = [role for role, user in named.items() if user is None]
    found = _found(case, open_roles, acting) if open_roles else {}
    chosen = {role: user or found[role].user for role, user in named.items()}
    account = chosen[Role.ACCOUNT_MANAGER]
    if account is None:
        raise NobodyThere(Role.ACCOUNT_MANAGER, case.county_code)
    by_hand = {"by": "staff", "reason": reason}
    facts = {
        str(role): {"user_id": user and user.pk, **(found[role].facts if role in found else by_hand)}
        for role, user in chosen.items()
    }
    return Managers(account, chosen[Role.PROJECT_MANAGER], facts)


def _found(case: Case, roles: list[Role], acting: Acting) -> dict[Role, Choice]:
    on = local_date(acting.now)
    cell = cell_at(Place(case.county_code, case.utility_id, case.address, case.zone), on)
    if cell:
        ServiceCell.objects.select_for_update(no_key=True, of=("self",)).get(pk=cell.pk)
    return choices(case, on=on, roles=roles)


def reassign(case: Case, *, role: Role, to: User, reason: str, acting: Acting) -> Event:
    """Hand a case to another account or project manager, with the reason and what both had to do.

    Raises ManagerNotPossible when they do not hold the role there or are away; AlreadyAssigned when nothing would
    change; and as `case.operations.record`.
    """
    on = local_date(acting.now)
    if not still_holding([to], role, Place(case.county_code, case.utility_id)):
        raise ManagerNotPossible(to, "role")
    if cover_of(to, on) != to:
        raise ManagerNotPossible(to, "absent")
    with transaction.atomic():
        before = getattr(frame.lock(case.pk, expected_version=acting.expected_version), COLUMNS[role])
        considered = loads_of([user for user in (before, to) if user], role, on=on)
        return frame.assign(
            case,
            assignee=to,
            column=COLUMNS[role],
            because={"by": "staff", "reason": reason, **told(considered), **behalf(acting)},
            actor=acting.actor,
            role=acting.role,
            channel=acting.channel,
            expected_version=acting.expected_version,
            now=acting.now,
        )
