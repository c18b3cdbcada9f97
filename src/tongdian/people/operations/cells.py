"""Enter and end service cells and their managers, one by one or from a list; every change is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pghistory
from django.db import IntegrityError, transaction

from tongdian.people.models import CellMember, Organisation, ServiceCell, User
from tongdian.people.queries.cells import Place, still_holding
from tongdian.people.rules import InvalidTerritory, Role, Territory


class CellNotPossible(ValueError):
    """`problem`: code, period, utility, ended, role, twice, user or cell."""

    def __init__(self, problem: str, explanation: str) -> None:
        super().__init__(explanation)
        self.problem = problem


def add_cell(
    utility: Organisation,
    *,
    code: str,
    name: str,
    county_code: str,
    valid_from: date,
    actor: User | None,
    reason: str,
    address_words: Sequence[str] = (),
    zones: Sequence[str] = (),
    valid_until: date | None = None,
) -> ServiceCell:
    """Enter a cell: a county of a utility, or the part of it with certain words in the address or in certain zones.

    Raises CellNotPossible when the utility is none of its own, the code is in use there, or the period is empty;
    InvalidTerritory when the county is no division code.
    """
    if utility.kind != Organisation.Kind.UTILITY or utility.parent_id is not None:
        raise CellNotPossible("utility", f"{utility.code!r} is no utility of its own: cells belong to the utility")
    if valid_until is not None and valid_until <= valid_from:
        raise CellNotPossible(
            "period", f"the cell would end before {valid_until}, not after its first day {valid_from}"
        )
    try:
        with transaction.atomic(), _recorded(actor, reason):
            return ServiceCell.objects.create(
                utility=utility,
                code=code,
                name=name,
                county_code=Territory(county_code).code,
                address_words=_clean(address_words),
                zones=_clean(zones),
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as error:
        raise CellNotPossible("code", f"{utility.code!r} has a cell {code!r} already") from error


def end_cell(cell: ServiceCell, *, valid_until: date, actor: User, reason: str) -> ServiceCell:
    """Let a cell and everybody in it end before a day.

    Raises CellNotPossible when it ends by then already or the day is not after its first.
    """
    with transaction.atomic(), _recorded(actor, reason):
        current = ServiceCell.objects.select_for_update().get(pk=cell.pk)
        _shorten(current, valid_until)
        for member in CellMember.objects.filter(cell=current).order_by("pk"):
            if member.valid_from >= valid_until:
                member.delete()
            elif member.valid_until is None or member.valid_until > valid_until:
                _shorten(member, valid_until)
    return current


def add_member(
    cell: ServiceCell,
    user: User,
    *,
    role: Role,
    valid_from: date,
    actor: User | None,
    reason: str,
    valid_until: date | None = None,
) -> CellMember:
    """Put a manager into a cell from a day on.

    Raises CellNotPossible when the role is no manager's, the user does not hold it in the cell's county and utility,
    the period is empty or outside the cell's, or the user is in the cell in that role already within it.
    """
    if role not in CellMember.Role.values:
        raise CellNotPossible("role", f"{role} is no role of a cell")
    if not still_holding([user], role, Place(cell.county_code, cell.utility_id)):
        raise CellNotPossible("user", f"{user.username!r} does not hold {role} in {cell.county_code}")
    _check_period(cell, valid_from, valid_until)
    try:
        with transaction.atomic(), _recorded(actor, reason):
            return CellMember.objects.create(
                cell=cell, user=user, role=role, valid_from=valid_from, valid_until=valid_until
            )
    except IntegrityError as error:
        raise CellNotPossible("twice", f"{user.username!r} is {role} of {cell.code!r} within that time") from error


def end_member(member: CellMember, *, valid_until: date, actor: User, reason: str) -> CellMember:
    """Let a manager leave a cell before a day; the row stays as the record of who looked after it when.

    Raises CellNotPossible when they have left by then already or the day is not after their first.
    """
    with transaction.atomic(), _recorded(actor, reason):
        current = CellMember.objects.select_for_update().get(pk=member.pk)
        _shorten(current, valid_until)
    return current


@dataclass(frozen=True)
class CellRow:
    """One line of a list of cells; `account_managers` and `project_managers` are user names."""

    code: str
    name: str
    county_code: str
    address_words: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    account_managers: tuple[str, ...] = ()
    project_managers: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowResult:
    """What became of a line: added (a new cell), joined (managers into a known cell), unchanged or refused."""

    line: int
    code: str
    outcome: str
    problem: str = ""
    explanation: str = ""


def import_cells(
    utility: Organisation, rows: Sequence[CellRow], *, valid_from: date, actor: User, reason: str
) -> list[RowResult]:
    """Enter a list of cells with their managers; each line stands or falls by itself, and its result says which.

    A line whose code is known adds the managers it names to that cell; nothing is ended or renamed.
    """
    return [
        _imported(utility, line, row, valid_from=valid_from, actor=actor, reason=reason)
        for line, row in enumerate(rows, start=1)
    ]


def _imported(
    utility: Organisation, line: int, row: CellRow, *, valid_from: date, actor: User, reason: str
) -> RowResult:
    written: dict[str, Any] = {"valid_from": valid_from, "actor": actor, "reason": reason}
    try:
        with transaction.atomic():
            known = ServiceCell.objects.filter(utility=utility, code=row.code).first()
            cell = known or add_cell(
                utility,
                code=row.code,
                name=row.name,
                county_code=row.county_code,
                address_words=row.address_words,
                zones=row.zones,
                **written,
            )
            start = max(valid_from, cell.valid_from)
            joined = sum(
                _join(cell, username, role, written | {"valid_from": start})
                for role, usernames in (
                    (Role.ACCOUNT_MANAGER, row.account_managers),
                    (Role.PROJECT_MANAGER, row.project_managers),
                )
                for username in usernames
            )
    except CellNotPossible as error:
        return RowResult(line, row.code, "refused", error.problem, str(error))
    except InvalidTerritory as error:
        return RowResult(line, row.code, "refused", "county", str(error))
    outcome = "joined" if joined else "unchanged"
    return RowResult(line, row.code, outcome if known else "added")


def _join(cell: ServiceCell, username: str, role: Role, written: dict[str, Any]) -> bool:
    user = User.objects.filter(username=username.lower()).first()
    if user is None:
        raise CellNotPossible("user", f"there is no account {username!r}")
    is_there = CellMember.objects.filter(cell=cell, user=user, role=role)
    if is_there.exclude(valid_until__lte=written["valid_from"]).exists():
        return False
    add_member(cell, user, role=role, **written)
    return True


def _check_period(cell: ServiceCell, valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise CellNotPossible("period", f"it would end before {valid_until}, not after {valid_from}")
    is_beyond = cell.valid_until is not None and (valid_until is None or valid_until > cell.valid_until)
    if valid_from < cell.valid_from or is_beyond:
        raise CellNotPossible("period", f"the cell holds from {cell.valid_from} until {cell.valid_until or 'further'}")


def _shorten(row: ServiceCell | CellMember, valid_until: date) -> None:
    if valid_until <= row.valid_from:
        raise CellNotPossible("period", f"it begins on {row.valid_from} and cannot end before {valid_until}")
    if row.valid_until is not None and row.valid_until <= valid_until:
        raise CellNotPossible("ended", f"it ends before {row.valid_until} already")
    row.valid_until = valid_until
    row.save(update_fields=["valid_until"])


def _clean(words: Sequence[str]) -> list[str]:
    return sorted({word.strip() for word in words if word.strip()})


def _recorded(actor: User | None, reason: str) -> "pghistory.context":
    return pghistory.context(actor=actor.pk if actor else None, reason=reason)
