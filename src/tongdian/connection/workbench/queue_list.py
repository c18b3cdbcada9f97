"""What the queue can be narrowed to, and how its rows are laid out."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache, partial
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tongdian.case import rules as case_rules
from tongdian.case.models import Case
from tongdian.case.queries.team import managers_in_reach
from tongdian.connection.apps import STAGES, STATUSES
from tongdian.connection.rules import CUSTOMER_CLASSES
from tongdian.kernel import divisions
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.people.models import User
from tongdian.people.queries import scope
from tongdian.policy.terms import code_words
from tongdian.ui.components import LAMP_WORDS
from tongdian.ui.formats import division_name
from tongdian.ui.tables import Column, Filters, Table

ANY = ("", gettext_lazy("全部"))
WHOSE = (
    ("mine", gettext_lazy("我的")),
    ("team", gettext_lazy("本单位的")),
    ("unassigned", gettext_lazy("未分派的")),
)
# Shown when asked for, or when the address uses one of them: most days nobody needs them.
FURTHER = ("customer_class", "county_code", "manager", "opened_from", "opened_until", "closed")


class DayInput(forms.DateInput):
    input_type = "date"


class QueueFilters(Filters):
    """What the queue can be narrowed to by a reader; causes a query when a manager can be chosen."""

    differing = ("customer_class", "county_code", "manager")

    text = forms.CharField(
        label=gettext_lazy("查找"), required=False, max_length=80, help_text=gettext_lazy("编号、单位、地址或拼音")
    )
    stage = forms.ChoiceField(label=gettext_lazy("环节"), required=False, choices=[ANY, *STAGES.items()])
    lamp = forms.ChoiceField(label=gettext_lazy("时限"), required=False, choices=[ANY, *LAMP_WORDS.items()])
    waiting_for = forms.ChoiceField(
        label=gettext_lazy("由谁办"), required=False, choices=[ANY, *Case.WaitingFor.choices]
    )
    whose = forms.ChoiceField(label=gettext_lazy("谁的"), required=False, choices=[ANY, *WHOSE])
    customer_class = forms.ChoiceField(label=gettext_lazy("用户类别"), required=False)
    county_code = forms.ChoiceField(label=gettext_lazy("地区"), required=False)
    manager = forms.TypedChoiceField(label=gettext_lazy("经办人"), required=False, coerce=int, empty_value=None)
    opened_from = forms.DateField(label=gettext_lazy("提交日期从"), required=False, widget=DayInput)
    opened_until = forms.DateField(label=gettext_lazy("提交日期到"), required=False, widget=DayInput)
    closed = forms.BooleanField(label=gettext_lazy("包括已办结"), required=False)

    def __init__(self, params: QueryDict, *, user: User, today: date) -> None:
        super().__init__(params)
        if not self.is_wide:
            for name in FURTHER:
                del self.fields[name]
            return
        language = get_language() or ""
        reach = tuple(sorted({right.territory.prefix for right in scope(user, "case.view").rights}))
        self._choose("customer_class", [(each, code_words(each, language)) for each in CUSTOMER_CLASSES])
        self._choose("county_code", list(_places(reach, today, language)))
        self._choose("manager", [(str(each.pk), each.get_full_name()) for each in managers_in_reach(user)])

    @property
    def is_wide(self) -> bool:
        """Whether the fields that are needed seldom are shown too."""
        return "more" in self.data or any(self.data.get(name) for name in FURTHER)

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = [ANY, *choices]


@lru_cache(maxsize=256)
def _places(prefixes: tuple[str, ...], on: date, language: str) -> tuple[tuple[str, Any], ...]:
    """Return the cities in reach, each with its counties below; language keeps the two sets of names apart."""
    by_city: dict[str, list[tuple[str, str]]] = {}
    for county in divisions.divisions(on, level="county"):
        if county.code.startswith(prefixes):
            by_city.setdefault(county.parent_code, []).append((county.code, division_name(county)))
    return tuple(_city(code, below, on, is_whole=code.startswith(prefixes)) for code, below in by_city.items())


def _city(code: str, below: list[tuple[str, str]], on: date, *, is_whole: bool) -> tuple[str, Any]:
    name = division_name(divisions.division(code, on))
    return name, [(code, _("%(city)s（全市）") % {"city": name}), *below] if is_whole else below


class QueueTable(Table):
    """Cases in reach, the least time left first."""

    caption = gettext_lazy("办件")
    default_sort = "due"
    count_limit = 1_000
    empty_text = gettext_lazy("可以放宽筛选条件，或在“更多条件”中勾选“包括已办结”。")

    @classmethod
    def for_day(cls, today: date, calendar: WorkingCalendar, *, has_choice: bool, is_found: bool) -> "type[QueueTable]":
        """Return the table with its lamp and days left computed for a day.

        has_choice: with a box to tick; is_found: what a search found, the nearest first.
        """
        # Many rows share a day, and counting working days is not free.
        lamp = lru_cache(maxsize=64)(partial(_lamp, today=today, calendar=calendar))
        left = lru_cache(maxsize=64)(partial(_days_left, today=today, calendar=calendar))
        # Translated once for the page, not once a row: words take more time than anything else in a list.
        statuses, owners = _words(STATUSES.items()), _words(Case.WaitingFor.choices)
        start = reverse("desk_queue")
        columns = (
            Column(
                "lamp", gettext_lazy("时限"), value=lambda case: lamp(case.waiting_for, case.next_due_date), kind="lamp"
            ),
            Column(
                "number",
                gettext_lazy("办件编号"),
                kind="code",
                order_by=("number",),
                url=lambda case: f"{start}cases/{case.pk}/",
            ),
            Column("title", gettext_lazy("单位")),
            Column("status", gettext_lazy("状态"), value=lambda case: statuses[case.status]),
            Column("waiting", gettext_lazy("由谁办"), value=lambda case: owners[case.waiting_for]),
            Column(
                "due",
                gettext_lazy("最晚"),
                value=lambda case: case.next_due_date,
                kind="day",
                order_by=("next_due_date", "opened_at"),
            ),
            Column("left", gettext_lazy("剩余工作日"), value=lambda case: left(case.next_due_date), kind="number"),
            Column("assignee", gettext_lazy("客户经理"), value=lambda case: _name(case.assignee)),
            Column("project_manager", gettext_lazy("项目经理"), value=lambda case: _name(case.project_manager)),
        )
        shown = (_choice(), *columns) if has_choice else columns
        order = "" if is_found else cls.default_sort
        return type("QueueTableOfDay", (cls,), {"columns": shown, "default_sort": order, "is_found": is_found})


def _choice() -> Column:
    called = _("选择 %(number)s")
    return Column(
        "chosen",
        gettext_lazy("选择"),
        value=lambda case: (case.pk, called % {"number": case.number or case.title}),
        kind="choice",
    )


def _words(labels: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return {value: str(label) for value, label in labels}


def _name(user: User | None) -> str:
    return user.get_full_name() if user else ""


def _lamp(waiting_for: str, due_date: date | None, *, today: date, calendar: WorkingCalendar) -> str:
    return case_rules.lamp(waiting_for=waiting_for, next_due_date=due_date, today=today, calendar=calendar) or ""


def _days_left(due_date: date | None, *, today: date, calendar: WorkingCalendar) -> int | None:
    return None if due_date is None else case_rules.days_left(due_date, today=today, calendar=calendar)
