"""Roles, what each is bound to, territories as code subtrees, phone numbers."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in a case, an organisation or a territory."""

    APPLICANT = "applicant"
    AGENT = "agent"
    COUNTER_CLERK = "counter_clerk"
    ACCOUNT_MANAGER = "account_manager"
    PROJECT_MANAGER = "project_manager"
    DESIGNER_BUILDER = "designer_builder"
    PLANNER = "planner"
    DISPATCHER = "dispatcher"
    OUTAGE_PLANNER = "outage_planner"
    CREW = "crew"
    AGENCY_OFFICER = "agency_officer"
    SUPERVISOR_COUNTY = "supervisor_county"
    SUPERVISOR_CITY = "supervisor_city"
    SUPERVISOR_PROVINCE = "supervisor_province"
    REGULATOR = "regulator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    MACHINE = "machine"


# Their grants reach only what belongs to the utility of the grant's organisation, besides the territory.
UTILITY_ROLES = frozenset(
    {
        Role.COUNTER_CLERK,
        Role.ACCOUNT_MANAGER,
        Role.PROJECT_MANAGER,
        Role.PLANNER,
        Role.DISPATCHER,
        Role.OUTAGE_PLANNER,
        Role.CREW,
    }
)
# Never granted for a territory, only to a person of the public for one named case.
CASE_ROLES = frozenset({Role.AGENT, Role.DESIGNER_BUILDER})
# Held by accounts of staff, who sign in by password and one-time password.
STAFF_ROLES = frozenset(Role) - CASE_ROLES - {Role.APPLICANT, Role.MACHINE}
# What staff may lend to a colleague for a time; who gives rights or checks others is named in person.
LENDABLE_ROLES = STAFF_ROLES - {Role.ADMINISTRATOR, Role.AUDITOR}

ORGANISATION_KINDS: dict[Role, frozenset[str]] = {
    **dict.fromkeys(UTILITY_ROLES, frozenset({"utility"})),
    Role.AGENT: frozenset({"firm", "contractor"}),
    Role.DESIGNER_BUILDER: frozenset({"contractor"}),
    Role.AGENCY_OFFICER: frozenset({"agency"}),
    Role.SUPERVISOR_COUNTY: frozenset({"bureau"}),
    Role.SUPERVISOR_CITY: frozenset({"bureau"}),
    Role.SUPERVISOR_PROVINCE: frozenset({"bureau"}),
    Role.REGULATOR: frozenset({"regulator"}),
    Role.AUDITOR: frozenset({"bureau", "regulator"}),
    Role.ADMINISTRATOR: frozenset({"utility", "agency", "bureau", "regulator"}),
    Role.MACHINE: frozenset({"utility", "agency", "bureau", "contractor", "regulator"}),
}


class InvalidTerritory(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(f"territory {code!r} is not a division code of six digits, such as 370000, 370100 or 370102")
        self.code = code


class InvalidPhone(ValueError):
    def __init__(self, digits: int) -> None:
        # The number itself is personal data and stays out of logs.
        super().__init__(f"a mobile number has 11 digits and begins with 13 to 19; got {digits} digits")
        self.digits = digits


@dataclass(frozen=True)
class Territory:
    """A division and everything below it; division codes nest by their digits, two per level."""

    code: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[1-9]\d{5}", self.code):
            raise InvalidTerritory(self.code)

    @property
    def prefix(self) -> str:
        """The digits every code inside the territory begins with."""
        if self.code.endswith("0000"):
            return self.code[:2]
        return self.code[:4] if self.code.endswith("00") else self.code

    def covers(self, code: str) -> bool:
        return code.startswith(self.prefix)


def normalise_phone(text: str) -> str:
    """Return a mainland mobile number as its 11 digits, without country code, blanks or dashes.

    Raises InvalidPhone when what remains is not a mobile number.
    """
    digits = re.sub(r"[\s()\-]", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=1)", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise InvalidPhone(len(digits))
    return digits
