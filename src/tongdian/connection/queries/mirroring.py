"""Read what is mirrored: the cases about to be late, their place in the other system, conflicts, unread records."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from tongdian.case.models import Case
from tongdian.case.queries.cases import cases_for
from tongdian.connection.models import MirroredCase, SourceConflict, SourceRecord, SourceSystem
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.models import Organisation, User
from tongdian.people.queries import scope
from tongdian.policy import current_book

MIRROR = "mirrored_connection"


@dataclass(frozen=True)
class ShadowFigures:
    """How many mirrored cases are open, will be late within the days looked ahead, are late now, contradict."""

    open: int
    breaching: int
    late: int
    conflicts: int


def ahead(today: date, calendar: WorkingCalendar) -> date:
    """Return the last day looked ahead to, by the policy book."""
    days = int(current_book().lookup("integration.shadow.ahead", on=today).value)
    return calendar.add(today, days).date


def mirrored_cases(user: User, *, permission: str = "source.view") -> QuerySet[Case]:
    """Return the mirrored cases in reach, the least time left first, with their utility loaded."""
    reached = cases_for(user, permission).filter(kind=MIRROR)
    return reached.select_related("utility").order_by("next_due_date", "opened_at", "pk")


def breaching(cases: QuerySet[Case], *, until: date) -> QuerySet[Case]:
    """Narrow cases to those whose stage that runs is due by a day, late ones included."""
    return cases.filter(closed_at=None, next_due_date__lte=until)


def shadow_figures(user: User, *, today: date, until: date) -> ShadowFigures:
    """Count what the page shows first. Causes two queries besides the grants."""
    due = Q(closed_at=None, next_due_date__isnull=False)
    counted = mirrored_cases(user).aggregate(
        open=Count("pk", filter=Q(closed_at=None)),
        breaching=Count("pk", filter=due & Q(next_due_date__range=(today, until))),
        late=Count("pk", filter=due & Q(next_due_date__lt=today)),
    )
    return ShadowFigures(**counted, conflicts=conflicts_for(user).count())


def conflicts_for(user: User) -> QuerySet[SourceConflict]:
    """Return the open conflicts of mirrored cases in reach, newest first."""
    reached = mirrored_cases(user).order_by().values("pk")
    wanted = SourceConflict.objects.filter(resolved_at=None, case__in=reached)
    return wanted.select_related("case", "system").order_by("-id")


def conflicts_of(case: Case) -> list[SourceConflict]:
    """Return every conflict of a case, open ones first. Causes one query."""
    wanted = SourceConflict.objects.filter(case=case).select_related("system", "resolved_by")
    return sorted(wanted, key=lambda each: (each.resolved_at is not None, -each.pk))


def mirrored(case: Case) -> MirroredCase:
    """Return where a mirrored case stands in its system.

    Raises MirroredCase.DoesNotExist for a case that is not mirrored.
    """
    return MirroredCase.objects.select_related("system").get(pk=case.pk)


def systems_for(user: User) -> QuerySet[SourceSystem]:
    """Return the systems of the organisations a user administers, with how many records could not be read."""
    reached = scope(user, "source.manage").filter(SourceSystem.objects.all(), organisation="utility")
    return reached.select_related("utility").annotate(
        mirrored=Count("cases", distinct=True),
        refused=Count("records", filter=Q(records__state="refused"), distinct=True),
    )


def refused_records(system: SourceSystem) -> QuerySet[SourceRecord]:
    """Return the records of a system that could not be read, newest first."""
    return SourceRecord.objects.filter(system=system, state=SourceRecord.State.REFUSED).order_by("-id")


def active_systems() -> list[int]:
    """Return the ids of the systems to be read. Causes one query."""
    return list(SourceSystem.objects.filter(is_active=True).order_by("id").values_list("id", flat=True))


class NoUtilityOfCode(LookupError):
    def __init__(self, code: str) -> None:
        super().__init__(f"no utility has the code {code!r}")
        self.code = code


class NoSourceSystem(LookupError):
    def __init__(self, code: str) -> None:
        super().__init__(f"no source system {code!r}; list them with `tongdian source list`")
        self.code = code


def utility_of(code: str) -> Organisation:
    """Return the utility of a code.

    Raises NoUtilityOfCode.
    """
    found = Organisation.objects.filter(code=code, kind=Organisation.Kind.UTILITY).first()
    if found is None:
        raise NoUtilityOfCode(code)
    return found


def system_of(code: str) -> SourceSystem:
    """Return the system of a code.

    Raises NoSourceSystem.
    """
    found = SourceSystem.objects.filter(code=code).first()
    if found is None:
        raise NoSourceSystem(code)
    return found


def every_system() -> list[SourceSystem]:
    """List all systems by code. Causes one query."""
    return list(SourceSystem.objects.order_by("code"))
