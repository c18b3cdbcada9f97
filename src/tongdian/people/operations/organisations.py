"""Organisations, their units, and which utility supplies which county."""

from datetime import date

import pghistory
from django.db import IntegrityError, transaction

from tongdian.people.models import Organisation, SupplyArea, User
from tongdian.people.rules import Territory


class CodeTaken(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(f"an organisation with code {code!r} or its credit code exists; change that one")
        self.code = code


class WrongParent(ValueError):
    def __init__(self, code: str, parent: str, reason: str) -> None:
        super().__init__(f"{code!r} cannot be a unit of {parent!r}: {reason}")
        self.code, self.parent, self.reason = code, parent, reason


class NotAUtility(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is not a utility, or only a unit of one: supply areas belong to the utility itself")
        self.code = code


class AlreadySupplied(ValueError):
    def __init__(self, county_code: str, zone: int) -> None:
        super().__init__(f"zone {zone} of {county_code} has a utility within that period; end its supply area first")
        self.county_code, self.zone = county_code, zone


def create_organisation(
    *,
    code: str,
    kind: Organisation.Kind,
    name: str,
    territory_code: str,
    actor: User | None,
    reason: str,
    name_en: str = "",
    credit_code: str | None = None,
    parent: Organisation | None = None,
) -> Organisation:
    """Create an organisation, or a unit of one (a county company under its utility).

    Raises CodeTaken when code or credit code is in use; WrongParent when the parent is a unit itself or of another
    kind; InvalidTerritory when the territory is no division code.
    """
    territory = Territory(territory_code)
    if parent is not None and parent.parent_id is not None:
        raise WrongParent(code, parent.code, "it is a unit itself, and units have no units")
    if parent is not None and parent.kind != kind:
        raise WrongParent(code, parent.code, f"it is of kind {parent.kind}, not {kind}")
    try:
        with transaction.atomic(), _recorded(actor, reason):
            return Organisation.objects.create(
                code=code,
                kind=kind,
                name=name,
                name_en=name_en,
                credit_code=credit_code,
                territory_code=territory.code,
                parent=parent,
            )
    except IntegrityError as error:
        raise CodeTaken(code) from error


def add_supply_area(
    utility: Organisation,
    *,
    county_code: str,
    valid_from: date,
    actor: User | None,
    reason: str,
    valid_until: date | None = None,
    zone: int = 0,
    zone_name: str = "",
) -> SupplyArea:
    """Write down that a utility supplies a county, or a numbered zone of it, from a day until before another.

    Raises NotAUtility when the organisation is no utility of its own; AlreadySupplied when another supply area of the
    same zone overlaps; InvalidTerritory when the county is no division code.
    """
    if utility.kind != Organisation.Kind.UTILITY or utility.parent_id is not None:
        raise NotAUtility(utility.code)
    try:
        with transaction.atomic(), _recorded(actor, reason):
            return SupplyArea.objects.create(
                utility=utility,
                county_code=Territory(county_code).code,
                zone=zone,
                zone_name=zone_name,
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as error:
        if "supply_area_one_utility_at_a_time" not in str(error):
            raise
        raise AlreadySupplied(county_code, zone) from error


def end_supply_area(area: SupplyArea, *, valid_until: date, actor: User | None, reason: str) -> SupplyArea:
    """Let a supply area end before a day, as when another utility takes over.

    Raises ValueError when the day is not after its first.
    """
    if valid_until <= area.valid_from:
        raise ValueError(f"the supply area begins on {area.valid_from} and cannot end before {valid_until}")
    area.valid_until = valid_until
    with transaction.atomic(), _recorded(actor, reason):
        area.save(update_fields=["valid_until"])
    return area


def _recorded(actor: User | None, reason: str) -> "pghistory.context":
    return pghistory.context(actor=actor.pk if actor else None, reason=reason)
