import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from support.frame_cases import happen, new_case, new_user, new_utility
from tongdian.case import operations
from tongdian.case.models import BulkRow, BulkRun, Case, Event
from tongdian.case.operations import bulk
from tongdian.case.timeline.personal import PersonalData
from tongdian.gateway.jobs import run_worker
from tongdian.people.models import Absence, Grant, User

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ASSIGN, NOTE = BulkRun.Act.ASSIGN, BulkRun.Act.NOTE


def officer(territory_code: str = "370100", role: str = "account_manager") -> User:
    user = new_user(kind="staff")
    Grant.objects.create(
        user=user,
        role=role,
        organisation=new_utility(),
        territory_code=territory_code,
        valid_from=timezone.now() - timedelta(days=1),
    )
    return user


def cases(count: int = 2, **fields) -> list[Case]:
    made = [new_case(**fields) for _ in range(count)]
    for case in made:
        happen(case, "application.submitted")
    return made


def chosen(actor: User, found: list[Case], *, act=ASSIGN) -> BulkRun:
    return bulk.choose(actor, act=act, case_ids=[case.pk for case in found], query="", now=NOW)


def ready(actor: User, found: list[Case], to: User) -> BulkRun:
    return bulk.prepare(chosen(actor, found), column="assignee", assignee=to)


def outcomes(run: BulkRun) -> dict:
    return {row.case_id: (row.outcome, row.reason) for row in BulkRow.objects.filter(run=run)}


class TestChoose:
    def test_keeps_only_what_the_actor_reaches(self, founded):
        inside, outside = cases(1)[0], cases(1, county_code="370202")[0]

        run = chosen(officer(), [inside, outside])

        assert [row.case_id for row in run.rows.all()] == [inside.pk]

    def test_refuses_nothing(self, founded):
        with pytest.raises(bulk.NothingChosen):
            chosen(officer(), cases(1, county_code="370202"))

    def test_refuses_too_many(self, founded, monkeypatch):
        monkeypatch.setattr(bulk, "current_book", lambda: _Book(1))

        with pytest.raises(bulk.TooManyChosen):
            chosen(officer(), cases(2))


class _Book:
    def __init__(self, value: int) -> None:
        self.value = value

    def lookup(self, *args, **kwargs) -> "_Book":
        return self


class TestPrepare:
    def test_takes_the_versions_of_now(self, founded):
        actor, (case,) = officer(), cases(1)
        run = chosen(actor, [case])
        happen(case, "application.accepted")

        bulk.prepare(run, column="assignee", assignee=actor)

        assert run.rows.get().seen_version == case.version

    def test_refuses_a_note_about_a_person(self, founded):
        run = chosen(officer(), cases(1), act=NOTE)

        with pytest.raises(PersonalData):
            bulk.prepare(run, text="请联系 13800000000")

    def test_is_too_late_once_confirmed(self, founded):
        actor = officer()
        run = ready(actor, cases(1), actor)
        bulk.confirm(run, now=NOW)

        with pytest.raises(bulk.WrongState):
            bulk.prepare(run, column="assignee", assignee=actor)


class TestConfirm:
    def test_writes_one_event_for_each_case(self, founded):
        actor, to = officer(), officer()
        found = cases(3)

        run = bulk.confirm(ready(actor, found, to), now=NOW)

        assert run.state == BulkRun.State.DONE
        for case in found:
            events = Event.objects.filter(case=case, kind="assignment.changed")
            assert [event.facts["bulk_run_id"] for event in events] == [str(run.pk)]
            assert (events[0].actor, events[0].role) == (actor, "account_manager")
            assert Case.objects.get(pk=case.pk).assignee == to

    def test_gives_each_case_it_cannot_do_its_reason(self, founded):
        actor, to = officer(), officer("370102")
        fine, stale, closed, same, elsewhere = cases(5)
        Case.objects.filter(pk=elsewhere.pk).update(county_code="370103")
        operations.assign(same, assignee=to, actor=actor, channel="desk", expected_version=same.version, now=NOW)
        happen(closed, "case.withdrawn")
        run = ready(actor, [fine, stale, closed, same, elsewhere], to)
        happen(stale, "application.accepted")

        bulk.confirm(run, now=NOW)

        assert outcomes(run) == {
            fine.pk: ("done", ""),
            stale.pk: ("refused", "stale"),
            closed.pk: ("refused", "closed"),
            same.pk: ("refused", "same"),
            elsewhere.pk: ("refused", "role"),
        }

    def test_asks_for_the_right_to_assign_in_each_place(self, founded):
        actor, to = officer("370102"), officer()
        Grant.objects.create(
            user=actor,
            role="planner",
            organisation=new_utility(),
            territory_code="370103",
            valid_from=timezone.now() - timedelta(days=1),
        )
        (elsewhere,) = cases(1, county_code="370103")
        run = ready(actor, [elsewhere], to)

        bulk.confirm(run, now=NOW)

        assert outcomes(run) == {elsewhere.pk: ("refused", "out_of_reach")}

    def test_gives_nothing_to_who_is_away(self, founded):
        actor, to = officer(), officer()
        Absence.objects.create(
            user=to,
            valid_from=NOW.date(),
            valid_until=NOW.date() + timedelta(days=1),
            reason="leave",
            entered_by=to,
            entered_at=NOW,
        )
        (case,) = cases(1)
        run = ready(actor, [case], to)

        bulk.confirm(run, now=NOW)

        assert outcomes(run) == {case.pk: ("refused", "absent")}

    def test_names_a_project_manager(self, founded):
        actor, to = officer(), officer(role="project_manager")
        (case,) = cases(1)

        bulk.confirm(bulk.prepare(chosen(actor, [case]), column="project_manager", assignee=to), now=NOW)

        assert Case.objects.get(pk=case.pk).project_manager == to

    def test_notes_open_and_closed_cases(self, founded):
        actor = officer()
        closed, fine = cases(2)
        happen(closed, "case.withdrawn")
        run = bulk.prepare(chosen(actor, [closed, fine], act=NOTE), text="已电话核对现场条件")

        bulk.confirm(run, now=NOW)

        assert {outcome for outcome, _ in outcomes(run).values()} == {"done"}
        assert Event.objects.get(case=closed, kind="note.added").facts["remark"] == "已电话核对现场条件"

    def test_is_taken_once(self, founded):
        actor, to = officer(), officer()
        run = ready(actor, cases(1), to)
        bulk.confirm(run, now=NOW)

        with pytest.raises(bulk.WrongState):
            bulk.confirm(run, now=NOW)
        assert Event.objects.filter(kind="assignment.changed").count() == 1

    def test_needs_a_preview(self, founded):
        with pytest.raises(bulk.WrongState):
            bulk.confirm(chosen(officer(), cases(1)), now=NOW)

    def test_leaves_a_large_run_to_a_job(self, founded, monkeypatch):
        actor, to = officer(), officer()
        run = ready(actor, cases(2), to)
        monkeypatch.setattr(bulk, "current_book", lambda: _Book(1))
        asked = []
        monkeypatch.setattr(bulk.jobs, "enqueue", lambda name, **arguments: asked.append((name, arguments)))

        assert bulk.confirm(run, now=NOW).state == BulkRun.State.RUNNING

        assert asked == [("case.work_bulk", {"run_id": str(run.pk)})]
        assert bulk.work(run.pk, now=NOW).state == BulkRun.State.DONE
        assert bulk.work(run.pk, now=NOW).state == BulkRun.State.DONE


class TestBesideOthers:
    def test_two_people_who_assign_overlapping_sets_lose_nothing(self, committed):
        first, second = officer(), officer()
        found = cases(12)
        runs = [ready(first, found[:9], first), ready(second, found[3:], second)]

        _together(*(lambda run=run: bulk.confirm(run, now=NOW) for run in runs))

        results = [outcomes(run) for run in runs]
        for case in found[3:9]:
            assert sorted(result[case.pk][0] for result in results) == ["done", "refused"]
            assert {result[case.pk][1] for result in results} == {"", "stale"}
        assert Event.objects.filter(kind="assignment.changed").count() == 12

    def test_a_double_click_does_it_once(self, committed):
        actor, to = officer(), officer()
        run = ready(actor, cases(3), to)
        refused = []

        def click() -> None:
            try:
                bulk.confirm(run, now=NOW)
            except bulk.WrongState as error:
                refused.append(error)

        _together(click, click)

        assert len(refused) == 1
        assert Event.objects.filter(kind="assignment.changed").count() == 3

    def test_two_workers_share_the_rows(self, committed, monkeypatch):
        monkeypatch.setattr(bulk, "BATCH", 2)
        actor, to = officer(), officer()
        run = ready(actor, cases(7), to)
        BulkRun.objects.filter(pk=run.pk).update(state="running")

        _together(*(lambda: bulk.work(run.pk, now=NOW) for _ in range(2)))

        assert Event.objects.filter(kind="assignment.changed").count() == 7
        assert BulkRun.objects.get(pk=run.pk).state == BulkRun.State.DONE

    def test_the_worker_does_a_large_run(self, committed, monkeypatch):
        actor, to = officer(), officer()
        run = ready(actor, cases(2), to)
        monkeypatch.setattr(bulk, "current_book", lambda: _Book(1))
        bulk.confirm(run, now=NOW)

        run_worker(is_draining=True)

        assert BulkRun.objects.get(pk=run.pk).state == BulkRun.State.DONE


def _together(*calls) -> None:
    barrier, failures = threading.Barrier(len(calls)), []

    def run(call) -> None:
        try:
            barrier.wait()
            call()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not failures, failures
