"""Writes: accounts, phone codes, grants, organisations and supply areas."""

from tongdian.people.operations.absences import AbsenceNotPossible, CoverNotPossible, end_absence, enter_absence
from tongdian.people.operations.accounts import (
    PREFERENCES,
    NotAPerson,
    PhoneTaken,
    UsernameTaken,
    change_password,
    create_machine,
    create_staff,
    deactivate,
    person_for_phone,
    person_known_by,
    set_phone,
    set_preferences,
)
from tongdian.people.operations.authenticators import reseal_authenticators
from tongdian.people.operations.codes import CodeBurned, WrongCode, confirm_code, forget_codes, issue_code
from tongdian.people.operations.delegations import DelegationNotPossible, delegate, revoke_delegation
from tongdian.people.operations.grants import GrantNotPossible, grant, revoke
from tongdian.people.operations.organisations import (
    AlreadySupplied,
    CodeTaken,
    NotAUtility,
    WrongParent,
    add_supply_area,
    create_organisation,
    end_supply_area,
)

__all__ = [
    "PREFERENCES",
    "AbsenceNotPossible",
    "AlreadySupplied",
    "CodeBurned",
    "CodeTaken",
    "CoverNotPossible",
    "DelegationNotPossible",
    "GrantNotPossible",
    "NotAPerson",
    "NotAUtility",
    "PhoneTaken",
    "UsernameTaken",
    "WrongCode",
    "WrongParent",
    "add_supply_area",
    "change_password",
    "confirm_code",
    "create_machine",
    "create_organisation",
    "create_staff",
    "deactivate",
    "delegate",
    "end_absence",
    "end_supply_area",
    "enter_absence",
    "forget_codes",
    "grant",
    "issue_code",
    "person_for_phone",
    "person_known_by",
    "reseal_authenticators",
    "revoke",
    "revoke_delegation",
    "set_phone",
    "set_preferences",
]
