from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from support import people
from support.alerts import hand_over, manager, running_case, supervisor, swept, told, working_days_after
from support.frame_cases import happen
from tongdian.case.models import Deadline
from tongdian.oversight.models import Reminder
from tongdian.people.rules import Role


def reasons(user, rule: str = "") -> list[str]:
    return [each.settled_because for each in told(user, rule)]


@pytest.mark.django_db
class TestSweep:
    def test_tells_who_has_the_case_on_the_day_it_is_due(self, case, manager):
        swept(case.next_due_date)

        (reminder,) = told(manager, "due_today")
        assert (reminder.case, reminder.stage, reminder.instance, reminder.revision) == (case, "acceptance", 1, 1)
        assert (reminder.audience, reminder.due_date) == ("assignee", case.next_due_date)

    def test_tells_nobody_of_a_case_with_time_left(self, manager):
        case = running_case(manager)
        happen(case, "application.accepted")

        swept(case.next_due_date - timedelta(days=7))

        assert not told(manager, "due_today")
        assert not told(manager, "one_day_left")

    def test_tells_the_same_once_however_often_it_runs(self, case, manager):
        for hour in (9, 10, 11):
            swept(case.next_due_date, hour=hour)

        assert len(told(manager, "due_today")) == 1

    def test_tells_a_moved_deadline_anew_and_settles_the_old_one(self, case, manager):
        due = case.next_due_date
        swept(due)
        Deadline.objects.filter(case=case).update(superseded_at="2026-11-23T00:00Z")
        Deadline.objects.create(**_next_revision(case))
        swept(due)

        first, second = told(manager, "due_today")
        assert (first.revision, first.settled_because) == (1, Reminder.Because.DEADLINE_MOVED)
        assert (second.revision, second.settled_because) == (2, "")

    def test_escalates_by_working_days_to_the_next_role(self, case, manager):
        lead = people.staff(Role.PROJECT_MANAGER, at=case.utility)
        county, city = supervisor(), supervisor(Role.SUPERVISOR_CITY, "370100")
        due = case.next_due_date
        rung = []
        for days in (1, 2, 5):
            swept(working_days_after(due, days))
            rung.append([bool(told(user, "overdue")) for user in (manager, lead, county, city)])

        assert rung == [[True, True, False, False], [True, True, True, False], [True] * 4]

    def test_tells_only_the_last_of_several_steps_that_reach_one_person(self, case):
        case_owner = case.applicant
        happen(case, "application.deficiency_notified")

        swept(case.opened_at.date() + timedelta(days=30))

        assert [each.step for each in told(case_owner, "your_turn")] == [1]

    def test_leaves_out_other_territories_and_utilities(self, case):
        elsewhere = supervisor(territory="370202")
        other_utility = manager(at=people.organisation("other-grid"))

        swept(working_days_after(case.next_due_date, 12))

        assert not told(elsewhere)
        assert not told(other_utility)

    def test_goes_up_the_chain_where_nobody_holds_the_role(self, case):
        city = supervisor(Role.SUPERVISOR_CITY, "370100")

        swept(working_days_after(case.next_due_date, 2))

        assert [each.audience for each in told(city, "overdue")] == ["supervisor_city"]

    def test_tells_all_account_managers_of_a_case_in_nobodys_hands(self, db):
        managers = [manager(), manager()]
        case = running_case()

        swept(case.next_due_date)

        for each in managers:
            assert [reminder.rule for reminder in told(each)] == ["due_today", "waiting_unassigned"]

    def test_tells_the_applicant_whose_turn_it_is(self, case):
        happen(case, "application.deficiency_notified")

        swept(case.opened_at.date())

        assert [each.rule for each in told(case.applicant)] == ["your_turn"]

    def test_tells_news_once_and_leaves_nothing_to_do(self, case):
        happen(case, "application.accepted")
        for _ in range(2):
            swept(case.opened_at.date())

        (news,) = told(case.applicant, "stage_done")
        assert (news.is_news, news.settled_because, news.is_unread) == (True, Reminder.Because.NEWS, True)

    def test_does_not_tell_old_news(self, case):
        happen(case, "application.accepted")

        swept(case.opened_at.date() + timedelta(days=10))

        assert not told(case.applicant, "stage_done")

    def test_costs_the_same_statements_for_any_number_of_cases(self, manager):
        day = running_case(manager).next_due_date
        swept(day, hour=8)
        counts = []
        for _ in range(2):
            for _ in range(3):
                running_case(manager)
            with CaptureQueriesContext(connection) as captured:
                swept(day, hour=8)
            counts.append(len(captured))

        assert counts[0] == counts[1]


def _next_revision(case) -> dict[str, object]:
    old = Deadline.objects.filter(case=case).order_by("-revision").values().first()
    return old | {"id": None, "revision": old["revision"] + 1, "superseded_at": None}


@pytest.mark.django_db
class TestSettling:
    def test_closes_what_the_case_has_left_behind(self, case, manager):
        swept(case.next_due_date)
        happen(case, "application.accepted")
        swept(case.next_due_date)

        assert reasons(manager, "due_today") == [Reminder.Because.MOVED_ON, ""]

    def test_says_when_the_case_was_closed(self, case, manager):
        due = case.next_due_date
        swept(due)
        happen(case, "case.withdrawn")
        swept(due)

        assert reasons(manager, "due_today") == [Reminder.Because.CLOSED]

    def test_says_when_time_went_on(self, case, manager):
        swept(case.next_due_date)
        swept(case.next_due_date + timedelta(days=1))

        assert reasons(manager, "due_today") == [Reminder.Because.LAPSED]
        assert reasons(manager, "overdue") == [""]

    def test_says_when_somebody_else_has_the_case(self, case, manager):
        other, due = people.staff(Role.ACCOUNT_MANAGER, at=case.utility), case.next_due_date
        swept(due)
        hand_over(case, other)
        swept(due)

        assert reasons(manager, "due_today") == [Reminder.Because.REASSIGNED]
        assert reasons(other, "due_today") == [""]

    def test_ends_the_applicants_turn_with_the_answer(self, case):
        day = case.opened_at.date()
        happen(case, "application.deficiency_notified")
        swept(day)
        happen(case, "application.completed")
        swept(day)

        assert reasons(case.applicant, "your_turn") == [Reminder.Because.MOVED_ON]

    def test_tells_a_second_turn_anew(self, case):
        day = case.opened_at.date()
        for _ in range(2):
            happen(case, "application.deficiency_notified")
            swept(day)
            happen(case, "application.completed")
            swept(day)

        assert len(told(case.applicant, "your_turn")) == 2

    def test_keeps_what_still_stands(self, case, manager):
        swept(case.next_due_date + timedelta(days=1))
        swept(working_days_after(case.next_due_date, 3))

        assert reasons(manager, "overdue") == [""]

    def test_settles_a_rule_the_book_no_longer_has(self, case, manager):
        swept(case.next_due_date)
        Reminder.objects.update(rule="of_yesterday")
        swept(case.next_due_date)

        assert Reminder.Because.RULE_WITHDRAWN in reasons(manager, "of_yesterday")


class TestAtOnce:
    def test_two_sweeps_raise_every_reminder_once(self, committed):
        who = manager()
        first, *_ = [running_case(who) for _ in range(5)]
        day = first.next_due_date

        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: _sweep_in_thread(day), range(2)))

        assert len(told(who, "due_today")) == 5
        assert sorted(run.raised > 0 for run in runs) == [False, True]

    def test_the_constraint_holds_where_the_lock_is_not_taken(self, committed):
        who = manager()
        case = running_case(who)
        swept(case.next_due_date)
        copy = Reminder.objects.filter(recipient=who, rule="due_today").values().first() | {"id": None}

        written = Reminder.objects.bulk_create([Reminder(**copy)], ignore_conflicts=True)

        assert len(written) == 1
        assert len(told(who, "due_today")) == 1


def _sweep_in_thread(day):
    try:
        return swept(day)
    finally:
        connections.close_all()
