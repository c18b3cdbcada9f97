"""Read the team's board: what everybody has to do, and what is most urgent at each stage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from django.db.models import Case as Choose
from django.db.models import CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from tongdian.case.models import Case
from tongdian.case.queries.cases import MANAGERS, cases_for
from tongdian.case.rules import Lamp, due_soon_until
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.models import Organisation, User

Grouping = Literal["assignee", "project_manager", "county_code", "city", "utility"]
LAMPS: tuple[Lamp, ...] = get_args(Lamp)


@dataclass
class Load:
    """The open cases of one group by lamp; `key` is a manager's or utility's id, a division code, None for nobody."""

    key: int | str | None
    by_lamp: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LAMPS, 0))

    @property
    def cases(self) -> int:
        return sum(self.by_lamp.values())


def loads(
    user: User, *, kind: str, by: Grouping, today: date, calendar: WorkingCalendar, permission: str = "case.view"
) -> list[Load]:
    """Return the open cases in reach by group and lamp, most overdue first, nobody's first of all. Causes one query."""
    rows = _open(user, kind, permission).annotate(lamp=lamp_column(today, calendar))
    column = "county_code" if by == "city" else by
    counted = rows.values_list(column, "lamp").annotate(cases=Count("pk")).order_by(column, "lamp")
    found: dict[int | str | None, Load] = {}
    for key, lamp, cases in counted:
        group = f"{key[:4]}00" if by == "city" else key
        found.setdefault(group, Load(group)).by_lamp[lamp] += cases
    return sorted(found.values(), key=lambda load: (load.key is not None, -load.by_lamp["overdue"], -load.cases))


def most_urgent(user: User, *, kind: str, each: int, permission: str = "case.view") -> dict[str, list[Case]]:
    """Return the cases with the least time left at each running stage, with their managers. Causes one query."""
    place = Window(RowNumber(), partition_by=F("next_stage"), order_by=[F("next_due_date"), F("opened_at"), F("pk")])
    rows = _open(user, kind, permission).exclude(next_stage="").filter(next_due_date__isnull=False)
    ranked = rows.annotate(place=place).filter(place__lte=each).select_related(*MANAGERS)
    found: dict[str, list[Case]] = {}
    for case in ranked.order_by("next_stage", "place"):
        found.setdefault(case.next_stage, []).append(case)
    return found


def named(keys: Sequence[int | str | None], *, by: Grouping) -> dict[int, User] | dict[int, Organisation]:
    """Return the managers or utilities of a board by id. Causes one query, none for divisions."""
    ids = [key for key in keys if isinstance(key, int)]
    if by == "utility":
        return Organisation.objects.in_bulk(ids)
    return User.objects.in_bulk(ids) if by in MANAGERS else {}


def lamp_column(today: date, calendar: WorkingCalendar) -> Choose:
    """Return what `rules.lamp` decides for an open case, as a column."""
    soon = due_soon_until(today, calendar)
    return Choose(
        When(next_due_date__lt=today, then=Value("overdue")),
        When(next_due_date__lte=soon, then=Value("due_soon")),
        When(Q(next_due_date=None) & ~Q(waiting_for="utility"), then=Value("waiting")),
        default=Value("on_track"),
        output_field=CharField(),
    )


def _open(user: User, kind: str, permission: str) -> QuerySet[Case]:
    return cases_for(user, permission).filter(kind=kind, closed_at=None).order_by()
