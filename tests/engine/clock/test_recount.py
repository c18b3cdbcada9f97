"""The working behind a deadline, and what another calendar makes of it."""

from datetime import date

import pytest

from support.clock_cases import DEFINITIONS, LIMITS, events, local
from tongdian.engine.clock import Reading, explain, recomputed, replay
from tongdian.kernel.calendar import CALENDAR_DAYS, CalendarEnds, WorkingCalendar, packaged_calendar

CALENDAR = packaged_calendar()
BEFORE_2020_CHANGE = packaged_calendar(date(2020, 1, 1))


def read(name: str, *lines: str, as_of: str, calendar: WorkingCalendar = CALENDAR) -> Reading:
    return replay(events(*lines), DEFINITIONS[name], calendar, LIMITS[name], local(as_of))


class TestExplain:
    def test_shows_each_day_with_its_number_and_its_holiday(self) -> None:
        reading = read("lv_resident", "2026-09-29 09:00 application.accepted", as_of="2026-09-29 10:00")

        lines = explain(reading, reading.stages[0], CALENDAR)

        assert [line.ordinal for line in lines] == [0, 1, *[None] * 7, 2, 3]
        assert (lines[0].date, lines[-1].date) == (date(2026, 9, 29), date(2026, 10, 9))
        assert {line.holiday for line in lines[2:9]} == {"国庆节"}
        assert all(line.notice for line in lines[2:9])

    def test_marks_the_days_somebody_else_holds(self) -> None:
        reading = read(
            "hv10_single",
            "2026-03-02 09:00 application.submitted",
            "2026-03-02 10:00 application.deficiency_notified",
            "2026-03-04 10:00 application.completed",
            as_of="2026-03-04 11:00",
        )

        lines = explain(reading, reading.stages[0], CALENDAR)

        assert [(line.ordinal, line.held_by) for line in lines] == [
            (0, None),
            (None, "customer"),
            (None, "customer"),
            (1, None),
        ]

    def test_numbers_calendar_days_where_these_count(self) -> None:
        reading = read("lv_no_works", "2026-09-30 09:00 application.accepted", as_of="2026-09-30 10:00")

        assert [line.ordinal for line in explain(reading, reading.stages[0], CALENDAR)] == [0, 1]

    def test_has_nothing_to_show_without_a_limit(self) -> None:
        case = events("2026-03-02 09:00 application.accepted")
        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR, {}, local("2026-03-03 09:00"))

        assert explain(reading, reading.stages[0], CALENDAR) == ()

    def test_refuses_a_calendar_that_does_not_reach(self) -> None:
        case = events("1999-03-02 09:00 application.accepted")
        limits = LIMITS["lv_resident"]
        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR_DAYS, limits, local("1999-03-03 09:00"))

        with pytest.raises(CalendarEnds):
            explain(reading, reading.stages[0], CALENDAR)


class TestRecomputed:
    def test_lists_the_deadlines_that_a_new_notice_moves(self) -> None:
        # On 2020-01-27 the State Council prolonged the Spring Festival holiday to 2020-02-02.
        lines = ["2020-01-22 09:00 application.submitted", "2020-01-23 09:00 application.accepted"]
        old = read("hv10_single", *lines, as_of="2020-01-24 09:00", calendar=BEFORE_2020_CHANGE)

        moved = recomputed(old, CALENDAR)

        assert [(each.stage, each.number) for each in moved] == [("scheme", 1)]
        assert moved[0].before.date < moved[0].after.date
        assert (moved[0].before.calendar_version, moved[0].after.calendar_version) == (
            BEFORE_2020_CHANGE.version,
            CALENDAR.version,
        )

    def test_lists_nothing_under_the_same_calendar(self) -> None:
        reading = read("lv_resident", "2026-03-02 09:00 application.accepted", as_of="2026-03-03 09:00")

        assert recomputed(reading, CALENDAR) == ()

    def test_refuses_a_calendar_that_does_not_reach(self) -> None:
        case = events("1999-03-02 09:00 application.accepted")
        limits = LIMITS["lv_resident"]
        reading = replay(case, DEFINITIONS["lv_resident"], CALENDAR_DAYS, limits, local("1999-03-03 09:00"))

        with pytest.raises(CalendarEnds):
            recomputed(reading, CALENDAR)
