from datetime import date

import pytest

from support import people
from tongdian.people.models import CellMember, ServiceCell, User
from tongdian.people.operations.cells import (
    CellNotPossible,
    CellRow,
    add_cell,
    add_member,
    end_cell,
    end_member,
    import_cells,
)
from tongdian.people.rules import InvalidTerritory, Role

pytestmark = pytest.mark.django_db
START, LATER = date(2026, 1, 1), date(2026, 6, 1)


def cell(code: str = "c-1", **changes) -> ServiceCell:
    wanted = {"name": "示例网格", "county_code": "370102", "valid_from": START, "actor": None, "reason": "test"}
    return add_cell(people.organisation(), code=code, **wanted | changes)


def manager(**fields) -> User:
    return people.staff(Role.ACCOUNT_MANAGER, **fields)


def member(of: ServiceCell, user: User, **changes) -> CellMember:
    wanted = {"role": Role.ACCOUNT_MANAGER, "valid_from": START, "actor": None, "reason": "test"}
    return add_member(of, user, **wanted | changes)


class TestAddCell:
    def test_keeps_words_once_and_in_order(self):
        assert cell(address_words=["乙路", " 甲路 ", "乙路", ""]).address_words == sorted(["甲路", "乙路"])

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [({"valid_until": START}, "period"), ({"code": "taken"}, "code")],
    )
    def test_is_refused(self, changes, problem):
        cell("taken")

        with pytest.raises(CellNotPossible) as refused:
            cell(**{"code": "c-2"} | changes)

        assert refused.value.problem == problem

    def test_is_refused_for_a_unit(self):
        unit = people.organisation("grid-unit", parent=people.organisation())

        with pytest.raises(CellNotPossible, match="utility of its own"):
            add_cell(unit, code="c", name="x", county_code="370102", valid_from=START, actor=None, reason="test")

    def test_is_refused_for_a_code_that_is_no_county(self):
        with pytest.raises(InvalidTerritory):
            cell(county_code="37")


class TestAddMember:
    @pytest.mark.parametrize(
        ("user", "changes", "problem"),
        [
            (manager, {"role": Role.PLANNER}, "role"),
            (people.staff, {}, "user"),
            (lambda: manager(territory="370103"), {}, "user"),
            (lambda: manager(at=people.organisation("other-grid")), {}, "user"),
            (manager, {"valid_until": START}, "period"),
            (manager, {"valid_from": date(2025, 1, 1)}, "period"),
        ],
    )
    def test_is_refused(self, user, changes, problem):
        with pytest.raises(CellNotPossible) as refused:
            member(cell(), user(), **changes)

        assert refused.value.problem == problem

    def test_is_refused_twice_within_one_time(self):
        here, user = cell(), manager()
        member(here, user, valid_until=LATER)

        assert member(here, user, valid_from=LATER).pk
        with pytest.raises(CellNotPossible) as refused:
            member(here, user)

        assert refused.value.problem == "twice"

    def test_is_refused_beyond_the_end_of_the_cell(self):
        with pytest.raises(CellNotPossible, match="the cell holds"):
            member(cell(valid_until=LATER), manager())


class TestEndMember:
    def test_is_refused_twice_and_before_the_start(self):
        gone = end_member(member(cell(), manager()), valid_until=LATER, actor=manager(), reason="test")

        with pytest.raises(CellNotPossible, match="already"):
            end_member(gone, valid_until=LATER, actor=manager(), reason="test")
        with pytest.raises(CellNotPossible, match="cannot end before"):
            end_member(gone, valid_until=START, actor=manager(), reason="test")


class TestEndCell:
    def test_takes_those_out_who_were_to_come(self):
        here = cell()
        present, coming = member(here, manager()), member(here, manager(), valid_from=date(2026, 9, 1))

        end_cell(here, valid_until=LATER, actor=manager(), reason="test")

        present.refresh_from_db()
        assert present.valid_until == LATER
        assert not CellMember.objects.filter(pk=coming.pk).exists()

    def test_is_refused_twice(self):
        ended = end_cell(cell(), valid_until=LATER, actor=manager(), reason="test")

        with pytest.raises(CellNotPossible, match="already"):
            end_cell(ended, valid_until=LATER, actor=manager(), reason="test")


class TestImportCells:
    def test_adds_members_to_a_cell_it_knows(self):
        known, first, second = cell("a"), manager(), manager()
        member(known, first)
        row = CellRow("a", "x", "370102", account_managers=(first.username, second.username.upper()))

        (result,) = import_cells(people.organisation(), [row], valid_from=LATER, actor=first, reason="test")

        assert result.outcome == "joined"
        assert {each.user for each in known.members.all()} == {first, second}

    def test_takes_nothing_of_a_line_that_is_refused(self):
        row = CellRow("b", "x", "370102", account_managers=(manager().username, "nobody"))

        (result,) = import_cells(people.organisation(), [row], valid_from=START, actor=manager(), reason="test")

        assert (result.outcome, result.problem) == ("refused", "user")
        assert not ServiceCell.objects.exists()
