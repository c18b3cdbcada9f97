"""One case: Annex 1 as golden tables, the counting of days, holds, re-reviews, corrections, impossible sequences."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.clock_cases import DEFINITIONS, LIMITS, MAPPINGS, events, local, plain_course
from support.clock_strategies import EVERY, case_of, limits_of, logs
from tongdian.engine.clock import ClockEvent, Reading, definition_from, replay
from tongdian.kernel.calendar import CalendarEnds, packaged_calendar

CALENDAR = packaged_calendar()
PROVE = os.environ.get("TONGDIAN_PROVE") == "1"
LATER = local("2026-12-30 12:00")
ANNEX_1 = ("lv_resident", "lv_three_zero", "lv_other", "hv10_single", "hv10_dual", "hv35_single", "hv35_dual")
# Day of the start event -> deadline of n days; worked out with chinesecalendar 1.11, not with our own calendar.
GOLDEN = {
    "Friday 2026-03-13": {1: "03-16", 2: "03-17", 3: "03-18", 5: "03-20", 7: "03-24", 10: "03-27", 20: "04-13"},
    "Saturday 2026-03-14": {1: "03-16", 2: "03-17", 3: "03-18", 5: "03-20", 7: "03-24", 10: "03-27", 20: "04-13"},
    "holiday-eve 2026-09-30": {1: "10-08", 2: "10-09", 3: "10-10", 5: "10-13", 7: "10-15", 10: "10-20", 20: "11-03"},
    "make-up-Saturday 2026-02-14": {
        1: "02-24",
        2: "02-25",
        3: "02-26",
        5: "02-28",
        7: "03-03",
        10: "03-06",
        20: "03-20",
    },
}
STARTED_BY = {
    "lv_whole": ["application.accepted"],
    "acceptance": ["application.submitted"],
    "scheme": ["application.accepted"],
    "design_review": ["design.submitted"],
    "interim_inspection": ["interim.requested"],
    "completion_inspection": ["completion.reported"],
}
STOPPED_BY = {
    "lv_whole": "connection.energised",
    "acceptance": "application.accepted",
    "scheme": "scheme.issued",
    "design_review": "design.approved",
    "interim_inspection": "interim.passed",
    "completion_inspection": "completion.passed",
    "connect": "connection.energised",
}
STAGES = [(name, stage.id) for name in ANNEX_1 for stage in DEFINITIONS[name].stages]


def started_by(name: str, stage: str) -> list[str]:
    return sorted(DEFINITIONS[name].stage(stage).start_all) or STARTED_BY[stage]


def read(name: str, *lines: str, as_of: datetime = LATER) -> Reading:
    return replay(events(*lines), DEFINITIONS[name], CALENDAR, LIMITS[name], as_of)


def one_stage(name: str, stage: str, start: str, stop: str, as_of: datetime = LATER) -> Reading:
    lines = [f"{start} {kind}" for kind in started_by(name, stage)]
    return read(name, *lines, f"{stop} {STOPPED_BY[stage]}", as_of=as_of)


def read_as(name: str, case: list[ClockEvent], as_of: datetime) -> Reading:
    return replay(case, EVERY[name], CALENDAR, limits_of(name), as_of)


class TestReplayOfAnnex1:
    @pytest.mark.parametrize("start", GOLDEN)
    @pytest.mark.parametrize(("name", "stage"), STAGES)
    def test_sets_the_deadline_of_every_stage(self, name: str, stage: str, start: str) -> None:
        day, limit = start.split()[1], LIMITS[name][stage]
        lines = [f"{day} 09:30 {kind}" for kind in started_by(name, stage)]

        instance = read(name, *lines, as_of=local(f"{day} 10:00")).current(stage)

        assert instance is not None
        assert instance.due is not None
        assert instance.due.date.isoformat() == f"2026-{GOLDEN[start][limit]}"
        assert (instance.verdict, instance.used_days) == ("running", 0)

    @pytest.mark.parametrize("start", GOLDEN)
    @pytest.mark.parametrize(("name", "stage"), STAGES)
    @pytest.mark.parametrize(("shift", "verdict"), [(-1, "on_time"), (0, "on_time"), (1, "late")])
    def test_judges_a_day_under_at_and_over_the_limit(
        self, name: str, stage: str, start: str, shift: int, verdict: str
    ) -> None:
        day, limit = start.split()[1], LIMITS[name][stage]
        stop = CALENDAR.add(date.fromisoformat(day), limit + shift).date

        instance = one_stage(name, stage, f"{day} 09:30", f"{stop} 16:00").current(stage)

        assert instance is not None
        assert (instance.verdict, instance.used_days) == (verdict, limit + shift)

    @pytest.mark.parametrize(("name", "stage"), STAGES)
    def test_counts_to_the_last_moment_of_the_day_in_china(self, name: str, stage: str) -> None:
        last = f"2026-{GOLDEN['Friday 2026-03-13'][LIMITS[name][stage]]}"
        in_time = datetime.fromisoformat(f"{last}T15:59:59.999999+00:00")
        lines = [f"2026-03-13 09:30 {kind}" for kind in started_by(name, stage)]
        case = events(*lines)

        def verdict(at: datetime) -> str | None:
            stop = ClockEvent(seq=len(case) + 1, kind=STOPPED_BY[stage], recorded_at=at)
            found = replay([*case, stop], DEFINITIONS[name], CALENDAR, LIMITS[name], LATER).current(stage)
            return found.verdict if found else None

        assert verdict(in_time) == "on_time"
        assert verdict(in_time + timedelta(microseconds=1)) == "late"

    @pytest.mark.parametrize("name", ANNEX_1)
    def test_reads_a_plain_course_as_on_time(self, name: str) -> None:
        first = date(2026, 3, 2)
        lines = [f"{first + timedelta(days=place // 3)} {9 + place % 3:02}:30" for place in range(12)]
        case = events(*(f"{at} {kind}" for at, kind in zip(lines, plain_course(name), strict=False)))

        reading = replay(case, DEFINITIONS[name], CALENDAR, LIMITS[name], LATER)

        assert (reading.verdict, reading.state, reading.waiting_for) == ("on_time", "closed", "closed")
        assert not reading.findings
        assert [each.stage for each in reading.stages] == [stage.id for stage in DEFINITIONS[name].stages]
        assert "unassigned" not in reading.owners

    def test_is_late_by_the_total_although_every_stage_kept_its_limit(self) -> None:
        limits = {**LIMITS["hv10_single"], "total": 4}
        case = events(
            "2026-03-02 09:00 application.submitted",
            "2026-03-03 09:00 application.accepted",
            "2026-03-10 09:00 scheme.issued",
        )

        reading = replay(case, DEFINITIONS["hv10_single"], CALENDAR, limits, LATER)

        assert [each.verdict for each in reading.stages] == ["on_time", "on_time"]
        assert (reading.utility_days, reading.total_verdict, reading.verdict) == (6, "late", "late")

    def test_is_late_by_one_stage_although_the_total_was_kept(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-04 09:00 application.accepted",
            "2026-03-05 09:00 scheme.issued",
            "2026-03-05 10:00 completion.reported",
            "2026-03-06 09:00 completion.passed",
            "2026-03-06 10:00 contract.signed",
            "2026-03-09 09:00 connection.energised",
        )

        assert (reading.total_verdict, reading.utility_days, reading.verdict) == ("on_time", 5, "late")

    @pytest.mark.parametrize(("stop", "verdict"), [("2026-10-01 23:59", "on_time"), ("2026-10-02 00:00", "late")])
    def test_counts_next_day_connection_by_calendar_day_and_shows_the_working_day(
        self, stop: str, verdict: str
    ) -> None:
        reading = read("lv_no_works", "2026-09-30 09:00 application.accepted", f"{stop} connection.energised")

        due = reading.stages[0].due
        assert due is not None
        assert (due.date, due.unit, due.beside_date) == (date(2026, 10, 1), "calendar_day", date(2026, 10, 8))
        assert reading.verdict == verdict


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


class TestReplayOfTimes:
    def test_counts_an_accepted_earlier_time_and_shows_both_results(self) -> None:
        case = events("2026-03-02 09:00 application.accepted", "2026-03-06 09:00 connection.energised")
        case[1] = replace(case[1], occurred_at=local("2026-03-05 17:00"), counted_at=local("2026-03-05 17:00"))

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert (reading.verdict, reading.utility_days) == ("on_time", 3)
        assert reading.by_recorded is not None
        assert (reading.by_recorded.verdict, reading.by_recorded.utility_days) == ("late", 4)

    def test_never_counts_a_claim_without_accepted_evidence(self) -> None:
        case = events("2026-03-02 09:00 application.accepted", "2026-03-06 09:00 connection.energised")
        case[1] = replace(case[1], occurred_at=local("2026-03-05 17:00"))

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert (reading.verdict, reading.by_recorded) == ("late", None)

    def test_refuses_a_counted_time_after_the_recorded_one(self) -> None:
        case = events("2026-03-02 09:00 application.accepted")
        case[0] = replace(case[0], counted_at=local("2026-03-04 09:00"))

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert [finding.code for finding in reading.findings] == ["counted_after_recorded"]
        assert reading.started_at == local("2026-03-02 09:00")

    def test_applies_a_correction_and_keeps_the_reading_before_it(self) -> None:
        case = events(
            "2026-03-02 09:00 application.accepted",
            "2026-03-03 09:00 connection.energised",
            "2026-03-03 10:00 event.corrected - wrong_case",
        )
        case[2] = replace(case[2], corrects_seq=2, replacement_kind="note.added")

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], local("2026-03-04 09:00"))

        assert reading.state == "running"
        assert reading.before_corrections is not None
        assert reading.before_corrections.state == "closed"

    def test_corrects_the_time_of_an_event_by_an_accepted_one(self) -> None:
        case = events(
            "2026-03-02 09:00 application.accepted",
            "2026-03-06 09:00 connection.energised",
            "2026-03-06 10:00 event.corrected - meter_reading",
        )
        case[2] = replace(case[2], corrects_seq=2, counted_at=local("2026-03-05 09:00"))

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert (reading.verdict, reading.ended_at) == ("on_time", local("2026-03-05 09:00"))

    @pytest.mark.parametrize(("corrects", "reason"), [(9, "typing_error"), (3, "typing_error"), (1, None)])
    def test_refuses_a_correction_of_nothing_of_itself_or_without_reason(
        self, corrects: int, reason: str | None
    ) -> None:
        case = events("2026-03-02 09:00 application.accepted", "2026-03-03 09:00 note.added")
        correction = ClockEvent(
            seq=3,
            kind="event.corrected",
            recorded_at=local("2026-03-03 10:00"),
            reason=reason,
            corrects_seq=corrects,
            replacement_kind="note.added",
        )

        reading = replay([*case, correction], DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert [finding.code for finding in reading.findings] == ["correction_refused"]
        assert reading.accepted_at == local("2026-03-02 09:00")

    def test_reports_recorded_times_that_run_backwards(self) -> None:
        case = events("2026-03-02 09:00 application.accepted", "2026-03-01 09:00 connection.energised")

        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

        assert "recorded_out_of_order" in {finding.code for finding in reading.findings}
        assert reading.verdict == "unclear"

    @pytest.mark.parametrize("place", ["recorded_at", "counted_at"])
    def test_refuses_an_event_without_a_time_zone(self, place: str) -> None:
        case = events("2026-03-02 09:00 application.accepted")
        naive = datetime(2026, 3, 2)  # noqa: DTZ001 - what must be refused

        with pytest.raises(ValueError, match="without a time zone"):
            replay(
                [replace(case[0], **{place: naive})],
                DEFINITIONS["lv_resident"],
                CALENDAR,
                LIMITS["lv_resident"],
                LATER,
            )

    def test_refuses_a_moment_without_a_time_zone(self) -> None:
        with pytest.raises(ValueError, match="as_of has no time zone"):
            read("lv_resident", as_of=datetime(2026, 3, 2))  # noqa: DTZ001 - what must be refused

    def test_refuses_a_seq_used_twice(self) -> None:
        case = events("2026-03-02 09:00 application.accepted")

        with pytest.raises(ValueError, match="two events have seq 1"):
            replay([*case, *case], DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)


class TestReplayOfImpossibleSequences:
    @pytest.mark.parametrize(
        ("lines", "codes"),
        [
            (["scheme.issued"], ["stop_without_start"]),
            (["application.accepted", "scheme.issued", "scheme.issued"], ["stop_without_start", "repeated_stop"]),
            (["application.submitted", "application.submitted"], ["repeated_start"]),
            (["application.deficiency_notified"], ["waiting_without_stage"]),
            (["application.submitted", "application.completed"], ["answer_without_question"]),
            (
                ["application.submitted", "application.accepted", "scheme.issued", "application.accepted"],
                ["repeated_stop", "repeated_acceptance"],
            ),
            (["case.withdrawn", "application.submitted"], ["after_end"]),
        ],
    )
    def test_names_what_does_not_fit(self, lines: list[str], codes: list[str]) -> None:
        reading = read("hv10_single", *(f"2026-03-02 {9 + hour:02}:00 {kind}" for hour, kind in enumerate(lines)))

        assert [finding.code for finding in reading.findings] == codes

    def test_is_unclear_when_stages_are_missing_at_the_end(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 application.accepted",
            "2026-03-03 09:00 connection.energised",
        )

        codes = {(finding.code, finding.stage) for finding in reading.findings}
        assert ("stage_missing", "completion_inspection") in codes
        assert ("stage_open_at_end", "scheme") in codes
        assert (reading.verdict, reading.is_sound) == ("unclear", False)

    def test_is_unclear_when_the_end_has_no_beginning(self) -> None:
        reading = read("lv_resident", "2026-03-02 09:00 connection.energised")

        assert {finding.code for finding in reading.findings} >= {"end_without_start", "stop_without_start"}
        assert (reading.state, reading.verdict, reading.spans) == ("closed", "unclear", ())

    def test_says_of_time_nobody_is_shown_to_hold_that_it_is_unassigned(self) -> None:
        reading = read(
            "lv_other",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 application.accepted",
            "2026-03-03 09:00 contract.signed",
            "2026-03-03 10:00 scheme.issued",
            "2026-03-03 11:00 contract.signed",
        )
        without_gaps = replay(
            events("2026-03-02 09:00 design.submitted", "2026-03-04 09:00 design.approved"),
            replace(DEFINITIONS["hv10_dual"], gaps=()),
            CALENDAR,
            {},
            local("2026-03-06 09:00"),
        )

        assert reading.waiting_for == "utility"
        assert [span.owner for span in without_gaps.spans] == ["utility", "unassigned"]
        assert (without_gaps.days_of("unassigned"), without_gaps.waiting_for) == (2, "utility")


class TestReplay:
    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs(), as_of=st.integers(0, 7 * 366))
    def test_gives_each_instant_of_the_calendar_axis_to_one_owner(
        self, log: tuple[str, list[list[ClockEvent]]], as_of: int
    ) -> None:
        name, cases = log
        moment = datetime(2021, 1, 1, 3, tzinfo=UTC) + timedelta(days=as_of)

        for reading in (read_as(name, case, moment) for case in cases):
            ends = [span.stopped_at or moment for span in reading.spans]
            assert all(before == after.started_at for before, after in zip(ends, reading.spans[1:], strict=False))
            if reading.spans:
                assert reading.spans[0].started_at == reading.started_at
                assert ends[-1] == (reading.ended_at or moment)

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs(), as_of=st.integers(0, 7 * 366))
    def test_adds_the_owners_up_to_the_whole(self, log: tuple[str, list[list[ClockEvent]]], as_of: int) -> None:
        name, cases = log
        moment = datetime(2021, 1, 1, 3, tzinfo=UTC) + timedelta(days=as_of)

        for reading in (read_as(name, case, moment) for case in cases):
            if reading.started_at is None:
                assert not reading.owners
                continue
            end = reading.ended_at or moment
            assert sum((each.elapsed for each in reading.owners.values()), timedelta()) == end - reading.started_at
            assert all(each.days <= each.calendar_days for each in reading.owners.values())

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs())
    def test_is_on_time_only_within_every_limit(self, log: tuple[str, list[list[ClockEvent]]]) -> None:
        name, cases = log

        for reading in (read_as(name, case, local("2028-06-01 00:00")) for case in cases):
            if reading.verdict != "on_time":
                continue
            assert reading.is_sound
            assert all(each.used_days <= (each.limit_days or 10**6) for each in reading.stages)
            assert reading.total_limit_days is None or reading.utility_days <= reading.total_limit_days

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(case=case_of("hv10_dual"))
    def test_starts_a_stage_again_only_after_it_stopped(self, case: list[ClockEvent]) -> None:
        reading = replay(case, DEFINITIONS["hv10_dual"], CALENDAR, LIMITS["hv10_dual"], local("2028-06-01 00:00"))

        for stage in {each.stage for each in reading.stages}:
            instances = [each for each in reading.stages if each.stage == stage]
            assert [each.number for each in instances] == list(range(1, len(instances) + 1))
            assert all(
                first.stopped_at is not None and first.stopped_at <= second.started_at
                for first, second in pairwise(instances)
            )
