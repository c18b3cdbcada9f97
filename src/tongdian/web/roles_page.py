"""Writes docs/reference/roles.md from the permission table, so that the page cannot lag behind it."""

from collections.abc import Iterator

from django.utils.translation import override

from tongdian.people.permissions import REACH_TITLES, ROLE_TITLES, TABLE, Permission, Reach
from tongdian.people.rules import CASE_ROLES, ORGANISATION_KINDS, STAFF_ROLES, UTILITY_ROLES, Role

INTRODUCTION = """\
# Roles and permissions

Written by `tongdian roles` from `tongdian.people.permissions`; a test compares the two. How permissions are enforced
stands in [permissions](../explanation/permissions.md).
"""


def render() -> str:
    """Return the page as Markdown."""
    return "\n".join([INTRODUCTION, *_roles(), "", *_reaches(), "", *_permissions(), ""])


def _roles() -> Iterator[str]:
    yield "## Roles\n"
    yield "| Role | Chinese | English | Account | Granted at | Bound to |"
    yield "|---|---|---|---|---|---|"
    for role in Role:
        kinds = ", ".join(sorted(ORGANISATION_KINDS.get(role, frozenset()))) or "–"
        yield f"| `{role}` | {_in('zh-hans', role)} | {_in('en', role)} | {_account(role)} | {kinds} | {_bound(role)} |"


def _reaches() -> Iterator[str]:
    yield "## Reach: which rows a permission opens\n"
    yield "| Reach | Chinese | English |"
    yield "|---|---|---|"
    for reach in Reach:
        yield f"| `{reach}` | {_title('zh-hans', REACH_TITLES[reach])} | {_title('en', REACH_TITLES[reach])} |"


def _permissions() -> Iterator[str]:
    yield "## Permissions\n"
    yield "| Permission | Chinese | English | Reach | Roles |"
    yield "|---|---|---|---|---|"
    for row in TABLE.values():
        titles = f"{_title('zh-hans', row.title)} | {_title('en', row.title)}"
        yield f"| `{row.name}` | {titles} | {row.reach} | {_holders(row)} |"


def _holders(row: Permission) -> str:
    if row.reach is Reach.PUBLIC:
        return "everyone"
    if row.roles == frozenset(Role):
        return "everyone signed in"
    return ", ".join(role for role in Role if role in row.roles)


def _account(role: Role) -> str:
    if role is Role.MACHINE:
        return "machine"
    return "staff: password and one-time code" if role in STAFF_ROLES else "public: phone code"


def _bound(role: Role) -> str:
    if role is Role.APPLICANT:
        return "own cases, implied by signing in"
    if role in CASE_ROLES:
        return "one named case"
    return "territory × utility" if role in UTILITY_ROLES else "territory"


def _in(language: str, role: Role) -> str:
    return _title(language, ROLE_TITLES[role])


def _title(language: str, title: object) -> str:
    with override(language):
        return str(title)
