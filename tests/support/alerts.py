"""Cases of alerts: a case with a deadline, the people around it, a sweep as of any day."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from support import people
from support.frame_cases import happen, new_case
from tongdian.case.models import Case
from tongdian.case.operations import frame
from tongdian.kernel.calendar import packaged_calendar
from tongdian.oversight.models import Reminder, Sweep
from tongdian.oversight.operations.sweeping import sweep
from tongdian.people.models import User
from tongdian.people.rules import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
COUNTY = "370102"
CALENDAR = packaged_calendar()


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return an hour of a day at the place where cases are judged."""
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


def running_case(assignee: User | None = None, **fields) -> Case:
    """Return a submitted case with a deadline, in somebody's hands or nobody's."""
    facts = {"utility": people.organisation("grid"), "county_code": COUNTY, "applicant": people.person()}
    case = new_case(**(facts | fields))
    happen(case, "application.submitted")
    if assignee:
        hand_over(case, assignee)
    return case


def hand_over(case: Case, assignee: User | None) -> None:
    frame.assign(
        case,
        assignee=assignee,
        actor=case.opened_by,
        channel="desk",
        expected_version=case.version,
        now=timezone.now(),
    )


def manager(**fields) -> User:
    """Return an account manager of the county and utility of these cases."""
    return people.staff(
        **({"role": Role.ACCOUNT_MANAGER, "at": people.organisation("grid"), "territory": COUNTY} | fields)
    )


def supervisor(role: Role = Role.SUPERVISOR_COUNTY, territory: str = COUNTY) -> User:
    return people.staff(role, at=people.organisation("bureau", "bureau"), territory=territory)


def swept(day: date, *, hour: int = 10) -> Sweep:
    """Sweep as of an hour of a day; the clock on the wall says the same."""
    return sweep(as_of=at(day, hour), now=at(day, hour))


def told(user: User, rule: str = "", **fields) -> list[Reminder]:
    """Return what a user was told, oldest first."""
    wanted = {"recipient": user} | ({"rule": rule} if rule else {}) | fields
    return list(Reminder.objects.filter(**wanted).order_by("id"))


def working_days_after(day: date, days: int) -> date:
    return CALENDAR.add(day, days).date
