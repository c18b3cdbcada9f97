"""A measured case, and the row of the public file it becomes."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from tongdian.disclosure.rules.cells import Cell

Value = str | int | bool | date | None
Why = Literal["closed", "withdrawn", "stage_finished", "open_late"]
PSEUDONYM_DIGITS = 20


@dataclass(frozen=True)
class StageSum:
    """All instances of one stage of a case: how many, their days by clock and calendar, the worst verdict."""

    instances: int
    used_days: int
    calendar_days: int
    limit_days: int | None
    verdict: str


@dataclass(frozen=True)
class MeasuredCase:
    """What the clock says of a case at the end of a month. Days of the clock are in `counting_unit`."""

    case_id: UUID
    cell: Cell
    why: Why
    counting_unit: str
    accepted_date: date | None
    closed_date: date | None
    verdict: str
    total_limit_days: int | None
    utility_days: int
    customer_days: int
    agency_days: int
    force_majeure_days: int
    whole_days: int | None
    whole_calendar_days: int | None
    contact_days: int | None
    is_provisional: bool
    is_corrected: bool
    stages: Mapping[str, StageSum] = field(default_factory=dict)
    pauses: Mapping[str, int] = field(default_factory=dict)


def pseudonym(case_id: UUID, *, secret: bytes) -> str:
    """Return what stands for a case in a file: HMAC-SHA-256 of its id under the month's secret, 80 bits in hex.

    Without the secret it leads nowhere; another month has another secret, so the same case cannot be followed.
    """
    return hmac.new(secret, case_id.bytes, hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]


def row(case: MeasuredCase, cell: Cell, *, name: str, month: str, mark: str) -> dict[str, Value]:
    """Return the row of a case under the cell it is published in.

    Stages, limits and the unit of the clock tell the class: where the cell does not, they stay empty with all days in
    that unit; calendar days and verdict remain.
    """
    told: dict[str, Value] = {
        "case": name,
        "month": month,
        "place": cell.place,
        "utility": cell.utility,
        "customer_class": cell.customer_class,
        "why": case.why,
        "accepted_date": case.accepted_date,
        "closed_date": case.closed_date,
        "verdict": case.verdict,
        "whole_calendar_days": case.whole_calendar_days,
        "contact_days": case.contact_days,
        "is_provisional": case.is_provisional,
        "is_corrected": case.is_corrected,
        "mark": mark or None,
    }
    return told | _of_its_class(case) if cell.customer_class == case.cell.customer_class else told


def _of_its_class(case: MeasuredCase) -> dict[str, Value]:
    told: dict[str, Value] = {
        "counting_unit": case.counting_unit,
        "total_limit_days": case.total_limit_days,
        "utility_days": case.utility_days,
        "customer_days": case.customer_days,
        "agency_days": case.agency_days,
        "force_majeure_days": case.force_majeure_days,
        "whole_days": case.whole_days,
    }
    for stage, each in case.stages.items():
        told |= {
            f"{stage}_instances": each.instances,
            f"{stage}_days": each.used_days,
            f"{stage}_calendar_days": each.calendar_days,
            f"{stage}_limit_days": each.limit_days,
            f"{stage}_verdict": each.verdict,
        }
    return told | {f"pause_{reason}_days": days for reason, days in case.pauses.items()}


def ordered(rows: Sequence[dict[str, Value]]) -> list[dict[str, Value]]:
    """Sort rows by their pseudonym, which is no order of time or place."""
    return sorted(rows, key=lambda each: str(each["case"]))
