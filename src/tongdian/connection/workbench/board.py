"""The team's board: who has how much to do and how urgent it is, and what is most urgent at each stage."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.queries.board import LAMPS, Grouping, Load, loads, most_urgent, named
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import State, installation_state
from tongdian.connection.apps import STAGES
from tongdian.kernel.divisions import UnknownDivision, division
from tongdian.people.access import requires
from tongdian.people.models import User
from tongdian.people.queries import covers_of, scope
from tongdian.people.rules import UTILITY_ROLES
from tongdian.ui.components import LAMP_WORDS, Tab, Words
from tongdian.ui.formats import division_name

URGENT = 5
GROUPINGS: dict[Grouping, Words] = {
    "assignee": gettext_lazy("客户经理"),
    "project_manager": gettext_lazy("项目经理"),
    "county_code": gettext_lazy("区县"),
    "city": gettext_lazy("设区的市"),
    "utility": gettext_lazy("供电企业"),
}
# How the queue's address names a group; a utility has no filter there.
FILTERS: dict[Grouping, str] = {
    "assignee": "manager",
    "project_manager": "manager",
    "county_code": "county_code",
    "city": "county_code",
}


@dataclass(frozen=True)
class Line:
    """One group of the board; `cover` stands in for a manager who is away, `is_away` without one: nobody does."""

    name: Words
    url: str
    cases: int
    lamps: tuple[tuple[str, Words, int, str], ...]
    is_away: bool = False
    cover: str = ""


@dataclass(frozen=True)
class UrgentCase:
    """One case of a stage's column."""

    case: Case
    lamp: str
    days_left: int

    @property
    def days_late(self) -> int:
        return max(-self.days_left, 0)


@requires("case.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the open cases in reach by manager, or by place or utility, and the most urgent of each stage."""
    user, state = cast("User", request.user), installation_state()
    by = _grouping(request, user)
    today = local_date(state.now)
    found = loads(user, kind="connection", by=by, today=today, calendar=state.calendar)
    lines = _lines(found, by, today)
    context = {
        "tabs": [Tab(words, f"?by={name}", is_current=name == by) for name, words in GROUPINGS.items()],
        "heading": GROUPINGS[by],
        "lines": lines,
        "total": _line(Load(None, _sums(found)), _("合计"), {}),
        "lamp_words": [LAMP_WORDS[lamp] for lamp in LAMPS],
        "stages": _stages(user, state),
        "installation_kind": state.kind,
    }
    return render(request, "connection/board.html", context)


def _grouping(request: HttpRequest, user: User) -> Grouping:
    asked = request.GET.get("by", "")
    if asked in GROUPINGS:
        return asked
    rights = scope(user, "case.view").rights
    is_manager = any(right.role in UTILITY_ROLES for right in rights)
    is_wide = any(len(right.territory.prefix) == len("37") for right in rights)
    return "assignee" if is_manager else "city" if is_wide else "county_code"


def _sums(found: list[Load]) -> dict[str, int]:
    return {lamp: sum(load.by_lamp[lamp] for load in found) for lamp in LAMPS}


def _lines(found: list[Load], by: Grouping, today: date) -> list[Line]:
    known: dict[int, Any] = dict(named([load.key for load in found], by=by))
    managers = [each for each in known.values() if isinstance(each, User)]
    answering = covers_of(managers, today) if managers else {}
    return [_group(load, by, known, answering, today) for load in found]


def _group(load: Load, by: Grouping, known: dict[int, Any], answering: dict[int, User | None], today: date) -> Line:
    if load.key is None:
        return _line(load, _("未分派"), {"whose": "unassigned"} if by == "assignee" else None)
    if by in {"county_code", "city"}:
        return _line(load, _place(str(load.key), today), {FILTERS[by]: load.key})
    who = known[int(load.key)]
    if not isinstance(who, User):
        return _line(load, str(who), None)
    cover = answering.get(who.pk)
    is_away = cover != who
    name = cover.get_full_name() if cover and is_away else ""
    return _line(load, who.get_full_name(), {FILTERS[by]: load.key}, is_away=is_away, cover=name)


def _place(code: str, on: date) -> str:
    try:
        return division_name(division(code, on))
    except UnknownDivision:
        return code


def _line(load: Load, name: Words, query: dict[str, Any] | None, *, is_away: bool = False, cover: str = "") -> Line:
    lamps = tuple(
        (lamp, LAMP_WORDS[lamp], load.by_lamp[lamp], _url(query, lamp=lamp) if load.by_lamp[lamp] else "")
        for lamp in LAMPS
    )
    return Line(name, _url(query), load.cases, lamps, is_away, cover)


def _url(query: dict[str, Any] | None, **more: str) -> str:
    return "" if query is None else f"{reverse('desk_queue')}?{urlencode(query | more or {'all': 1})}"


def _stages(user: User, state: State) -> list[tuple[Words, str, list[UrgentCase]]]:
    today, calendar = local_date(state.now), state.calendar
    found = most_urgent(user, kind="connection", each=URGENT)
    return [
        (words, _url({"stage": stage}), [_urgent(case, today, calendar) for case in found[stage]])
        for stage, words in STAGES.items()
        if stage in found
    ]


def _urgent(case: Case, today: date, calendar: Any) -> UrgentCase:
    due = cast("date", case.next_due_date)
    lamp = case_rules.lamp(waiting_for=case.waiting_for, next_due_date=due, today=today, calendar=calendar)
    return UrgentCase(case, lamp or "", case_rules.days_left(due, today=today, calendar=calendar))


urlpatterns = [path("board/", board, name="desk_board")]
