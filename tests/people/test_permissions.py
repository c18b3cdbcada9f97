import pytest

from tongdian.people.models import Organisation
from tongdian.people.permissions import (
    REACH_TITLES,
    ROLE_TITLES,
    TABLE,
    Reach,
    UnknownPermission,
    permission,
)
from tongdian.people.rules import CASE_ROLES, ORGANISATION_KINDS, UTILITY_ROLES, Role


class TestPermission:
    def test_finds_a_row_by_its_name(self):
        assert permission("case.view").reach is Reach.TERRITORY

    def test_refuses_a_name_the_table_lacks(self):
        with pytest.raises(UnknownPermission, match=r"case\.everything"):
            permission("case.everything")


class TestTable:
    def test_titles_every_role_and_reach(self):
        assert set(ROLE_TITLES) == set(Role)
        assert set(REACH_TITLES) == set(Reach)

    def test_uses_only_kinds_of_organisations_that_exist(self):
        assert set().union(*ORGANISATION_KINDS.values()) <= set(Organisation.Kind.values)

    def test_gives_nobody_a_role_to_public_pages(self):
        assert TABLE["public"].roles == frozenset()

    @pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
    def test_gives_territory_only_to_roles_that_have_one(self, row):
        if row.reach is Reach.TERRITORY:
            assert not row.roles & (CASE_ROLES | {Role.APPLICANT, Role.ADMINISTRATOR})

    @pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
    def test_lets_machines_in_by_the_api_only(self, row):
        if Role.MACHINE in row.roles and row.roles != frozenset(Role):
            assert row.name.startswith("api.")

    @pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
    def test_keeps_staff_of_utilities_out_of_the_cases_of_the_public(self, row):
        if row.reach is Reach.OWN_CASE:
            assert not row.roles & UTILITY_ROLES
