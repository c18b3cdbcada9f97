"""One case: which time counts, corrections, and sequences that make no sense."""

from dataclasses import replace
from datetime import datetime

import pytest

from support.clock_cases import DEFINITIONS, LIMITS, MAPPINGS, events, local, read
from tongdian.engine.clock import ClockEvent, definition_from, replay
from tongdian.kernel.calendar import packaged_calendar

CALENDAR = packaged_calendar()
LATER = local("2026-12-30 12:00")


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

    @pytest.mark.parametrize(
        ("corrects", "reason"), [(9, "typing_error"), (4, "typing_error"), (3, "typing_error"), (1, None)]
    )
    def test_refuses_a_correction_of_nothing_of_later_of_itself_or_without_reason(
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

        later = ClockEvent(seq=4, kind="note.added", recorded_at=local("2026-03-03 11:00"))
        reading = replay([*case, correction, later], DEFINITIONS["lv_resident"], CALENDAR, LIMITS["lv_resident"], LATER)

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


class TestReplayOfOwners:
    def test_gives_time_to_the_utility_while_one_of_its_stages_runs_beside_an_agency_s(self) -> None:
        permit = {"id": "permit", "owner": "agency", "start_any": ["permit.filed"], "stop_any": ["permit.granted"]}
        whole = MAPPINGS["lv_resident"]
        definition = definition_from({**whole, "stages": [permit, *whole["stages"]]})
        case = events(
            "2026-03-02 09:00 permit.filed",
            "2026-03-03 09:00 application.accepted",
            "2026-03-04 09:00 permit.granted",
        )

        reading = replay(case, definition, CALENDAR, {}, local("2026-03-05 09:00"))

        assert [(span.owner, span.days) for span in reading.spans] == [("agency", 1), ("utility", 2)]
        assert (reading.agency_days, reading.utility_days) == (1, 2)


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
