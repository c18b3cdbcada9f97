from datetime import date, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from support import people
from tongdian.people import operations, queries
from tongdian.people.models import Grant, SupplyArea, User
from tongdian.people.permissions import UnknownPermission
from tongdian.people.queries import NoUtility, Scope, ScopeNeedsField, scope, utility_for
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db
CASE = UUID(int=7)


def areas(reached: Scope, **fields: str) -> list[str]:
    """Filter supply areas as if they were cases: they have a county and a utility."""
    named = {"county": "county_code", "utility": "utility"} | fields
    return sorted(reached.filter(SupplyArea.objects.all(), **named).values_list("county_code", flat=True))


@pytest.fixture
def grid():
    return people.organisation("grid")


@pytest.fixture
def county_company(grid):
    return people.organisation("grid-lixia", parent=grid)


@pytest.fixture(autouse=True)
def supplied(grid):
    for county in ("370102", "370103", "370202"):
        people.supply(grid, county)
    people.supply(people.organisation("park"), "370105")
    people.supply(people.organisation("other"), "410102")


class TestScopeOfTerritory:
    @pytest.mark.parametrize(
        ("territory", "reached"),
        [
            ("370102", ["370102"]),
            ("370100", ["370102", "370103"]),
            ("370000", ["370102", "370103", "370202"]),
        ],
    )
    def test_is_territory_and_utility(self, grid, territory, reached):
        assert areas(scope(people.staff(at=grid, territory=territory), "case.view")) == reached

    def test_counts_a_unit_as_its_utility(self, county_company):
        assert areas(scope(people.staff(at=county_company, territory="370100"), "case.view")) == ["370102", "370103"]

    def test_is_the_territory_alone_for_supervisors(self):
        bureau = people.organisation("bureau", "bureau")
        supervisor = people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370100")

        assert areas(scope(supervisor, "case.view")) == ["370102", "370103", "370105"]

    def test_joins_several_grants(self, grid):
        clerk = people.staff(at=grid, territory="370102")
        people.give(clerk, Role.COUNTER_CLERK, at=grid, territory="370202")

        assert areas(scope(clerk, "case.view")) == ["370102", "370202"]

    def test_is_nothing_for_a_role_without_the_permission(self, grid):
        crew = people.staff(Role.CREW, at=grid, territory="370000")

        assert areas(scope(crew, "case.view")) == []
        assert not scope(crew, "case.view").is_allowed

    @pytest.mark.parametrize("user", [AnonymousUser, people.person], ids=["anonymous", "public"])
    def test_is_nothing_without_a_grant(self, user):
        assert areas(scope(user(), "case.view")) == []

    def test_skips_a_grant_for_one_case_unless_the_case_field_is_named(self, grid):
        user = people.staff(None, at=grid)
        people.give(user, Role.ACCOUNT_MANAGER, at=grid, territory="370000", case_id=CASE)

        assert areas(scope(user, "case.view")) == []

    def test_is_that_one_case_when_the_case_field_is_named(self, grid):
        user = people.staff(None, at=grid)
        people.give(user, Role.ACCOUNT_MANAGER, at=grid, territory="370000", case_id=CASE)
        people.give(people.staff(None, at=grid), Role.ACCOUNT_MANAGER, at=grid, territory="370000", case_id=UUID(int=8))

        # Grants stand in for cases: they have a county-like code, a utility and a case id.
        found = scope(user, "case.view").filter(
            Grant.objects.all(), county="territory_code", utility="organisation", case="case_id"
        )

        assert [grant.case_id for grant in found] == [CASE]

    @pytest.mark.parametrize(
        ("fields", "missing"), [({"utility": "utility"}, "county"), ({"county": "county_code"}, "utility")]
    )
    def test_insists_on_the_fields_it_depends_on(self, grid, fields, missing):
        reached = scope(people.staff(at=grid), "case.view")

        with pytest.raises(ScopeNeedsField, match=missing):
            reached.filter(SupplyArea.objects.all(), **fields)

    @pytest.mark.parametrize(
        ("county", "case_id", "decision"), [("370102", None, True), ("370202", None, False), ("410102", None, False)]
    )
    def test_decides_a_row_in_memory_like_the_query(self, grid, county, case_id, decision):
        reached = scope(people.staff(at=grid, territory="370100"), "case.view")

        assert reached.reaches(county=county, utility_id=grid.pk, case_id=case_id) is decision

    def test_does_not_reach_a_row_of_another_utility_in_memory(self, grid):
        reached = scope(people.staff(at=grid, territory="370100"), "case.view")

        assert not reached.reaches(county="370102", utility_id=people.organisation("other").pk)

    def test_decides_in_memory_only_about_territory(self):
        with pytest.raises(ScopeNeedsField):
            scope(people.person(), "own_case.view").reaches(county="370102", utility_id=1)


class TestScopeOfOwnCase:
    def test_is_what_one_owns(self):
        clerk, stranger = people.staff(), people.person()

        # Grants stand in for cases: they have an owner and a case id.
        assert [grant.user for grant in scope(clerk, "own_case.view").filter(Grant.objects.all(), owner="user")] == [
            clerk
        ]
        assert list(scope(stranger, "own_case.view").filter(Grant.objects.all(), owner="user")) == []

    def test_adds_the_cases_one_is_invited_to(self):
        contractor = people.organisation("builder", "contractor")
        invited, agent = people.person(), people.person()
        people.give(invited, Role.DESIGNER_BUILDER, at=contractor, case_id=CASE)
        people.give(agent, Role.AGENT, at=None, case_id=CASE)
        people.give(agent, Role.AGENT, at=None, case_id=UUID(int=8))

        found = scope(invited, "own_case.view").filter(Grant.objects.all(), owner="user", case="case_id")

        assert [(grant.user, grant.case_id) for grant in found.order_by("id")] == [(invited, CASE), (agent, CASE)]

    def test_does_not_let_the_invited_withdraw(self):
        contractor = people.organisation("builder", "contractor")
        invited, agent = people.person(), people.person()
        people.give(invited, Role.DESIGNER_BUILDER, at=contractor, case_id=CASE)
        people.give(agent, Role.AGENT, at=None, case_id=CASE)

        found = scope(invited, "own_case.withdraw").filter(
            Grant.objects.exclude(user=invited), owner="user", case="case_id"
        )

        assert list(found) == []

    def test_insists_on_the_owner(self):
        with pytest.raises(ScopeNeedsField, match="owner"):
            scope(people.person(), "own_case.view").filter(Grant.objects.all(), case="case_id")

    def test_is_nothing_for_the_anonymous(self):
        assert list(scope(AnonymousUser(), "own_case.view").filter(Grant.objects.all(), owner="user")) == []


class TestScopeOfOrganisation:
    def test_is_the_organisation_with_its_units(self, grid, county_company):
        administrator = people.staff(Role.ADMINISTRATOR, at=county_company)
        inside = people.staff(at=county_company)
        people.staff(at=people.organisation("park"))

        found = scope(administrator, "grant.manage").filter(User.objects.all(), organisation="organisation")

        assert set(found) == {administrator, inside}

    def test_insists_on_the_organisation(self, grid):
        with pytest.raises(ScopeNeedsField, match="organisation"):
            scope(people.staff(Role.ADMINISTRATOR, at=grid), "grant.manage").filter(User.objects.all())


class TestScope:
    def test_refuses_an_unknown_permission(self):
        with pytest.raises(UnknownPermission):
            scope(people.person(), "no.such")

    def test_leaves_public_rows_alone(self):
        assert areas(scope(AnonymousUser(), "public")) == ["370102", "370103", "370105", "370202", "410102"]

    def test_costs_one_query_per_user_however_often_it_is_asked(self, grid, django_assert_num_queries):
        clerk = User.objects.get(pk=people.staff(at=grid).pk)

        with django_assert_num_queries(1):
            for name in ("case.view", "case.work", "case.export", "own_case.view"):
                scope(clerk, name)

    def test_adds_no_query_of_its_own(self, grid, django_assert_num_queries):
        reached = scope(people.staff(at=grid), "case.view")

        with django_assert_num_queries(1):
            areas(reached)

    @pytest.mark.parametrize(
        ("valid_from", "valid_until", "is_allowed"),
        [(-2, None, True), (-2, 1, True), (-2, -1, False), (1, None, False), (1, 2, False)],
    )
    def test_counts_only_grants_in_force(self, grid, valid_from, valid_until, is_allowed):
        clerk = people.staff(at=grid)
        now = timezone.now()
        Grant.objects.filter(user=clerk).update(
            valid_from=now + timedelta(hours=valid_from),
            valid_until=None if valid_until is None else now + timedelta(hours=valid_until),
        )

        assert scope(User.objects.get(pk=clerk.pk), "case.view").is_allowed is is_allowed

    def test_is_nothing_for_a_closed_account(self, grid):
        clerk = people.staff(at=grid)
        operations.deactivate(clerk)

        assert not scope(clerk, "case.view").is_allowed

    def test_is_nothing_for_a_closed_organisation(self, grid):
        clerk = people.staff(at=grid)
        grid.is_active = False
        grid.save()

        assert not scope(User.objects.get(pk=clerk.pk), "case.view").is_allowed

    def test_keeps_an_agent_without_an_organisation(self):
        agent = people.person()
        people.give(agent, Role.AGENT, at=None, case_id=CASE)

        assert [right.role for right in queries.rights(agent)] == [Role.AGENT]


class TestUtilityFor:
    @pytest.mark.parametrize(
        ("on", "code"),
        [(date(2025, 12, 31), "grid"), (date(2026, 1, 1), "park"), (date(2026, 6, 1), "park")],
        ids=["day before", "day of", "after"],
    )
    def test_follows_a_takeover_from_its_first_day(self, on, code):
        area = SupplyArea.objects.get(county_code="370102")
        operations.end_supply_area(area, valid_until=date(2026, 1, 1), actor=None, reason="takeover")
        people.supply(people.organisation("park"), "370102", valid_from=date(2026, 1, 1))

        assert utility_for("370102", on).code == code

    def test_knows_a_zone_of_its_own(self):
        people.supply(people.organisation("park"), "370102", zone=1, zone_name="示例园区")

        assert utility_for("370102", date(2026, 1, 1), zone=1).code == "park"
        assert utility_for("370102", date(2026, 1, 1)).code == "grid"

    @pytest.mark.parametrize(
        ("county", "on"), [("370199", date(2026, 1, 1)), ("370102", date(2019, 12, 31))], ids=["no county", "too early"]
    )
    def test_refuses_where_nobody_supplies(self, county, on):
        with pytest.raises(NoUtility) as caught:
            utility_for(county, on)

        assert (caught.value.county_code, caught.value.on) == (county, on)
