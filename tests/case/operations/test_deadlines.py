from datetime import date, timedelta

import pytest
from django.utils import timezone

from support.frame_cases import happen, new_case, new_user
from tongdian.case.models import CalendarVersion, Case, Event
from tongdian.case.operations import frame, notices, recomputation
from tongdian.case.queries.calendar import UnknownCalendar, calendar, calendar_of
from tongdian.case.queries.clock import Standard, UnitMismatch, local_date, reading, standard
from tongdian.gateway import jobs
from tongdian.kernel.calendar import packaged_calendar
from tongdian.kernel.notices import NoticeContradiction
from tongdian.policy import NoRuling

SHORT_NOTICE = {
    "number": "样例〔2026〕1号",
    "title": "样例通知",
    "address": "https://example.org/1",
    "announced_date": date(2026, 11, 23),
}


def rest_days(first: date, n: int) -> notices.NoticeFacts:
    """A notice that calls the next n days off."""
    days = [(first + timedelta(days=i), False, "样例假") for i in range(n)]
    return notices.NoticeFacts(**SHORT_NOTICE, days=days)


def in_force(facts: notices.NoticeFacts) -> None:
    entered = notices.enter_notice(facts, actor=new_user(), now=timezone.now())
    notices.confirm_notice(entered, actor=new_user(), now=timezone.now())


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


class TestRefresh:
    def test_makes_a_new_revision_when_a_pause_moves_the_deadline(self, submitted):
        happen(submitted, "application.accepted")
        (before,) = submitted.deadlines.filter(stage="scheme")
        happen(submitted, "clock.paused", body={"owner": "customer", "reason": "customer_request"})
        assert (submitted.waiting_for, submitted.next_due_date) == ("customer", None)

        happen(submitted, "clock.resumed")

        assert submitted.next_due_date == before.due_date
        assert submitted.deadlines.filter(stage="scheme").count() == 1

    def test_opens_a_deadline_per_instance(self, submitted):
        happen(submitted, "application.accepted")
        happen(submitted, "scheme.issued")
        happen(submitted, "completion.reported")

        stages = {(each.stage, each.instance) for each in submitted.deadlines.all()}
        assert stages == {("acceptance", 1), ("scheme", 1), ("completion_inspection", 1)}

    def test_has_no_clock_without_a_customer_class(self, founded):
        case = new_case(customer_class="")

        happen(case, "application.submitted")

        assert (case.next_due_date, case.deadlines.count()) == (None, 0)

    def test_refuses_a_class_the_book_does_not_know(self, founded):
        case = new_case(customer_class="hv99")

        with pytest.raises(NoRuling, match="hv99"):
            happen(case, "application.submitted")
        assert not Event.objects.filter(case=case).exists()

    def test_drops_the_limits_of_the_class_before(self, submitted):
        happen(submitted, "application.accepted")

        happen(submitted, "note.added", changes={"customer_class": "hv10_dual"})

        old, new = submitted.deadlines.filter(stage="scheme").order_by("revision")
        assert (old.limit_days, new.limit_days, new.revision) == (5, 7, 2)
        assert (old.superseded_at is None, new.superseded_at) == (False, None)
        assert submitted.total_limit_days == 18

    def test_follows_a_correction(self, submitted):
        happen(submitted, "application.accepted")
        facts = {"reason": "误操作", "channel": "desk", "expected_version": 2, "now": timezone.now()}

        frame.correct_event(submitted, seq=2, replacement={}, actor=new_user(), approver=new_user(), **facts)

        assert (submitted.version, submitted.accepted_at, submitted.next_stage) == (3, None, "acceptance")


class TestRecompute:
    def test_records_every_move_with_the_old_and_new_day(self, submitted):
        before = submitted.deadlines.get()
        in_force(rest_days(tomorrow(), 20))

        event = recomputation.recompute(submitted, actor=None, now=timezone.now())

        old, new = submitted.deadlines.order_by("revision")
        assert (old.due_date, old.calendar_version) == (before.due_date, packaged_calendar().version)
        assert (new.due_date, new.calendar_version) == (submitted.next_due_date, calendar().version)
        assert new.due_date > tomorrow() + timedelta(days=19)
        (move,) = event.facts["moved"]
        assert (move["before_date"], move["after_date"]) == (old.due_date.isoformat(), new.due_date.isoformat())
        assert event.facts["calendar_after"] == calendar().version

    def test_keeps_its_own_calendar_until_the_move_is_recorded(self, submitted):
        before = submitted.next_due_date
        in_force(rest_days(tomorrow(), 20))

        happen(submitted, "note.added")

        assert (submitted.next_due_date, submitted.calendar_version) == (before, packaged_calendar().version)

    def test_takes_a_calendar_that_moves_nothing_along(self, submitted):
        in_force(rest_days(tomorrow() + timedelta(days=200), 1))

        happen(submitted, "note.added")

        assert submitted.calendar_version == calendar().version
        assert submitted.deadlines.get().calendar_version == packaged_calendar().version

    def test_refuses_to_record_nothing(self, submitted):
        with pytest.raises(recomputation.NothingMoved):
            recomputation.recompute(submitted, actor=None, now=timezone.now())


class TestRecomputeOpenCases:
    def test_reports_what_moved_and_what_could_not_be_computed(self, founded):
        moved, broken, closed = new_case(), new_case(), new_case()
        for case in (moved, broken, closed):
            happen(case, "application.submitted")
        happen(closed, "case.withdrawn")
        Case.objects.filter(pk=broken.pk).update(customer_class="hv99")
        in_force(rest_days(tomorrow(), 20))

        report = recomputation.recompute_open_cases(actor=None, now=timezone.now(), batch=1)

        assert [each.case_id for each in report.moved] == [moved.pk]
        assert [each.case_id for each in report.failed] == [broken.pk]
        assert "hv99" in report.failed[0].reason
        assert report.checked == 2

    def test_moves_nothing_twice(self, submitted):
        in_force(rest_days(tomorrow(), 20))
        recomputation.recompute_open_cases(actor=None, now=timezone.now())

        again = recomputation.recompute_open_cases(actor=None, now=timezone.now())

        assert (again.checked, again.moved, again.failed) == (1, (), ())


class TestCalendarOf:
    def test_rebuilds_every_version_a_deadline_was_computed_with(self, submitted):
        in_force(rest_days(tomorrow(), 3))
        happen(new_case(), "application.submitted")
        kept = calendar()
        later = notices.NoticeFacts(
            **(SHORT_NOTICE | {"number": "样例〔2026〕2号"}), days=[(tomorrow() + timedelta(days=9), False, "样例假")]
        )
        in_force(later)

        assert CalendarVersion.objects.filter(version=kept.version).exists()
        assert calendar().version != kept.version
        assert calendar_of(kept.version).version == kept.version
        assert calendar_of(kept.version).named_days == kept.named_days

    def test_refuses_a_version_nobody_kept(self, db):
        with pytest.raises(UnknownCalendar, match="0000"):
            calendar_of("0" * 64)


class TestStandard:
    def test_cites_the_ruling_behind_each_limit(self, case):
        found = standard(case, on=date(2026, 11, 23))

        assert isinstance(found, Standard)
        assert found.limits == {"acceptance": 1, "scheme": 5, "completion_inspection": 3, "connect": 2, "total": 11}
        assert found.clauses["scheme"].clause.zh.endswith("附件1 第2行")

    def test_refuses_days_before_the_rules(self, case):
        with pytest.raises(NoRuling):
            standard(case, on=date(2019, 1, 1))

    def test_says_when_units_differ(self):
        error = UnitMismatch("connection.total_limit.x", "month", "workday")

        assert (error.policy_id, error.unit, error.counted) == ("connection.total_limit.x", "month", "workday")


class TestReading:
    def test_reads_at_any_later_moment(self, submitted):
        later = reading(submitted, as_of=timezone.now() + timedelta(days=30))

        assert later.verdict == "late"
        assert later.next_due is not None

    def test_needs_a_fixed_number_of_queries(self, submitted, django_assert_num_queries):
        with django_assert_num_queries(2):
            reading(submitted, as_of=timezone.now())

    @pytest.mark.parametrize(("kind", "counts"), [("device_receipt", True), ("hearsay", False)])
    def test_counts_a_claimed_time_only_with_evidence_of_the_white_list(self, submitted, kind, counts):
        claimed = timezone.now() - timedelta(seconds=2)
        happen(
            submitted, "application.accepted", occurred_at=claimed, body={"evidence_kind": kind}, evidence=["ab" * 32]
        )

        assert (submitted.accepted_at == claimed) is counts

    def test_counts_no_claimed_time_beyond_the_tolerance(self, submitted):
        facts = {"body": {"evidence_kind": "device_receipt"}, "evidence": ["ab" * 32]}
        event = happen(submitted, "application.accepted", occurred_at=timezone.now() - timedelta(days=3), **facts)

        assert submitted.accepted_at == event.recorded_at


class TestLocalDate:
    @pytest.mark.parametrize(("text", "expected"), [("15:59", 23), ("16:00", 24)])
    def test_changes_at_midnight_in_shanghai(self, text, expected):
        moment = timezone.datetime.fromisoformat(f"2026-11-23T{text}:00+00:00")

        assert local_date(moment) == date(2026, 11, expected)


class TestConfirmNotice:
    def test_changes_nothing_before_a_second_person_confirms(self, db):
        notices.enter_notice(rest_days(tomorrow(), 3), actor=new_user(), now=timezone.now())

        assert calendar() is packaged_calendar()

    def test_orders_the_recomputation(self, db):
        in_force(rest_days(tomorrow(), 3))

        assert "case.recompute_deadlines" in jobs.names()
        assert not calendar().is_working(tomorrow())

    def test_refuses_the_person_who_entered_it(self, db):
        author = new_user()
        entered = notices.enter_notice(rest_days(tomorrow(), 3), actor=author, now=timezone.now())

        with pytest.raises(notices.SamePerson):
            notices.confirm_notice(entered, actor=author, now=timezone.now())

    def test_refuses_a_second_confirmation(self, db):
        entered = notices.enter_notice(rest_days(tomorrow(), 3), actor=new_user(), now=timezone.now())
        notices.confirm_notice(entered, actor=new_user(), now=timezone.now())

        with pytest.raises(notices.AlreadyConfirmed):
            notices.confirm_notice(entered, actor=new_user(), now=timezone.now())


class TestEnterNotice:
    def test_refuses_a_day_both_worked_and_off(self, db):
        facts = notices.NoticeFacts(**SHORT_NOTICE, days=[(tomorrow(), True, "甲"), (tomorrow(), False, "甲")])

        with pytest.raises(NoticeContradiction):
            notices.enter_notice(facts, actor=new_user(), now=timezone.now())

    def test_refuses_a_notice_without_days(self, db):
        with pytest.raises(ValueError, match="sets no day"):
            notices.enter_notice(notices.NoticeFacts(**SHORT_NOTICE, days=[]), actor=new_user(), now=timezone.now())


class TestDiscardNotice:
    def test_deletes_an_unconfirmed_notice(self, db):
        entered = notices.enter_notice(rest_days(tomorrow(), 3), actor=new_user(), now=timezone.now())

        notices.discard_notice(entered, actor=new_user())

        assert not type(entered).objects.exists()

    def test_refuses_a_notice_in_force(self, db):
        entered = notices.enter_notice(rest_days(tomorrow(), 3), actor=new_user(), now=timezone.now())
        notices.confirm_notice(entered, actor=new_user(), now=timezone.now())

        with pytest.raises(notices.AlreadyConfirmed):
            notices.discard_notice(entered, actor=new_user())
