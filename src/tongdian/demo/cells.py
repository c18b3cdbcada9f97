"""Divide the demonstration's counties into service cells, one each, with the managers who look after them."""

from collections.abc import Iterable
from datetime import date

from tongdian.kernel.divisions import Division
from tongdian.people.models import Organisation, User
from tongdian.people.operations.cells import add_cell, add_member
from tongdian.people.rules import Role

REASON = "演示"


def enter_cells(
    utility: Organisation, counties: Iterable[Division], *, manager: User, inspector: User, valid_from: date
) -> None:
    """Make a cell of every county for an account and a project manager who hold their roles there."""
    for county in counties:
        cell = add_cell(
            utility,
            code=f"{county.code}-01",
            name=f"{county.name_zh}网格",
            county_code=county.code,
            valid_from=valid_from,
            actor=None,
            reason=REASON,
        )
        for role, user in ((Role.ACCOUNT_MANAGER, manager), (Role.PROJECT_MANAGER, inspector)):
            add_member(cell, user, role=role, valid_from=valid_from, actor=None, reason=REASON)
