"""Look at what a database holds before the demonstration touches it."""

from collections import Counter
from dataclasses import dataclass

from tongdian.case.models import Case, ClockChange, Event
from tongdian.case.queries.installation import installation_kind
from tongdian.connection.rules import OPEN_STATUSES
from tongdian.demo.sign_ins import LOADED

KIND = "demonstration"


class NotADemonstration(RuntimeError):
    """The database was founded for something else; nothing made up may enter it."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"this database was founded as {kind}: a demonstration is never loaded into it; name another database"
        )
        self.kind = kind


class Interrupted(RuntimeError):
    """An earlier loading did not reach its end; `cases` of it are there."""

    def __init__(self, cases: int) -> None:
        super().__init__(
            f"an earlier loading was interrupted after {cases} cases; what is there is whole but unfinished: "
            "empty the database (make reset, or drop and create your own) and start again"
        )
        self.cases = cases


@dataclass(frozen=True)
class Contents:
    """What a loaded demonstration holds."""

    events: int
    by_status: dict[str, int]

    @property
    def cases(self) -> int:
        return sum(self.by_status.values())

    @property
    def open(self) -> int:
        """How many are still under way."""
        return sum(count for status, count in self.by_status.items() if status in OPEN_STATUSES)


def contents() -> Contents | None:
    """Return what a loaded demonstration holds, None for a database without one. Causes up to four queries.

    Raises NotADemonstration when it was founded as something else; Interrupted when a loading did not reach its end.
    """
    kind = installation_kind()
    if kind not in {"", KIND}:
        raise NotADemonstration(kind)
    changes = ClockChange.objects.order_by("pk")
    if not Case.objects.exists() and not changes.exists():
        return None
    found = counted()
    if not changes.filter(reason=LOADED).exists():
        raise Interrupted(found.cases)
    return found


def counted() -> Contents:
    """Count cases by status, and events. Causes two queries."""
    statuses = Case.objects.order_by("status").values_list("status", flat=True)
    return Contents(Event.objects.count(), dict(Counter(statuses)))
