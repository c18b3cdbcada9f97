"""Recompute deadlines when a notice or a rule has changed: every move is an event with the old and the new day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongdian.case import rules
from tongdian.case.models import Case, Event
from tongdian.case.operations import frame
from tongdian.case.queries import clock
from tongdian.case.queries.calendar import UnknownCalendar, calendar
from tongdian.engine.clock import DefinitionError
from tongdian.kernel.calendar import CalendarEnds, WorkingCalendar
from tongdian.people.models import User
from tongdian.policy import NoRuling

Moves = Mapping[rules.Instance, tuple[rules.Due | None, rules.Due]]
NOT_COMPUTABLE = (NoRuling, CalendarEnds, DefinitionError, UnknownCalendar, clock.UnitMismatch)


class NothingMoved(ValueError):
    """The calendar and the rules in force give the same deadlines as before."""

    def __init__(self, number: str) -> None:
        super().__init__(f"case {number}: the calendar and rules in force move no deadline; nothing to record")
        self.number = number


@dataclass(frozen=True)
class MovedCase:
    case_id: UUID
    number: str
    deadlines: int


@dataclass(frozen=True)
class FailedCase:
    case_id: UUID
    number: str
    reason: str


@dataclass(frozen=True)
class Recomputation:
    """What a recomputation of all open cases did."""

    checked: int
    moved: tuple[MovedCase, ...]
    failed: tuple[FailedCase, ...]


def recompute(case: Case, *, actor: User | None, now: datetime, channel: str = "system") -> Event:
    """Compute the deadlines of a case anew with the calendar and rules in force, and record every move.

    The rules are those of the case's own judged date: a new rule never reaches back.

    Raises NothingMoved when every deadline stays as it is; and as `frame.record`.
    """
    with transaction.atomic():
        locked = frame.lock(case.pk)
        known = calendar()
        by = clock.standard(locked, on=locked.judged_date or clock.local_date(locked.opened_at))
        moves = _moves(locked, by, known, now)
        if not moves:
            raise NothingMoved(str(locked))
        body = {
            "calendar_before": locked.calendar_version,
            "calendar_after": known.version,
            "policy_before": locked.policy_digest,
            "policy_after": by.policy_digest,
            "moved": [_told(key, before, after) for key, (before, after) in moves.items()],
        }
        return frame.record(
            case, kind="deadline.recomputed", actor=actor, channel=channel, body=body, expected_version=None, now=now
        )


def recompute_open_cases(*, actor: User | None, now: datetime, batch: int = 500) -> Recomputation:
    """Recompute every open case, each in a transaction of its own, and report what moved.

    A case that cannot be computed is reported with its reason and does not stop the others.
    """
    moved: list[MovedCase] = []
    failed: list[FailedCase] = []
    checked, last = 0, UUID(int=0)
    clocked = Case.objects.filter(closed_at=None).exclude(customer_class="").order_by("pk")
    while cases := list(clocked.filter(pk__gt=last)[:batch]):
        for case in cases:
            _recompute_one(case, actor, now, moved=moved, failed=failed)
        checked, last = checked + len(cases), cases[-1].pk
    return Recomputation(checked, tuple(moved), tuple(failed))


def _moves(case: Case, by: clock.Standard, known: WorkingCalendar, now: datetime) -> Moves:
    in_force = {(each.stage, each.instance): clock.due_of_row(each) for each in clock.deadlines_in_force(case)}
    events = clock.timeline_of(case)
    as_of = max([now, *(event.recorded_at for event in events[-1:])])
    reading = clock.read(case, events, by, known=known, limits=by.limits, as_of=as_of)
    return rules.moved(in_force, clock.computed(reading, in_force))


def _told(key: rules.Instance, before: rules.Due | None, after: rules.Due) -> dict[str, object]:
    return {
        "stage": key[0],
        "instance": key[1],
        "before_date": before and before.due_date,
        "after_date": after.due_date,
        "after_is_provisional": after.is_provisional,
        "limit_days": after.limit_days,
    }


def _recompute_one(
    case: Case, actor: User | None, now: datetime, *, moved: list[MovedCase], failed: list[FailedCase]
) -> None:
    try:
        event = recompute(case, actor=actor, now=now)
    except NothingMoved:
        return
    except NOT_COMPUTABLE as error:
        failed.append(FailedCase(case.pk, str(case), f"{type(error).__name__}: {error}"))
        return
    moved.append(MovedCase(case.pk, str(case), len(event.facts["moved"])))
