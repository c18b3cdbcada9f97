"""The ledger of the plan: 70 tasks with responsible bodies and three kinds of deadline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongdian.policy.book import Book, NoRuling
from tongdian.policy.places import PROVINCE
from tongdian.policy.ruling import Ruling, Words

_TASKS = "ledger.task."


@dataclass(frozen=True)
class Dated:
    """To be done by a day, that day included."""

    due_date: date


@dataclass(frozen=True)
class AchievedConsolidate:
    """Reported as achieved; to be kept up and improved, without an end."""


@dataclass(frozen=True)
class Ongoing:
    """To be worked on continuously, without an end."""


Deadline = Dated | AchievedConsolidate | Ongoing


class UnknownDeadline(ValueError):
    """A task has a kind of deadline that is none of the three."""

    def __init__(self, task: str, kind: object) -> None:
        self.task, self.kind = task, kind
        super().__init__(f"{task}: the deadline {kind!r} is none of dated, achieved_consolidate, ongoing. Correct it.")


@dataclass(frozen=True)
class Task:
    """One row of the ledger."""

    number: int
    category: str
    title: Words
    bodies: tuple[str, ...]
    lead: str | None
    deadline: Deadline
    clause: Words
    issued_on: date

    @property
    def is_born_overdue(self) -> bool:
        """Tell whether the deadline had passed before the ledger was issued."""
        return isinstance(self.deadline, Dated) and self.deadline.due_date < self.issued_on


def tasks(book: Book, *, on: date, place: str = PROVINCE) -> tuple[Task, ...]:
    """Return the tasks in force on a day at a place, by number.

    Raises:
        UnknownDeadline: a task's deadline is none of the three kinds.
        NotADivisionCode: `place` is not a division code.
    """
    found = [_task(book, entry.id, on, place) for entry in book.items() if entry.id.startswith(_TASKS)]
    return tuple(sorted((task for task in found if task), key=lambda task: task.number))


def _task(book: Book, key: str, on: date, place: str) -> Task | None:
    try:
        ruling = book.lookup(key, on=on, place=place)
    except NoRuling:
        return None
    value = ruling.value
    return Task(
        number=value["number"],
        category=value["category"],
        title=book.entry(key).title,
        bodies=value["bodies"],
        lead=value.get("lead"),
        deadline=_deadline(key, value["deadline"]),
        clause=ruling.clause,
        issued_on=_issued_on(book, ruling),
    )


def _deadline(key: str, written: Mapping[str, Any]) -> Deadline:
    match written:
        case {"kind": "dated", "date": date() as due}:
            return Dated(due)
        case {"kind": "achieved_consolidate"}:
            return AchievedConsolidate()
        case {"kind": "ongoing"}:
            return Ongoing()
    raise UnknownDeadline(key, dict(written))


def _issued_on(book: Book, ruling: Ruling) -> date:
    return book.sources[ruling.source].issued_on or ruling.valid_from
