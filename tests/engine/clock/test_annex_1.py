"""Annex 1 as golden tables: seven classes, every stage, every kind of starting day."""

from datetime import date, datetime, timedelta

import pytest

from support.clock_cases import DEFINITIONS, LIMITS, events, local, plain_course, read
from tongdian.engine.clock import ClockEvent, Reading, replay
from tongdian.kernel.calendar import packaged_calendar

CALENDAR = packaged_calendar()
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


def one_stage(name: str, stage: str, start: str, stop: str, as_of: datetime = LATER) -> Reading:
    lines = [f"{start} {kind}" for kind in started_by(name, stage)]
    return read(name, *lines, f"{stop} {STOPPED_BY[stage]}", as_of=as_of)


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
