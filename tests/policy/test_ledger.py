"""The 70 tasks."""

from collections import Counter
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from tongdian.policy import Book, packaged_book
from tongdian.policy.ledger import AchievedConsolidate, Dated, Ongoing, Task, UnknownDeadline, tasks

BOOK = packaged_book()
TASKS = tasks(BOOK, on=date(2026, 11, 23))


class TestTasks:
    def test_are_seventy_numbered_in_order(self) -> None:
        assert [task.number for task in TASKS] == list(range(1, 71))

    def test_have_three_kinds_of_deadline(self) -> None:
        kinds = Counter(type(task.deadline) for task in TASKS)

        assert kinds == {AchievedConsolidate: 22, Ongoing: 25, Dated: 23}

    def test_fall_into_seven_categories(self) -> None:
        counted = Counter(task.category for task in TASKS)

        assert counted == {
            "goal": 12,
            "time": 10,
            "convenience": 13,
            "cost": 9,
            "supply": 9,
            "openness": 8,
            "safeguard": 9,
        }

    def test_were_born_overdue_in_two_cases(self) -> None:
        assert [task.number for task in TASKS if task.is_born_overdue] == [33, 62]

    @pytest.mark.parametrize(
        ("number", "due"),
        [
            (1, "2022-12-31"),
            (5, "2021-06-30"),
            (11, "2022-12-31"),
            (28, "2021-12-31"),
            (33, "2021-03-31"),
            (62, "2021-04-30"),
            (63, "2021-05-15"),
            (64, "2021-05-31"),
        ],
    )
    def test_are_due_on_the_last_day_of_the_month_named(self, number: int, due: str) -> None:
        assert TASKS[number - 1].deadline == Dated(date.fromisoformat(due))

    def test_name_known_bodies_and_categories(self) -> None:
        bodies = {body["id"] for body in BOOK.lookup("ledger.bodies", on=date(2026, 11, 23)).value}
        categories = {each["id"] for each in BOOK.lookup("ledger.categories", on=date(2026, 11, 23)).value}

        assert {body for task in TASKS for body in task.bodies} == bodies
        assert {task.category for task in TASKS} == categories

    def test_name_a_lead_only_where_the_plan_does(self) -> None:
        assert [(task.number, task.lead) for task in TASKS if task.lead] == [(30, "provincial_energy_bureau")]

    def test_cite_their_row(self) -> None:
        assert all(task.clause.zh.endswith(f"附件2 第{task.number}项") for task in TASKS)

    def test_are_none_before_the_plan_was_issued(self) -> None:
        assert tasks(BOOK, on=date(2021, 5, 9)) == ()

    def test_refuse_a_deadline_of_another_kind(self) -> None:
        entry = BOOK.entry("ledger.task.01")
        strange = MappingProxyType({**entry.rulings[0].value, "deadline": MappingProxyType({"kind": "someday"})})
        rulings = (replace(entry.rulings[0], value=strange),)
        book = Book({entry.id: replace(entry, rulings=rulings)}, BOOK.matters, BOOK.sources)

        with pytest.raises(UnknownDeadline, match=r"ledger\.task\.01: the deadline .*someday"):
            tasks(book, on=date(2026, 11, 23))


class TestIsBornOverdue:
    @pytest.mark.parametrize(
        ("due", "is_overdue"), [("2021-05-09", True), ("2021-05-10", False), ("2021-05-11", False)]
    )
    def test_compares_with_the_day_of_issue(self, due: str, *, is_overdue: bool) -> None:
        task: Task = replace(TASKS[0], deadline=Dated(date.fromisoformat(due)))

        assert task.is_born_overdue is is_overdue
