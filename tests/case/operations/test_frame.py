import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from support.frame_cases import happen, new_case, new_user, new_utility
from tongdian.case import kinds, operations, rules
from tongdian.case.models import Case, CaseTerms, Event
from tongdian.case.operations import frame
from tongdian.case.operations.timeline import NotInTransaction

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class TestOpenCase:
    def test_makes_a_row_at_version_0_in_the_initial_status(self, case):
        assert (case.version, case.status, case.number) == (0, "new", None)

    def test_refuses_to_stand_alone(self, committed):
        facts = {"kind": "sample", "customer_class": "", "title": "", "address": "", "county_code": "370102"}

        with pytest.raises(NotInTransaction):
            operations.open_case(**facts, utility=new_utility(), actor=new_user(), now=NOW)

    def test_refuses_an_unregistered_kind(self, founded):
        with pytest.raises(kinds.UnknownKind, match="nowhere"):
            new_case(kind="nowhere")


class TestRecord:
    def test_appends_one_event_and_moves_status_and_version(self, case):
        event = happen(case, "application.submitted")

        stored = Case.objects.get(pk=case.pk)
        assert (stored.status, stored.version, event.seq) == ("submitted", 1, 1)
        assert (case.status, case.version) == ("submitted", 1)
        assert stored.opened_at == event.recorded_at
        assert Event.objects.filter(case=case).count() == 1

    def test_keeps_the_deadline_with_calendar_and_rules(self, submitted):
        deadline = submitted.deadlines.get()

        assert (deadline.stage, deadline.instance, deadline.revision, deadline.limit_days) == ("acceptance", 1, 1, 1)
        assert deadline.calendar_version == submitted.calendar_version != ""
        assert deadline.policy_digest == submitted.policy_digest != ""
        assert (submitted.next_stage, submitted.next_due_date) == ("acceptance", deadline.due_date)
        assert submitted.waiting_for == "utility"

    def test_judges_from_acceptance_by_the_rules_of_that_day(self, submitted):
        happen(submitted, "application.accepted")

        assert submitted.judged_date == timezone.localdate(submitted.accepted_at)
        assert (submitted.next_stage, submitted.total_limit_days) == ("scheme", 11)

    def test_waits_for_the_customer_after_a_deficiency_notice(self, submitted):
        happen(submitted, "application.deficiency_notified")

        assert (submitted.waiting_for, submitted.next_due_date) == ("customer", None)

    def test_closes_a_case_at_an_end(self, submitted):
        happen(submitted, "application.accepted")
        happen(submitted, "scheme.issued")
        event = happen(submitted, "connection.energised")

        assert submitted.closed_at == event.recorded_at
        assert (submitted.waiting_for, submitted.next_due_date) == ("closed", None)

    def test_refuses_an_event_that_is_not_legal_and_writes_nothing(self, submitted):
        with pytest.raises(rules.IllegalTransition) as refused:
            happen(submitted, "scheme.issued")

        assert refused.value.legal[0] == "application.deficiency_notified"
        assert Event.objects.filter(case=submitted).count() == 1

    def test_refuses_a_status_the_kind_does_not_know(self, submitted):
        Case.objects.filter(pk=submitted.pk).update(status="lost")

        with pytest.raises(rules.UnknownStatus, match="lost"):
            happen(submitted, "application.accepted")

    def test_tells_a_second_editor_who_changed_what_and_when(self, submitted):
        seen = submitted.version
        officer = new_user()
        first = happen(submitted, "application.deficiency_notified", officer, role="account_manager")

        with pytest.raises(frame.StaleCase) as stale:
            happen(submitted, "application.accepted", expected_version=seen)

        (change,) = stale.value.changes
        assert (change.actor, change.role, change.kind) == (officer, "account_manager", first.kind)
        assert change.recorded_at == first.recorded_at
        assert (stale.value.expected, stale.value.version) == (1, 2)

    def test_changes_the_columns_it_is_told_to(self, submitted):
        happen(submitted, "note.added", changes={"title": "新名称"})

        assert Case.objects.get(pk=submitted.pk).title == "新名称"
        assert "新名" in CaseTerms.objects.get(case=submitted).terms

    def test_refuses_to_change_a_column_that_follows_from_the_timeline(self, submitted):
        with pytest.raises(frame.NotChangeable, match="status"):
            happen(submitted, "note.added", changes={"status": "closed"})

    def test_writes_everything_or_nothing(self, submitted):
        def fail_after_recording():
            with transaction.atomic():
                happen(submitted, "application.accepted")
                raise RuntimeError("after the record")

        with pytest.raises(RuntimeError, match="after"):
            fail_after_recording()

        assert Case.objects.get(pk=submitted.pk).status == "submitted"
        assert Event.objects.filter(case=submitted).count() == 1

    def test_needs_the_same_queries_however_long_the_case(self, submitted, django_assert_max_num_queries):
        for _ in range(5):
            happen(submitted, "note.added")

        with django_assert_max_num_queries(14):
            happen(submitted, "note.added")


class TestAssign:
    def test_records_who_had_it_before(self, submitted):
        officer = new_user()

        event = operations.assign(
            submitted, assignee=officer, actor=officer, channel="desk", expected_version=1, now=NOW
        )

        assert submitted.assignee == officer
        assert event.facts == {
            "assigned_role": "account_manager",
            "from_user_id": None,
            "to_user_id": officer.pk,
        }

    def test_records_the_project_manager_and_what_the_choice_rests_on(self, submitted):
        officer = new_user()

        event = operations.assign(
            submitted,
            assignee=officer,
            column="project_manager",
            because={"reason": "knows the site"},
            actor=officer,
            channel="desk",
            expected_version=1,
            now=NOW,
        )

        assert (submitted.project_manager, submitted.assignee) == (officer, None)
        assert event.facts["assigned_role"] == "project_manager"
        assert event.facts["reason"] == "knows the site"

    def test_refuses_to_change_nothing(self, submitted):
        with pytest.raises(frame.AlreadyAssigned):
            operations.assign(submitted, assignee=None, actor=new_user(), channel="desk", expected_version=1, now=NOW)


class TestLockMany:
    def test_returns_the_rows_in_the_order_of_their_ids(self, founded):
        cases = [new_case(), new_case()]

        locked = operations.lock_many([case.pk for case in cases])

        assert [case.pk for case in locked] == sorted(case.pk for case in cases)

    def test_refuses_a_missing_one(self, case):
        with pytest.raises(Case.DoesNotExist, match="0000"):
            operations.lock_many([case.pk, "00000000-0000-0000-0000-000000000000"])


class TestAssignNumber:
    def test_is_held_to_its_form_by_the_database(self, case):
        with pytest.raises(IntegrityError, match="case_number_form"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(number="TD-1")

    def test_counts_per_county_and_local_year(self, founded):
        first, second, elsewhere = new_case(), new_case(), new_case(county_code="370202")
        new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)

        numbers = [operations.assign_number(each, now=NOW) for each in (first, second, elsewhere)]
        later = operations.assign_number(new_case(), now=new_year)

        assert [number[:18] for number in numbers] == ["370102-2026-000001", "370102-2026-000002", "370202-2026-000001"]
        assert later.startswith("370102-2027-000001")

    def test_refuses_a_second_number(self, case):
        operations.assign_number(case, now=NOW)

        with pytest.raises(frame.AlreadyNumbered):
            operations.assign_number(case, now=NOW)

    def test_refuses_to_stand_alone(self, committed):
        with pytest.raises(NotInTransaction):
            operations.assign_number(Case(county_code="370102"), now=NOW)

    def test_takes_a_number_back_when_the_submission_fails(self, founded):
        def fail_after_numbering():
            with transaction.atomic():
                operations.assign_number(new_case(), now=NOW)
                raise RuntimeError("the submission failed")

        with pytest.raises(RuntimeError, match="failed"):
            fail_after_numbering()

        assert operations.assign_number(new_case(), now=NOW).startswith("370102-2026-000001")


class TestConcurrentWriters:
    """Threads with connections of their own, started together, on committed rows."""

    def test_let_one_officer_win_and_tell_the_other(self, committed):
        case = new_case()
        happen(case, "application.submitted")
        officers = [new_user(), new_user()]
        start = threading.Barrier(2)

        def accept(officer):
            try:
                start.wait(timeout=10)
                return happen(Case.objects.get(pk=case.pk), "application.accepted", officer, expected_version=1)
            except frame.StaleCase as stale:
                return stale
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(accept, officers))

        (event,) = [each for each in outcomes if isinstance(each, Event)]
        (stale,) = [each for each in outcomes if isinstance(each, frame.StaleCase)]
        assert [(change.actor, change.kind) for change in stale.changes] == [(event.actor, "application.accepted")]
        assert stale.changes[0].recorded_at == event.recorded_at
        assert Case.objects.get(pk=case.pk).version == 2

    def test_record_a_double_submit_once(self, committed):
        case = new_case()
        start = threading.Barrier(2)

        def submit(_):
            try:
                start.wait(timeout=10)
                return happen(Case.objects.get(pk=case.pk), "application.submitted", expected_version=0).seq
            except frame.StaleCase:
                return "told"
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            outcomes = set(pool.map(submit, range(2)))

        assert outcomes == {1, "told"}
        assert Event.objects.filter(case=case).count() == 1

    def test_get_numbers_without_gap_or_double(self, committed):
        utility, clerk = new_utility(), new_user()
        start = threading.Barrier(4)

        def submit_five(county_codes):
            start.wait(timeout=10)
            given = []
            for county_code in county_codes:
                with transaction.atomic():
                    case = new_case(clerk, utility=utility, county_code=county_code)
                    happen(case, "application.submitted")
                    given.append(operations.assign_number(case, now=NOW))
            connections.close_all()
            return given

        # Opposite orders of the counties would deadlock if a counter stayed locked over more than its transaction.
        orders = [["370102", "370202"] * 2, ["370202", "370102"] * 2] * 2
        with ThreadPoolExecutor(4) as pool:
            given = sorted(number for numbers in pool.map(submit_five, orders) for number in numbers)

        expected = [f"{county}-2026-{serial:06}" for county in ("370102", "370202") for serial in range(1, 9)]
        assert [number[:18] for number in given] == expected
