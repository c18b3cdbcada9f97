"""One case: holds, re-reviews, what is due next, and the switches of counting."""

from datetime import date, timedelta

import pytest

from support.clock_cases import LIMITS, MAPPINGS, events, local, read
from tongdian.engine.clock import definition_from, replay
from tongdian.kernel.calendar import CalendarEnds, packaged_calendar

CALENDAR = packaged_calendar()
LATER = local("2026-12-30 12:00")


class TestReplayOfHolds:
    def test_moves_the_deadline_by_the_days_the_customer_took(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-03 10:00 application.deficiency_notified",
            "2026-03-06 11:00 application.completed",
            "2026-03-06 15:00 application.accepted",
            as_of=local("2026-03-06 16:00"),
        )

        instance = reading.stages[0]
        assert instance.due is not None
        assert (instance.due.date, instance.used_days, instance.verdict) == (date(2026, 3, 6), 1, "on_time")
        assert [(hold.owner, hold.label, hold.days) for hold in instance.holds] == [("customer", "waiting", 3)]
        assert (reading.customer_days, reading.utility_days) == (3, 1)

    def test_gives_the_next_working_day_when_the_customer_answers_on_a_rest_day(self) -> None:
        lines = [
            "2026-03-05 09:00 application.submitted",
            "2026-03-06 10:00 application.deficiency_notified",
            "2026-03-08 20:00 application.completed",
        ]

        on_monday = read("hv10_single", *lines, "2026-03-09 17:00 application.accepted").stages[0]
        on_tuesday = read("hv10_single", *lines, "2026-03-10 09:00 application.accepted").stages[0]

        assert (on_monday.verdict, on_monday.used_days) == ("on_time", 1)
        assert (on_tuesday.verdict, on_tuesday.used_days) == ("late", 2)

    def test_does_not_excuse_what_was_late_before_the_hold(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-04 10:00 application.deficiency_notified",
            "2026-03-09 11:00 application.completed",
            "2026-03-09 12:00 application.accepted",
        )

        assert (reading.stages[0].used_days, reading.stages[0].verdict) == (2, "late")

    def test_treats_a_pause_with_reason_and_owner_like_waiting(self) -> None:
        reading = read(
            "lv_three_zero",
            "2026-03-02 09:00 application.accepted",
            "2026-03-05 09:00 clock.paused agency permit_pending",
            "2026-03-19 09:00 clock.resumed",
            "2026-03-25 09:00 connection.energised",
        )

        assert (reading.agency_days, reading.utility_days, reading.whole_days) == (10, 7, 17)
        assert reading.verdict == "on_time"
        assert [(span.owner, span.label) for span in reading.gaps] == [("agency", "permit_pending")]

    def test_holds_a_stage_that_starts_during_a_pause(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 clock.paused force_majeure flood",
            "2026-03-02 11:00 application.accepted",
            "2026-03-09 09:00 clock.resumed",
            as_of=local("2026-03-10 09:00"),
        )

        scheme = reading.current("scheme")
        assert scheme is not None
        assert (scheme.used_days, scheme.holds[0].days, reading.force_majeure_days) == (1, 5, 5)

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("clock.paused", "pause_without_owner"),
            ("clock.paused agency", "pause_without_reason"),
            ("clock.paused nobody flood", "pause_without_owner"),
            ("clock.resumed", "resumed_without_pause"),
        ],
    )
    def test_lets_the_clock_go_on_after_an_unfounded_pause(self, line: str, code: str) -> None:
        reading = read(
            "lv_resident",
            "2026-03-02 09:00 application.accepted",
            f"2026-03-03 09:00 {line}",
            "2026-03-06 09:00 connection.energised",
        )

        assert [finding.code for finding in reading.findings] == [code]
        assert (reading.utility_days, reading.verdict) == (4, "late")

    def test_refuses_a_reason_outside_the_white_list(self) -> None:
        definition = definition_from(
            {**MAPPINGS["lv_resident"], "pause": {"from": "clock.paused", "to": "clock.resumed", "reasons": ["flood"]}}
        )
        case = events("2026-03-02 09:00 application.accepted", "2026-03-03 09:00 clock.paused customer holiday")

        reading = replay(case, definition, CALENDAR, LIMITS["lv_resident"], local("2026-03-04 09:00"))

        assert [finding.code for finding in reading.findings] == ["pause_without_reason"]
        assert reading.waiting_for == "utility"

    def test_ignores_a_second_pause_inside_a_pause(self) -> None:
        reading = read(
            "lv_resident",
            "2026-03-02 09:00 application.accepted",
            "2026-03-03 09:00 clock.paused customer away",
            "2026-03-04 09:00 clock.paused agency permit_pending",
            "2026-03-05 09:00 clock.resumed",
            "2026-03-06 09:00 connection.energised",
        )

        assert [finding.code for finding in reading.findings] == ["repeated_pause"]
        assert (reading.customer_days, reading.agency_days, reading.utility_days) == (2, 0, 2)

    def test_reports_a_second_list_of_what_is_missing(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 application.deficiency_notified",
            "2026-03-03 10:00 application.completed",
            "2026-03-03 11:00 application.deficiency_notified",
            "2026-03-04 10:00 application.completed",
        )

        assert [finding.code for finding in reading.findings] == ["repeated_question"]
        assert reading.stages[0].holds[1].days == 1


class TestReplayOfInstances:
    def test_opens_a_new_instance_for_a_re_review_and_counts_it(self) -> None:
        reading = read(
            "hv10_dual",
            "2026-03-02 09:00 design.submitted",
            "2026-03-04 09:00 design.rejected",
            "2026-03-09 09:00 design.submitted",
            "2026-03-10 09:00 design.approved",
        )

        outcomes = [(each.number, each.outcome, each.used_days, each.verdict) for each in reading.stages]
        assert outcomes == [(1, "failed", 2, "on_time"), (2, "passed", 1, "on_time")]
        assert reading.attempts("design_review") == 2
        assert reading.days_of("customer") > 0

    @pytest.mark.parametrize("last", ["completion.passed", "contract.signed"])
    def test_starts_connecting_with_the_later_of_both_conditions(self, last: str) -> None:
        first = {"completion.passed": "contract.signed", "contract.signed": "completion.passed"}[last]

        reading = read("hv10_single", f"2026-03-02 09:00 {first}", f"2026-03-05 09:00 {last}")

        connect = reading.current("connect")
        assert connect is not None
        assert connect.started_at == local("2026-03-05 09:00")

    def test_takes_back_a_pass_that_failed_afterwards(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 completion.reported",
            "2026-03-03 09:00 completion.passed",
            "2026-03-03 10:00 completion.reported",
            "2026-03-04 09:00 completion.failed",
            "2026-03-05 09:00 contract.signed",
        )

        assert reading.current("connect") is None

    def test_names_the_nearest_deadline_and_who_has_to_act(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-03 09:00 application.accepted",
            as_of=local("2026-03-04 09:00"),
        )

        assert reading.next_due is not None
        assert (reading.next_due.date, reading.next_due.stage) == (date(2026, 3, 10), "scheme")
        assert reading.waiting_for == "utility"

    def test_has_nothing_due_while_the_customer_is_waited_for(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 application.deficiency_notified",
        )

        assert reading.next_due is None
        assert (reading.waiting_for, reading.verdict) == ("customer", "running")
        assert reading.stages[0].is_held

    def test_is_late_while_running_past_the_deadline(self) -> None:
        reading = read("lv_resident", "2026-03-02 09:00 application.accepted", as_of=local("2026-03-06 00:00"))

        assert (reading.state, reading.verdict, reading.stages[0].outcome) == ("running", "late", "open")

    def test_ends_with_a_withdrawal_and_keeps_what_was_late(self) -> None:
        lines = ["2026-03-02 09:00 application.accepted", "2026-03-03 09:00 case.withdrawn customer"]
        late = ["2026-03-02 09:00 application.accepted", "2026-03-13 09:00 case.withdrawn customer"]

        assert read("lv_resident", *lines).verdict == "withdrawn"
        assert read("lv_resident", *late).verdict == "late"
        assert read("lv_resident", *lines).stages[0].outcome == "cut"

    def test_knows_nothing_before_the_first_event(self) -> None:
        reading = read("lv_resident")

        assert (reading.verdict, reading.state, reading.waiting_for) == ("not_started", "not_started", "customer")
        assert (reading.whole_days, reading.next_due, reading.spans) == (None, None, ())

    def test_leaves_out_what_was_recorded_after_the_moment_asked_for(self) -> None:
        reading = read(
            "lv_resident",
            "2026-03-02 09:00 application.accepted",
            "2026-03-04 09:00 connection.energised",
            as_of=local("2026-03-03 09:00"),
        )

        assert (reading.state, reading.utility_days) == ("running", 1)

    def test_marks_days_after_the_last_notice_as_provisional(self) -> None:
        horizon = CALENDAR.horizon
        start = horizon - timedelta(days=1)

        reading = read("lv_three_zero", f"{start} 09:00 application.accepted", as_of=local(f"{start} 10:00"))

        assert reading.next_due is not None
        assert reading.next_due.is_provisional
        assert reading.is_provisional

    def test_refuses_a_day_outside_the_calendar(self) -> None:
        with pytest.raises(CalendarEnds):
            read("lv_resident", "1999-03-02 09:00 application.accepted")


class TestReplayOfSwitches:
    def test_can_count_the_day_of_the_start(self) -> None:
        definition = definition_from({**MAPPINGS["lv_resident"], "counting": {"trigger_day_is_zero": False}})

        reading = replay(
            events("2026-03-02 09:00 application.accepted"), definition, CALENDAR, LIMITS["lv_resident"], LATER
        )

        assert reading.stages[0].due is not None
        assert reading.stages[0].due.date == date(2026, 3, 4)

    def test_can_take_a_receipt_on_a_rest_day_as_of_the_next_working_day(self) -> None:
        definition = definition_from(
            {**MAPPINGS["lv_resident"], "counting": {"receipt_on_rest_day": "next_working_day"}}
        )

        reading = replay(
            events("2026-03-14 09:00 application.accepted"), definition, CALENDAR, LIMITS["lv_resident"], LATER
        )

        assert reading.stages[0].due is not None
        assert reading.stages[0].due.date == date(2026, 3, 19)
