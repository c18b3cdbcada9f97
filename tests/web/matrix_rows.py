"""Rows of the permission matrix for the pages of web."""

from support import people
from support.matrix import COLLEAGUE, EVERYONE, OWNER, Cast, Row
from tongdian.people.rules import Role


def anyone() -> Cast:
    return Cast(people.staff(), people.staff(), people.person())


def hotline(things) -> dict[str, str]:
    return {"rule_id": "hotline.supply"}


def administrators() -> Cast:
    """Two administrators and a clerk."""
    return Cast(people.staff(Role.ADMINISTRATOR), people.staff(Role.ADMINISTRATOR), people.staff())


ROWS = [
    Row("health", administrators, allowed=OWNER | COLLEAGUE),
    Row("health_live", anyone, allowed=EVERYONE),
    Row("health_ready", anyone, allowed=EVERYONE),
    Row("home", anyone, allowed=EVERYONE),
    Row("set_language", anyone, allowed=EVERYONE, method="post", data={"language": "en"}),
    Row("set_type_size", anyone, allowed=EVERYONE, method="post", data={"size": "large"}),
    Row("gallery", anyone, allowed=EVERYONE),
    Row("policy", anyone, allowed=EVERYONE, kind="list"),
    Row("policy_rule", anyone, allowed=EVERYONE, kind="detail", kwargs=lambda things: {"rule_id": "hotline.supply"}),
    Row("api_reference", anyone, allowed=EVERYONE),
    Row("api_description", anyone, allowed=EVERYONE, kind="file"),
    Row("api_policy", anyone, allowed=EVERYONE, kind="list"),
    Row("api_policy", anyone, allowed=EVERYONE, kind="search", query="?matter=hotline"),
    Row("api_policy_rule", anyone, allowed=EVERYONE, kind="detail", kwargs=hotline, query="?on=2026-03-02"),
    Row("api_policy_history", anyone, allowed=EVERYONE, kind="list", kwargs=hotline),
]
