"""Users, organisations, supply areas, service cells, grants, and who stands in for whom."""

from tongdian.people.models.absences import Absence, Cover, Delegation
from tongdian.people.models.accounts import PhoneCode, User
from tongdian.people.models.cells import CellMember, ServiceCell
from tongdian.people.models.grants import Grant
from tongdian.people.models.history import tracked
from tongdian.people.models.organisations import DateRange, NumberRange, Organisation, SupplyArea
from tongdian.people.models.tokens import AccessToken, TokenScope, TokenUse

__all__ = [
    "Absence",
    "AccessToken",
    "CellMember",
    "Cover",
    "DateRange",
    "Delegation",
    "Grant",
    "NumberRange",
    "Organisation",
    "PhoneCode",
    "ServiceCell",
    "SupplyArea",
    "TokenScope",
    "TokenUse",
    "User",
    "tracked",
]
