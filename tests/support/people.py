"""People for tests: staff of two utilities, members of the public, a bureau."""

import itertools
from datetime import UTC, date, datetime
from uuid import UUID

from tongdian.people import operations
from tongdian.people.models import Organisation, TokenScope, User
from tongdian.people.operations.machines import open_machine
from tongdian.people.operations.tokens import issue_token
from tongdian.people.rules import Role

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def organisation(code: str = "grid", kind: str = "utility", **fields) -> Organisation:
    """Return the organisation of that code, creating it on first use."""
    known = Organisation.objects.filter(code=code).first()
    return known or operations.create_organisation(
        code=code,
        kind=Organisation.Kind(kind),
        name=f"示例单位 {code}",
        name_en=f"Example {code}",
        territory_code="370000",
        actor=None,
        reason="test",
        **fields,
    )


def supply(utility: Organisation, county_code: str, *, valid_from: date = date(2020, 1, 1), **fields) -> None:
    operations.add_supply_area(
        utility, county_code=county_code, valid_from=valid_from, actor=None, reason="test", **fields
    )


def staff(
    role: Role | None = Role.COUNTER_CLERK,
    *,
    at: Organisation | None = None,
    territory: str = "370102",
    case_id: UUID | None = None,
    password: str | None = None,
) -> User:
    """Return a new member of staff with one role, held since long ago."""
    at = at or organisation()
    user = operations.create_staff(username=f"staff{next(_numbers)}", password=password, organisation=at)
    if role is not None:
        give(user, role, at=at, territory=territory, case_id=case_id)
    return user


def person(phone: str | None = None) -> User:
    """Return the member of the public with that phone, or a new one."""
    number = phone or f"139{next(_numbers):08d}"
    return operations.person_for_phone(number, language="zh-hans", now=NOW)


def give(
    user: User,
    role: Role,
    *,
    at: Organisation | None,
    territory: str = "370102",
    case_id: UUID | None = None,
    since: datetime = LONG_AGO,
) -> None:
    operations.grant(
        user,
        role=role,
        organisation=at,
        territory_code=territory,
        case_id=case_id,
        actor=None,
        reason="test",
        now=since,
    )


def machine(*, at: Organisation | None = None, territory: str = "370102") -> User:
    """Return a new machine account that may read in a territory."""
    return open_machine(
        username=f"machine{next(_numbers)}",
        organisation=at or organisation(),
        territory_code=territory,
        actor=staff(Role.ADMINISTRATOR, at=at),
        now=LONG_AGO,
    )


def token(user: User, *scopes: TokenScope) -> str:
    """Return the secret of a new token of a machine account, for everything unless scopes are named."""
    _, secret = issue_token(
        user, name="test", scopes=scopes or TokenScope.values, expires_at=datetime(2100, 1, 1, tzinfo=UTC), by=user
    )
    return secret
