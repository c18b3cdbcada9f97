"""Who gets the next case: weigh what each has, take the one with the least."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

# Beyond these the event says how many there were, not each of them.
MOST_TOLD = 12
Lamp = Literal["waiting", "on_track", "due_soon", "overdue"]


@dataclass(frozen=True)
class Weights:
    """How much a case takes: by its class, times by the time left."""

    by_class: Mapping[str, Decimal]
    by_lamp: Mapping[str, Decimal]

    def of(self, customer_class: str, lamp: str) -> Decimal:
        return self.by_class.get(customer_class, Decimal(1)) * self.by_lamp[lamp]


@dataclass(frozen=True)
class Held:
    """So many open cases of one class and state that one person has."""

    user_id: int
    customer_class: str
    lamp: Lamp
    count: int


@dataclass(frozen=True)
class Load:
    """What a person has: the weighted sum, and how many cases."""

    user_id: int
    weight: Decimal
    cases: int


def loads(user_ids: Iterable[int], held: Iterable[Held], weights: Weights) -> list[Load]:
    """Return the load of each user, the least first; equal loads by the number of cases, then by id."""
    rows = list(held)
    found = [_load(user_id, [row for row in rows if row.user_id == user_id], weights) for user_id in set(user_ids)]
    return sorted(found, key=lambda load: (load.weight, load.cases, load.user_id))


def _load(user_id: int, rows: Sequence[Held], weights: Weights) -> Load:
    weight = sum((weights.of(row.customer_class, row.lamp) * row.count for row in rows), Decimal(0))
    return Load(user_id, weight, sum(row.count for row in rows))


def told(considered: Sequence[Load]) -> dict[str, object]:
    """Return the loads a choice was made among, as an event keeps them: the least first, no more than a few."""
    return {
        "considered_count": len(considered),
        "loads": [
            {"user_id": load.user_id, "weight": f"{load.weight:.2f}", "cases": load.cases}
            for load in considered[:MOST_TOLD]
        ],
    }
