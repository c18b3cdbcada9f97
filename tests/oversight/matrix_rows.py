"""Rows of the permission matrix for the inbox and for the alerts of a territory."""

from django.utils import timezone

from support import connections, people
from support.matrix import COLLEAGUE, OWNER, SIGNED_IN, Cast, Row
from tongdian.case.queries import installation_now
from tongdian.oversight.models import Reminder
from tongdian.oversight.operations.sweeping import sweep
from tongdian.people.rules import Role


def told() -> Cast:
    """An account manager told of a case nobody has, a colleague in another county, one of another utility."""
    walk = connections.submitted()
    sweep(as_of=installation_now(), now=timezone.now())
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.ACCOUNT_MANAGER, at=walk.case.utility, territory="370202"),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={
            "number": walk.case.number,
            "reminder": Reminder.objects.get(recipient=walk.manager, rule="waiting_unassigned"),
        },
    )


def watching() -> Cast:
    """A supervisor of the county of a case nobody has, one of the city above it, one of another city."""
    walk = connections.submitted()
    bureau = people.organisation("bureau", "bureau")
    return Cast(
        owner=people.staff(Role.SUPERVISOR_COUNTY, at=bureau, territory="370102"),
        colleague=people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370100"),
        stranger=people.staff(Role.SUPERVISOR_CITY, at=bureau, territory="370200"),
        things={"number": walk.case.number},
    )


def leading() -> Cast:
    """An account manager of a case's utility, a colleague there, one of another utility."""
    walk = connections.submitted()
    return Cast(
        owner=walk.manager,
        colleague=people.staff(Role.PROJECT_MANAGER, at=walk.case.utility),
        stranger=people.staff(Role.ACCOUNT_MANAGER, at=people.organisation("other-grid")),
        things={"number": walk.case.number},
    )


def applying() -> Cast:
    """Three members of the public, who have no office to watch from."""
    return Cast(people.person(), people.person(), people.person())


def _number(things) -> str:
    return things["number"]


def _county(things) -> str:
    return "历下区"


def _reminder(things) -> dict[str, object]:
    return {"reminder_id": things["reminder"].pk}


UNASSIGNED = "?rule=waiting_unassigned"
ROWS = [
    Row("notices", told, allowed=OWNER, kind="list", shows=_number),
    Row("notices", told, allowed=OWNER, kind="search", query="?show=open", shows=_number),
    Row("notices", applying, allowed=SIGNED_IN, kind="page"),
    Row("notice_read", told, allowed=OWNER, kind="form", method="post", kwargs=_reminder),
    Row("notices_read", told, allowed=SIGNED_IN, kind="form", method="post"),
    Row("notice_preferences", told, allowed=SIGNED_IN, kind="form"),
    Row("alerts", watching, allowed=OWNER | COLLEAGUE, kind="count", shows=_county),
    Row("alerts", watching, allowed=OWNER | COLLEAGUE, kind="export", query="?format=xlsx", shows=_county),
    Row("alerts", watching, allowed=OWNER | COLLEAGUE, kind="file", query="?format=csv", shows=_county),
    Row("alerts", leading, allowed=OWNER | COLLEAGUE, kind="count", shows=_county),
    Row("alerts", applying, allowed=set(), kind="page"),
    Row("alert_cases", watching, allowed=OWNER | COLLEAGUE, kind="list", query=UNASSIGNED, shows=_number),
    Row("alert_cases", leading, allowed=OWNER | COLLEAGUE, kind="list", query=UNASSIGNED, shows=_number),
    Row(
        "alert_cases",
        watching,
        allowed=OWNER | COLLEAGUE,
        kind="export",
        query=f"{UNASSIGNED}&format=xlsx",
        shows=_number,
    ),
    Row("alert_cases", applying, allowed=set(), kind="page"),
]
