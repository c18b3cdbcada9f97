from datetime import date

import pytest
from django.db import IntegrityError, transaction

from support import people
from tongdian.people import operations
from tongdian.people.models import Organisation, SupplyArea
from tongdian.people.rules import InvalidTerritory

pytestmark = pytest.mark.django_db


def create(code: str = "grid", **changes) -> Organisation:
    wanted = {
        "code": code,
        "kind": Organisation.Kind.UTILITY,
        "name": "示例供电公司",
        "territory_code": "370000",
        "actor": None,
        "reason": "set-up",
    }
    return operations.create_organisation(**wanted | changes)


class TestCreateOrganisation:
    def test_keeps_its_history_with_the_reason(self):
        assert create().events.get().pgh_context.metadata == {"actor": None, "reason": "set-up"}

    def test_makes_a_unit_that_counts_as_its_parent(self):
        grid = create()

        unit = create("grid-lixia", parent=grid, territory_code="370102")

        assert (unit.top_id, grid.top_id) == (grid.pk, grid.pk)

    def test_refuses_a_code_in_use(self):
        create()

        with pytest.raises(operations.CodeTaken, match="grid"):
            create()

    def test_refuses_a_unit_of_a_unit(self):
        unit = create("unit", parent=create())

        with pytest.raises(operations.WrongParent, match="units have no units"):
            create("below", parent=unit)

    def test_refuses_a_parent_of_another_kind(self):
        with pytest.raises(operations.WrongParent, match="kind bureau"):
            create("unit", parent=create("bureau", kind=Organisation.Kind.BUREAU))

    def test_refuses_a_place_that_is_no_division(self):
        with pytest.raises(InvalidTerritory):
            create(territory_code="37")


class TestAddSupplyArea:
    @pytest.mark.parametrize(
        ("valid_from", "valid_until", "is_free"),
        [
            (date(2020, 1, 1), date(2021, 1, 1), True),
            (date(2020, 1, 1), date(2021, 1, 2), False),
            (date(2023, 1, 1), None, True),
            (date(2022, 12, 31), None, False),
            (date(2021, 6, 1), date(2021, 7, 1), False),
        ],
        ids=["until the day it begins", "one day too long", "from the day it ends", "one day early", "within"],
    )
    def test_allows_one_utility_at_a_time(self, valid_from, valid_until, is_free):
        people.supply(create(), "370102", valid_from=date(2021, 1, 1), valid_until=date(2023, 1, 1))
        other = create("other")

        if is_free:
            people.supply(other, "370102", valid_from=valid_from, valid_until=valid_until)
        else:
            with pytest.raises(operations.AlreadySupplied, match="370102"):
                people.supply(other, "370102", valid_from=valid_from, valid_until=valid_until)

    def test_allows_other_counties_and_zones_at_the_same_time(self):
        grid = create()
        people.supply(grid, "370102")

        people.supply(grid, "370103")
        people.supply(create("park"), "370102", zone=1)

        assert SupplyArea.objects.count() == 3

    @pytest.mark.parametrize("kind", ["unit", "bureau"])
    def test_refuses_who_is_no_utility_of_its_own(self, kind):
        wrong = create("unit", parent=create()) if kind == "unit" else create("b", kind=Organisation.Kind.BUREAU)

        with pytest.raises(operations.NotAUtility):
            people.supply(wrong, "370102")

    def test_refuses_a_county_that_is_no_division(self):
        with pytest.raises(InvalidTerritory):
            people.supply(create(), "37")

    def test_reports_other_broken_rules_as_they_are(self):
        with pytest.raises(IntegrityError, match="supply_area_period_not_empty"), transaction.atomic():
            people.supply(create(), "370102", valid_from=date(2021, 1, 1), valid_until=date(2021, 1, 1))


class TestEndSupplyArea:
    def test_ends_before_the_day(self):
        people.supply(create(), "370102")

        area = operations.end_supply_area(
            SupplyArea.objects.get(), valid_until=date(2026, 1, 1), actor=None, reason="takeover"
        )

        assert area.valid_until == date(2026, 1, 1)

    def test_refuses_a_day_not_after_the_first(self):
        people.supply(create(), "370102", valid_from=date(2021, 1, 1))

        with pytest.raises(ValueError, match="cannot end before"):
            operations.end_supply_area(
                SupplyArea.objects.get(), valid_until=date(2021, 1, 1), actor=None, reason="mistake"
            )
