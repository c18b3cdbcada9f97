"""Write deadlines: after every event, each version with the calendar and rules it was computed with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Max

from tongdian.case import kinds, rules
from tongdian.case.models import CalendarVersion, Case, Deadline, Event
from tongdian.case.queries import clock
from tongdian.case.queries.calendar import calendar_of, content_of
from tongdian.engine.clock import Reading, recomputed
from tongdian.kernel.calendar import WorkingCalendar


def refresh(
    case: Case,
    *,
    event: Event,
    now: datetime,
    in_force: WorkingCalendar,
    history: clock.History | None = None,
    keeps_limits: bool = True,
) -> None:
    """Replay the case after an event, keep its deadlines and set its cached columns; the caller saves the locked row.

    A case without a customer class has no clock. `history`: what the writer knew before the event, loaded where it does
    not lead to it. `in_force`: the calendar in force. `keeps_limits` False drops the limits and the calendar the case
    was given before in favour of those in force.
    """
    is_closed = kinds.get(case.kind).is_end(case.status)
    if case.customer_class:
        whole = _up_to(event, case, history or clock.History())
        _read_into(case, event, now, history=whole, in_force=in_force, keeps_limits=keeps_limits)
    if is_closed:
        case.closed_at = case.closed_at or event.recorded_at
        case.waiting_for = Case.WaitingFor.CLOSED
        case.next_due_date, case.next_stage, case.next_is_provisional = None, "", False


def keep_calendar(known: WorkingCalendar) -> None:
    """Keep what the calendar in force was made from, so that its deadlines can be computed again for ever."""
    if CalendarVersion.objects.filter(version=known.version).exists():
        return
    if content := content_of(known):
        CalendarVersion.objects.bulk_create(
            [CalendarVersion(version=known.version, content=content)], ignore_conflicts=True
        )


def _up_to(event: Event, case: Case, history: clock.History) -> clock.History:
    if history.leads_to(event):
        return replace(history, events=(*history.events, event))
    return clock.History(tuple(clock.timeline_of(case)), tuple(clock.deadlines_in_force(case)))


def _read_into(
    case: Case, event: Event, now: datetime, *, history: clock.History, in_force: WorkingCalendar, keeps_limits: bool
) -> None:
    events = history.events
    by = clock.standard(case, on=case.judged_date or clock.local_date(case.opened_at))
    kept = clock.kept_limits(case, history.in_force) if keeps_limits else {}
    known = _calendar_for(case, events, by, kept, in_force) if keeps_limits else in_force
    reading = clock.read(case, events, by, known=known, limits={**by.limits, **kept}, as_of=event.recorded_at)
    if reading.accepted_at and clock.local_date(reading.accepted_at) != by.judged_date:
        # Acceptance fixes the rules; what was counted by those of the submission date is read again.
        by, kept = clock.standard(case, on=clock.local_date(reading.accepted_at)), {}
        reading = clock.read(case, events, by, known=known, limits=by.limits, as_of=event.recorded_at)
    if case.calendar_version != known.version:
        keep_calendar(known)
    _set_columns(case, reading, by)
    case.total_limit_days = {**by.limits, **kept}.get(clock.TOTAL)
    case.history = replace(history, in_force=_keep_deadlines(case, reading, history, event=event, now=now))


def _calendar_for(
    case: Case, events: Sequence[Event], by: clock.Standard, kept: Mapping[str, int], in_force: WorkingCalendar
) -> WorkingCalendar:
    """Return the calendar in force where it moves nothing, else the case's own until the move is recorded."""
    if case.calendar_version in {"", in_force.version}:
        return in_force
    own = calendar_of(case.calendar_version)
    reading = clock.read(case, events, by, known=own, limits={**by.limits, **kept}, as_of=events[-1].recorded_at)
    return own if recomputed(reading, in_force) else in_force


def _set_columns(case: Case, reading: Reading, by: clock.Standard) -> None:
    due = reading.next_due
    case.accepted_at = reading.accepted_at
    case.closed_at = reading.ended_at
    case.judged_date = by.judged_date
    case.policy_digest = by.policy_digest
    case.calendar_version = reading.calendar_version
    case.next_due_date = due.date if due else None
    case.next_is_provisional = due.is_provisional if due else False
    case.next_stage = due.stage if due else _held_stage(reading)
    case.waiting_for = reading.waiting_for
    case.has_been_late = reading.verdict == "late"


def _held_stage(reading: Reading) -> str:
    running = [each.stage for each in reading.stages if each.stopped_at is None]
    return running[0] if running else ""


def _keep_deadlines(
    case: Case, reading: Reading, history: clock.History, *, event: Event, now: datetime
) -> tuple[Deadline, ...]:
    """Write what has moved and return the deadlines now in force."""
    kept = {(each.stage, each.instance): each for each in history.in_force}
    known = {key: clock.due_of_row(row) for key, row in kept.items()}
    moves = rules.moved(known, clock.computed(reading, known))
    owners = {(each.stage, each.number): each.owner for each in reading.stages}
    # Another class or a correction may have taken the very stage away.
    gone = kept.keys() - owners.keys()
    if superseded := [kept[key].pk for key in kept if key in moves or key in gone]:
        Deadline.objects.filter(pk__in=superseded).update(superseded_at=now)
    last = {key: row.revision for key, row in kept.items()} | _lost(case, moves.keys() - kept.keys(), history.events)
    written = {
        (stage, number): Deadline(
            case=case,
            stage=stage,
            instance=number,
            revision=last.get((stage, number), 0) + 1,
            owner=owners[stage, number],
            started_at=due.started_at,
            limit_days=due.limit_days,
            due_date=due.due_date,
            is_provisional=due.is_provisional,
            calendar_version=case.calendar_version,
            policy_digest=case.policy_digest,
            event_seq=event.seq,
            computed_at=now,
        )
        for (stage, number), (_, due) in moves.items()
    }
    if written:
        Deadline.objects.bulk_create(written.values())
    left = {key: row for key, row in kept.items() if key not in gone}
    return tuple(sorted({**left, **written}.values(), key=lambda each: (each.started_at, each.stage, each.instance)))


def _lost(case: Case, new: Collection[rules.Instance], events: Sequence[Event]) -> dict[rules.Instance, int]:
    """Return the last revisions of deadlines that another class or a correction took away; seldom causes a query."""
    if not new or not any(each.kind == clock.CORRECTION or "customer_class" in each.facts for each in events[1:]):
        return {}
    rows = Deadline.objects.filter(case=case).values_list("stage", "instance").annotate(last=Max("revision"))
    return {(stage, instance): last for stage, instance, last in rows.order_by()}
