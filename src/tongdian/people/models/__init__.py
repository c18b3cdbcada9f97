"""Users, organisations, supply areas and grants."""

from tongdian.people.models.accounts import PhoneCode, User
from tongdian.people.models.grants import Grant
from tongdian.people.models.history import tracked
from tongdian.people.models.organisations import DateRange, NumberRange, Organisation, SupplyArea
from tongdian.people.models.tokens import AccessToken, TokenScope, TokenUse

__all__ = [
    "AccessToken",
    "DateRange",
    "Grant",
    "NumberRange",
    "Organisation",
    "PhoneCode",
    "SupplyArea",
    "TokenScope",
    "TokenUse",
    "User",
    "tracked",
]
