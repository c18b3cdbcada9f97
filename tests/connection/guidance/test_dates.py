"""The walked dates are those the engine gives a real case that uses every day it has."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.connection import rules
from tongdian.connection.guidance.dates import Pause, Untimed, latest_dates, standard_of
from tongdian.engine.clock import ClockEvent, replay
from tongdian.kernel.calendar import CalendarEnds, packaged_calendar

CALENDAR = packaged_calendar()
STARTS = st.dates(date(2021, 7, 1), date(2026, 9, 1))


def at(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


class TestLatestDates:
    @settings(max_examples=60, deadline=None)
    @given(customer_class=st.sampled_from(rules.CUSTOMER_CLASSES), start=STARTS)
    def test_agree_with_a_case_of_those_events(self, customer_class: str, start: date) -> None:
        by = standard_of(customer_class, on=start, county_code="370102")

        dates = latest_dates(by, CALENDAR, start=start)

        events: list[ClockEvent] = []
        for stage in dates:
            rule = by.definition.stage(stage.stage)
            kinds = rule.start_all or {min(rule.start_any)}
            events += [
                ClockEvent(len(events) + n, kind, at(stage.start_date)) for n, kind in enumerate(sorted(kinds), 1)
            ]
            events.append(ClockEvent(len(events) + 1, min(rule.passed_by), at(stage.due_date)))
        reading = replay(events, by.definition, CALENDAR, by.limits, at(dates[-1].due_date))
        judged = [each for each in reading.stages if each.stopped_at is not None]
        assert {each.verdict for each in judged} == {"on_time"}
        assert [each.used_days for each in judged] == [stage.limit_days for stage in dates]

    @given(start=STARTS, days=st.integers(1, 30))
    @settings(max_examples=40, deadline=None)
    def test_never_come_earlier_for_a_pause(self, start: date, days: int) -> None:
        by = standard_of("hv10_single", on=start, county_code="370102")
        pause = Pause(start, date.fromordinal(start.toordinal() + days))

        plain, paused = latest_dates(by, CALENDAR, start=start), latest_dates(by, CALENDAR, start=start, pauses=[pause])

        assert all(one.due_date <= two.due_date for one, two in zip(plain, paused, strict=True))

    def test_count_the_next_day_by_the_calendar(self) -> None:
        friday = date(2026, 11, 20)
        by = standard_of("lv_no_works", on=friday, county_code="370102")

        assert latest_dates(by, CALENDAR, start=friday)[-1].due_date == date(2026, 11, 21)

    def test_ignore_a_pause_that_was_over_before(self) -> None:
        start = date(2026, 11, 2)
        by = standard_of("hv10_single", on=start, county_code="370102")

        paused = latest_dates(by, CALENDAR, start=start, pauses=[Pause(date(2026, 10, 1), date(2026, 10, 20))])

        assert paused == latest_dates(by, CALENDAR, start=start)

    def test_refuse_a_stage_the_class_does_not_have(self) -> None:
        by = standard_of("hv10_single", on=date(2026, 11, 2), county_code="370102")

        with pytest.raises(KeyError):
            latest_dates(by, CALENDAR, start=date(2026, 11, 2), first_stage="design_review")

    def test_end_where_the_calendar_ends(self) -> None:
        by = standard_of("hv35_dual", on=date(2026, 11, 2), county_code="370102")

        with pytest.raises(CalendarEnds):
            latest_dates(by, CALENDAR, start=CALENDAR.last)

    @pytest.mark.parametrize("what", ["acceptance", "pause"])
    def test_say_what_the_book_leaves_open(self, what: str) -> None:
        start = date(2026, 11, 2)
        by = standard_of("hv10_single", on=start, county_code="370102")
        limits = {stage: days for stage, days in by.limits.items() if stage != what}
        definition = replace(by.definition, pause=None) if what == "pause" else by.definition
        open_book = replace(by, limits=limits, definition=definition)

        with pytest.raises(Untimed) as caught:
            latest_dates(open_book, CALENDAR, start=start, pauses=[Pause(start, date(2026, 11, 9))])

        assert caught.value.what == what
