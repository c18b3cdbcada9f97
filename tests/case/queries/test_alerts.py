from datetime import timedelta

import pytest
from django.utils import timezone

from support.frame_cases import happen, new_case
from tongdian.case.models import Case, Deadline
from tongdian.case.queries import alerts


def named(rows) -> list[dict[str, object]]:
    return [dict(zip(alerts.COLUMNS, row, strict=True)) for row in rows]


class TestRunningDeadlines:
    def test_give_the_stage_instance_and_revision_of_the_next_deadline(self, submitted):
        (row,) = named(alerts.running_deadlines())

        assert (row["case_id"], row["stage"], row["instance"], row["revision"]) == (submitted.pk, "acceptance", 1, 1)
        assert row["measured_date"] == row["due_date"] == submitted.next_due_date

    def test_leave_out_what_was_superseded_and_what_is_closed(self, submitted):
        Deadline.objects.filter(case=submitted).update(superseded_at=timezone.now())
        closed = new_case()
        happen(closed, "application.submitted")
        happen(closed, "case.withdrawn")

        assert named(alerts.running_deadlines()) == []

    def test_follow_the_case_to_its_next_stage(self, submitted):
        happen(submitted, "application.accepted")

        assert [row["stage"] for row in named(alerts.running_deadlines())] == ["scheme"]


class TestOpenSince:
    def test_finds_what_began_and_was_not_ended(self, submitted):
        event = happen(submitted, "application.deficiency_notified")

        rows = alerts.open_since(["application.deficiency_notified"], settled_by=["application.completed"])

        assert [row["event_seq"] for row in named(rows)] == [event.seq]

    def test_forgets_it_once_it_was_ended(self, submitted):
        happen(submitted, "application.deficiency_notified")
        happen(submitted, "application.completed")

        rows = alerts.open_since(["application.deficiency_notified"], settled_by=["application.completed"])

        assert named(rows) == []

    def test_counts_from_the_latest_of_several(self, submitted):
        for _ in range(2):
            event = happen(submitted, "application.deficiency_notified")

        rows = alerts.open_since(["application.deficiency_notified"], settled_by=[])

        assert [row["event_seq"] for row in named(rows)] == [event.seq]

    def test_can_be_limited_to_cases_nobody_has(self, submitted):
        Case.objects.filter(pk=submitted.pk).update(assignee=submitted.opened_by)

        assert named(alerts.open_since(["application.submitted"], settled_by=[], is_unassigned=True)) == []
        assert len(named(alerts.open_since(["application.submitted"], settled_by=[]))) == 1


class TestHappened:
    def test_leaves_out_what_is_old_and_what_was_imported(self, submitted):
        happen(submitted, "application.accepted", channel="import")
        now = timezone.now()

        def kinds(**period) -> int:
            since = now - timedelta(**period)
            return len(named(alerts.happened(["application.submitted", "application.accepted"], since=since)))

        assert kinds(hours=1) == 1
        assert kinds(hours=-1) == 0


class TestCasesMeasured:
    def test_keeps_the_days_between_both_ends(self, submitted):
        rows, every = alerts.running_deadlines(), Case.objects.all()
        due, day = submitted.next_due_date, timedelta(days=1)

        assert list(alerts.cases_measured(rows, every, first=due, last=due)) == [submitted]
        assert list(alerts.cases_measured(rows, every, first=None, last=due - day)) == []
        assert list(alerts.cases_measured(rows, every, first=due + day, last=due + 2 * day)) == []


@pytest.mark.django_db
class TestOpenPlaces:
    def test_lists_each_county_and_utility_once(self, founded):
        first, _ = new_case(), new_case()

        assert alerts.open_places() == [(first.county_code, first.utility_id)]
