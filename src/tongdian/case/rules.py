"""Pure decisions of the frame: which event is legal, which lamp is lit, which deadline has moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from tongdian.case.kinds import CaseKind
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.policy import current_book

# Events of the frame itself: legal in every open case, they leave the status as it is.
FRAME_EVENTS = (
    "agent.checked",
    "agent.named",
    "agent.released",
    "assignment.changed",
    "contact.joined",
    "deadline.recomputed",
    "document.added",
    "event.corrected",
    "note.added",
    "party.changed",
    "party.erased",
)
# What may still be written to a closed case: nothing that could add work to it after the fact.
AFTER_END = ("event.corrected", "note.added", "party.erased")

Lamp = Literal["on_track", "due_soon", "overdue", "waiting"]


class IllegalTransition(ValueError):
    """An event does not fit the status of its case; `legal` lists the events that would."""

    def __init__(self, number: str, status: str, event_kind: str, legal: tuple[str, ...]) -> None:
        super().__init__(
            f"case {number} is in status {status!r}, where {event_kind!r} cannot happen; possible: {', '.join(legal)}"
        )
        self.number, self.status, self.event_kind, self.legal = number, status, event_kind, legal


class UnknownStatus(ValueError):
    """A case has a status its kind does not know: the row was written past the operations or the kind has changed."""

    def __init__(self, number: str, kind: str, status: str) -> None:
        super().__init__(f"case {number}: kind {kind!r} has no status {status!r}; register it or correct the row")
        self.number, self.kind, self.status = number, kind, status


def legal_events(kind: CaseKind, status: str) -> tuple[str, ...]:
    """List the event kinds that may happen in a status, the kind's own first."""
    if kind.is_end(status):
        return AFTER_END
    return (*kind.transitions.get(status, {}), *FRAME_EVENTS)


def transition(kind: CaseKind, *, status: str, event_kind: str, number: str) -> str:
    """Return the status an event leads to.

    Raises UnknownStatus when the kind has no such status; IllegalTransition when the event may not happen in it.
    """
    if status not in kind.statuses:
        raise UnknownStatus(number, kind.name, status)
    legal = legal_events(kind, status)
    if event_kind not in legal:
        raise IllegalTransition(number, status, event_kind, legal)
    return kind.transitions.get(status, {}).get(event_kind, status)


def lamp(*, waiting_for: str, next_due_date: date | None, today: date, calendar: WorkingCalendar) -> Lamp | None:
    """Return the lamp of a case, None for a closed one.

    A deadline of a stage that runs is lit whoever owns the stage; without one the case waits for somebody else.
    """
    if waiting_for == "closed":
        return None
    if next_due_date is None:
        return "on_track" if waiting_for == "utility" else "waiting"
    if next_due_date < today:
        return "overdue"
    return "due_soon" if next_due_date <= due_soon_until(today, calendar) else "on_track"


def due_soon_until(today: date, calendar: WorkingCalendar) -> date:
    """Return the last day whose deadlines count as due soon, by the book (`alert.lamp.due_soon`)."""
    return calendar.add(today, _due_soon_workdays(today)).date


@lru_cache(maxsize=8)
def _due_soon_workdays(on: date) -> int:
    # Asked for every row of a list.
    return int(current_book().lookup("alert.lamp.due_soon", on=on).value)


def days_left(due_date: date, *, today: date, calendar: WorkingCalendar) -> int:
    """Count the working days until a deadline: 0 on its day, negative once it has passed."""
    if due_date >= today:
        return calendar.count(today, due_date).days
    return -calendar.count(due_date, today).days


@dataclass(frozen=True)
class Due:
    """What is kept of a computed deadline."""

    started_at: datetime
    limit_days: int
    due_date: date
    is_provisional: bool


Instance = tuple[str, int]


def moved(kept: Mapping[Instance, Due], computed: Mapping[Instance, Due]) -> dict[Instance, tuple[Due | None, Due]]:
    """List the stage instances whose deadline is new (None before) or differs from the one kept."""
    return {key: (kept.get(key), due) for key, due in computed.items() if kept.get(key) != due}
