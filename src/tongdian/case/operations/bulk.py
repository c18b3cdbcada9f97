"""Do one thing to many cases: choose them, look at a preview, confirm once, and keep what became of each.

Nobody's work is overwritten: a case is changed only at the version the preview showed. One case refused is no reason
to refuse the others; each that is changed gets one event of its own, as if it had been done by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongdian.case import rules
from tongdian.case.models import BulkRow, BulkRun, Case, Event
from tongdian.case.operations import frame
from tongdian.case.queries.cases import cases_for
from tongdian.case.queries.clock import local_date
from tongdian.case.timeline.personal import refuse_personal
from tongdian.gateway import jobs
from tongdian.people.models import User
from tongdian.people.queries import Right, cover_of, scope
from tongdian.people.queries.cells import Place, still_holding
from tongdian.people.rules import Role
from tongdian.policy import current_book

# Cases locked together: few enough that nobody waits long, many enough that a commit is not the price of each.
BATCH = 25
PERMISSIONS = {BulkRun.Act.ASSIGN: "case.assign", BulkRun.Act.NOTE: "case.work"}
ROLES = {BulkRun.Column.ACCOUNT: Role.ACCOUNT_MANAGER, BulkRun.Column.PROJECT: Role.PROJECT_MANAGER}


class NothingChosen(ValueError):
    """No case that the actor reaches was chosen."""


class TooManyChosen(ValueError):
    def __init__(self, most: int) -> None:
        super().__init__(f"one bulk act takes at most {most} cases; narrow the choice")
        self.most = most


class WrongState(RuntimeError):
    """The run is not where this step begins: not chosen yet, or confirmed already."""

    def __init__(self, run: BulkRun) -> None:
        super().__init__(f"bulk run {run.pk} is {run.state}; its steps are taken in order and once")
        self.state = run.state


def choose(actor: User, *, act: BulkRun.Act, case_ids: Iterable[UUID], query: str, now: datetime) -> BulkRun:
    """Keep which cases are meant, those of them the actor reaches; query: the filter they were chosen from.

    Raises NothingChosen; TooManyChosen above the limit of the policy.
    """
    most = int(current_book().lookup("bulk.max_cases", on=local_date(now)).value)
    reached = cases_for(actor, "case.view").filter(pk__in=list(case_ids))
    cases = list(reached.values_list("pk", "version").order_by("pk")[: most + 1])
    if not cases:
        raise NothingChosen
    if len(cases) > most:
        raise TooManyChosen(most)
    with transaction.atomic():
        run = BulkRun.objects.create(actor=actor, act=act, query=query, chosen_at=now)
        BulkRow.objects.bulk_create(BulkRow(run=run, case_id=key, seen_version=version) for key, version in cases)
    return run


def prepare(run: BulkRun, *, column: str = "", assignee: User | None = None, text: str = "") -> BulkRun:
    """Say what is to be done, and take the cases as they are now: the preview shows these versions.

    Raises WrongState once the run is confirmed; PersonalData when a note names somebody.
    """
    refuse_personal({"remark": text})
    with transaction.atomic():
        held = _held(run, BulkRun.State.CHOSEN, BulkRun.State.READY)
        held.column, held.assignee, held.text, held.state = column, assignee, text, BulkRun.State.READY
        held.save()
        rows = list(held.rows.select_related("case").order_by("pk"))
        for row in rows:
            row.seen_version = row.case.version
        BulkRow.objects.bulk_update(rows, ["seen_version"], batch_size=500)
    return held


def confirm(run: BulkRun, *, now: datetime) -> BulkRun:
    """Start the work, once: a small run is done at once, a large one by a job.

    Not inside a transaction: each batch is committed by itself. Raises WrongState when it has no preview or was
    confirmed already, as by the first click of two.
    """
    most = int(current_book().lookup("bulk.at_once.max_cases", on=local_date(now)).value)
    with transaction.atomic():
        held = _held(run, BulkRun.State.READY)
        held.state, held.confirmed_at = BulkRun.State.RUNNING, now
        held.save(update_fields=["state", "confirmed_at"])
        is_large = held.rows.count() > most
        if is_large:
            jobs.enqueue("case.work_bulk", run_id=str(held.pk))
    return held if is_large else work(held.pk, now=now)


def work(run_id: UUID, *, now: datetime) -> BulkRun:
    """Do what is left of a confirmed run, batch by batch, and return it; a second worker takes other batches.

    Nothing happens to a run that is done or not confirmed.
    """
    run = BulkRun.objects.select_related("actor", "assignee").get(pk=run_id)
    if run.state == BulkRun.State.RUNNING:
        checks = Checks.of(run, now=now)
        while _batch(run, checks, now=now):
            pass
    return _finished(run, now=now)


@dataclass
class Checks:
    """What must hold for each case of a run, looked up once for all of them."""

    run: BulkRun
    is_absent: bool
    holds: dict[Place, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, run: BulkRun, *, now: datetime) -> "Checks":
        """Look up whether the new manager is there. Causes at least one query for an assignment."""
        chosen = run.assignee
        return cls(run, is_absent=chosen is not None and cover_of(chosen, local_date(now)) != chosen)

    def refusal(self, row: BulkRow, case: Case) -> str:
        """Return why a case cannot be done, "" when it can. Causes a query for each county not asked for before."""
        if self.right(case) is None:
            return BulkRow.Reason.OUT_OF_REACH
        if self.run.act == BulkRun.Act.ASSIGN and (reason := self._pointless(case)):
            return reason
        if case.version != row.seen_version:
            return BulkRow.Reason.STALE
        return self._not_possible(case) if self.run.act == BulkRun.Act.ASSIGN else ""

    def _pointless(self, case: Case) -> str:
        if not case.is_open:
            return BulkRow.Reason.CLOSED
        has_manager = getattr(case, f"{self.run.column}_id") == self.run.assignee_id
        return BulkRow.Reason.SAME if has_manager else ""

    def _not_possible(self, case: Case) -> str:
        if self.is_absent:
            return BulkRow.Reason.ABSENT
        return "" if self._holds_role(case) else BulkRow.Reason.ROLE

    def right(self, case: Case) -> Right | None:
        """Return the actor's right to do it to this case, None without one."""
        permission = PERMISSIONS[BulkRun.Act(self.run.act)]
        reach = scope(self.run.actor, permission)
        return reach.right_for(county=case.county_code, utility_id=case.utility_id, case_id=case.pk)

    def _holds_role(self, case: Case) -> bool:
        chosen, place = self.run.assignee, Place(case.county_code, case.utility_id)
        if chosen is None:
            return True
        if place not in self.holds:
            role = ROLES[BulkRun.Column(self.run.column)]
            self.holds[place] = bool(still_holding([chosen], role, place))
        return self.holds[place]


def _batch(run: BulkRun, checks: Checks, *, now: datetime) -> int:
    """Do the next rows nobody else is doing, in the order of the cases' ids, and return how many there were."""
    with transaction.atomic():
        waiting = run.rows.filter(outcome=BulkRow.Outcome.WAITING).order_by("case_id")
        rows = list(waiting.select_for_update(skip_locked=True)[:BATCH])
        cases = {case.pk: case for case in frame.lock_many(row.case_id for row in rows)}
        for row in rows:
            _do(row, cases[row.case_id], checks, now=now)
        BulkRow.objects.bulk_update(rows, ["outcome", "reason", "event_seq"])
    return len(rows)


def _do(row: BulkRow, case: Case, checks: Checks, *, now: datetime) -> None:
    row.reason = checks.refusal(row, case)
    if not row.reason:
        try:
            with transaction.atomic():
                row.event_seq = _record(row, case, checks, now=now).seq
        except rules.IllegalTransition:
            row.reason = BulkRow.Reason.ILLEGAL
    row.outcome = BulkRow.Outcome.REFUSED if row.reason else BulkRow.Outcome.DONE


def _record(row: BulkRow, case: Case, checks: Checks, *, now: datetime) -> Event:
    run, right = checks.run, checks.right(case)
    facts: dict[str, object] = {"bulk_run_id": str(run.pk)}
    if right and right.on_behalf_of:
        facts["on_behalf_of_user_id"] = right.on_behalf_of
    role = str(right.role) if right else ""
    if run.act == BulkRun.Act.NOTE:
        return note(case, text=run.text, actor=run.actor, role=role, because=facts, version=row.seen_version, now=now)
    return frame.assign(
        case,
        assignee=run.assignee,
        column="assignee" if run.column == BulkRun.Column.ACCOUNT else "project_manager",
        because={"by": "staff", **facts},
        actor=run.actor,
        role=role,
        channel="desk",
        expected_version=row.seen_version,
        now=now,
    )


def note(
    case: Case, *, text: str, actor: User, role: str, because: dict[str, object], version: int, now: datetime
) -> Event:
    """Record a remark on a case, open or closed. Raises PersonalData when it names somebody; and as `record`."""
    return frame.record(
        case,
        kind="note.added",
        actor=actor,
        role=role,
        channel="desk",
        body={"remark": text, **because},
        expected_version=version,
        now=now,
    )


def _finished(run: BulkRun, *, now: datetime) -> BulkRun:
    with transaction.atomic():
        held = BulkRun.objects.select_for_update().get(pk=run.pk)
        if held.state == BulkRun.State.RUNNING and not held.rows.filter(outcome=BulkRow.Outcome.WAITING).exists():
            held.state, held.finished_at = BulkRun.State.DONE, now
            held.save(update_fields=["state", "finished_at"])
    return held


def _held(run: BulkRun, *states: BulkRun.State) -> BulkRun:
    held = BulkRun.objects.select_for_update().get(pk=run.pk)
    if held.state not in states:
        raise WrongState(held)
    return held
