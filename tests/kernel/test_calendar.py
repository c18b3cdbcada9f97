"""The working calendar against known cases, a day-by-day oracle and two other calendars."""

from bisect import bisect_right
from datetime import date, timedelta

import chinese_calendar
import holidays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.kernel.calendar import (
    CALENDAR_DAYS,
    WEEKDAYS_ONLY,
    CalendarEnds,
    WorkingCalendar,
    calendar_from,
    packaged_calendar,
)
from tongdian.kernel.day_table import date_of, day_number
from tongdian.kernel.notices import Notice, NoticeDay, packaged_notices

CALENDAR = packaged_calendar()
DAY = timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    return [first + DAY * offset for offset in range((last - first).days + 1)]


def counted_by_hand(calendar: WorkingCalendar, after: date, until: date) -> int:
    return sum(calendar.is_working(day) for day in days_between(after + DAY, until))


def added_by_hand(calendar: WorkingCalendar, start: date, n: int) -> date:
    day = start
    while n:
        day += DAY
        n -= calendar.is_working(day)
    return day


def make_notice(identifier: str, settles: tuple[str, str] | None, *, off: list[str]) -> Notice:
    return Notice(
        id=identifier,
        number="测试〔2026〕1号",
        title="测试通知",
        address="https://example.org/notice",
        announced_on=date(2026, 11, 25),
        settles=(date.fromisoformat(settles[0]), date.fromisoformat(settles[1])) if settles else None,
        days=tuple(NoticeDay(date.fromisoformat(day), is_working=False, name="元旦") for day in off),
    )


dates = st.dates(CALENDAR.first, CALENDAR.last - DAY * 120)


class TestIsWorking:
    @pytest.mark.parametrize("year", range(2018, 2027))
    def test_agrees_with_chinesecalendar_on_every_day(self, year: int) -> None:
        days = days_between(date(year, 1, 1), date(year, 12, 31))

        differing = [day for day in days if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)]

        assert differing == []

    @pytest.mark.parametrize("year", range(2018, 2027))
    def test_agrees_with_holidays_on_every_day(self, year: int) -> None:
        china = holidays.country_holidays("CN", years=year)
        days = days_between(date(year, 1, 1), date(year, 12, 31))

        differing = [day for day in days if CALENDAR.is_working(day) != china.is_working_day(day)]

        assert differing == []

    @pytest.mark.parametrize(("year", "expected"), [(2020, 249), (2021, 250), (2022, 249), (2025, 248), (2026, 248)])
    def test_gives_the_known_working_days_of_a_year(self, year: int, expected: int) -> None:
        assert CALENDAR.count(date(year - 1, 12, 31), date(year, 12, 31)).days == expected

    @pytest.mark.parametrize(
        "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    )
    def test_knows_the_make_up_days_of_2026(self, day: str) -> None:
        assert date.fromisoformat(day).weekday() >= 5
        assert CALENDAR.is_working(date.fromisoformat(day))

    @pytest.mark.parametrize(
        ("day", "is_working"),
        [("2017-12-29", True), ("2017-12-30", False), ("2017-12-31", False), ("2018-01-01", False)],
    )
    def test_covers_the_new_year_days_of_the_first_notice(self, day: str, is_working: bool) -> None:
        assert CALENDAR.is_working(date.fromisoformat(day)) is is_working

    @pytest.mark.parametrize("day", [CALENDAR.first - DAY, CALENDAR.last + DAY])
    def test_raises_outside_the_table(self, day: date) -> None:
        with pytest.raises(CalendarEnds) as caught:
            CALENDAR.is_working(day)

        assert (caught.value.day, caught.value.first, caught.value.last) == (day, CALENDAR.first, CALENDAR.last)
        assert str(day) in str(caught.value)


class TestIsProvisional:
    @pytest.mark.parametrize(
        ("day", "is_provisional"),
        [
            ("2026-12-28", False),
            # The New Year's holiday of the next notice reaches back to 29 December.
            ("2026-12-29", True),
            ("2027-01-01", True),
            ("2028-12-31", True),
            ("2019-05-02", False),
        ],
    )
    def test_begins_after_the_horizon(self, day: str, is_provisional: bool) -> None:
        assert CALENDAR.is_provisional(date.fromisoformat(day)) is is_provisional

    def test_raises_outside_the_table(self) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.is_provisional(CALENDAR.last + DAY)

    @pytest.mark.parametrize(
        ("day", "is_working"),
        [
            ("2027-01-01", False),
            ("2027-05-01", False),
            ("2027-05-03", True),
            ("2027-10-01", False),
            ("2027-10-04", True),
            ("2028-05-02", False),
            ("2028-10-02", False),
            # Spring Festival 2027 is not foretold: its days off depend on the notice.
            ("2027-02-08", True),
        ],
    )
    def test_days_follow_weekdays_and_fixed_holidays(self, day: str, is_working: bool) -> None:
        assert CALENDAR.is_working(date.fromisoformat(day)) is is_working


class TestAdd:
    @pytest.mark.parametrize(
        ("start", "n", "deadline"),
        [
            ("2020-12-30", 3, "2021-01-05"),
            ("2021-02-09", 7, "2021-02-24"),
            ("2022-09-29", 11, "2022-10-19"),
            ("2026-02-12", 7, "2026-02-28"),
            ("2026-04-30", 11, "2026-05-19"),
            ("2026-09-30", 3, "2026-10-10"),
        ],
    )
    def test_finds_the_golden_deadlines(self, start: str, n: int, deadline: str) -> None:
        found = CALENDAR.add(date.fromisoformat(start), n)

        assert (found.date, found.is_provisional) == (date.fromisoformat(deadline), False)

    @given(start=dates, n=st.integers(0, 60))
    def test_equals_walking_day_by_day(self, start: date, n: int) -> None:
        assert CALENDAR.add(start, n).date == added_by_hand(CALENDAR, start, n)

    @pytest.mark.parametrize("day", [date(2026, 10, 3), date(2026, 10, 9)])
    def test_of_nothing_gives_the_start_worked_or_not(self, day: date) -> None:
        assert CALENDAR.add(day, 0).date == day

    def test_starts_after_a_day_off_as_after_the_working_day_before(self) -> None:
        assert CALENDAR.add(date(2026, 10, 4), 3) == CALENDAR.add(date(2026, 9, 30), 3)

    @pytest.mark.parametrize(
        ("start", "n", "found", "is_provisional"),
        [
            ("2026-12-25", 1, "2026-12-28", False),
            ("2026-12-25", 2, "2026-12-29", True),
            ("2026-12-25", 11, "2027-01-12", True),
        ],
    )
    def test_marks_a_date_beyond_the_horizon(self, start: str, n: int, found: str, is_provisional: bool) -> None:
        answer = CALENDAR.add(date.fromisoformat(start), n)

        assert (answer.date.isoformat(), answer.is_provisional) == (found, is_provisional)

    @pytest.mark.parametrize(
        ("start", "n"),
        [(CALENDAR.last, 1), (CALENDAR.last - DAY * 30, 32), (CALENDAR.first - DAY, 1), (CALENDAR.last + DAY, 0)],
    )
    def test_raises_when_start_or_answer_lies_outside(self, start: date, n: int) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.add(start, n)

    def test_raises_for_a_negative_number(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            CALENDAR.add(date(2026, 1, 5), -1)


class TestCount:
    @given(after=dates, length=st.integers(0, 120))
    def test_equals_counting_day_by_day(self, after: date, length: int) -> None:
        until = after + DAY * length

        assert CALENDAR.count(after, until).days == counted_by_hand(CALENDAR, after, until)

    @given(start=dates, n=st.integers(1, 60))
    def test_undoes_add(self, start: date, n: int) -> None:
        assert CALENDAR.count(start, CALENDAR.add(start, n).date).days == n

    @pytest.mark.parametrize("until", ["2026-09-30", "2026-09-29", "2026-01-01"])
    def test_is_nothing_on_the_same_or_an_earlier_day(self, until: str) -> None:
        counted = CALENDAR.count(date(2026, 9, 30), date.fromisoformat(until))

        assert (counted.days, counted.is_provisional) == (0, False)

    @pytest.mark.parametrize(
        ("after", "until", "is_provisional"),
        [
            ("2026-12-20", "2026-12-28", False),
            ("2026-12-20", "2026-12-29", True),
            ("2027-03-01", "2027-03-01", False),
            ("2027-03-02", "2027-03-01", False),
        ],
    )
    def test_is_provisional_when_it_counts_a_day_beyond_the_horizon(
        self, after: str, until: str, is_provisional: bool
    ) -> None:
        counted = CALENDAR.count(date.fromisoformat(after), date.fromisoformat(until))

        assert counted.is_provisional is is_provisional

    @pytest.mark.parametrize(
        ("after", "until"), [(CALENDAR.first - DAY, CALENDAR.first), (CALENDAR.last, CALENDAR.last + DAY)]
    )
    def test_raises_when_either_day_lies_outside(self, after: date, until: date) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.count(after, until)


class TestOnOrAfter:
    @pytest.mark.parametrize(
        ("day", "expected"),
        [("2026-09-30", "2026-09-30"), ("2026-10-01", "2026-10-08"), ("2026-10-10", "2026-10-10")],
    )
    def test_moves_a_day_off_to_the_next_working_day(self, day: str, expected: str) -> None:
        assert CALENDAR.on_or_after(date.fromisoformat(day)).date.isoformat() == expected

    def test_marks_a_day_beyond_the_horizon(self) -> None:
        assert CALENDAR.on_or_after(date(2027, 3, 1)).is_provisional

    def test_raises_when_no_working_day_follows(self) -> None:
        assert not CALENDAR.is_working(CALENDAR.last)

        with pytest.raises(CalendarEnds):
            CALENDAR.on_or_after(CALENDAR.last)


class TestAddMany:
    @settings(max_examples=50)
    @given(rows=st.lists(st.tuples(dates, st.integers(0, 60)), min_size=1, max_size=50))
    def test_equals_add_row_by_row(self, rows: list[tuple[date, int]]) -> None:
        starts = np.array([day_number(start) for start, _ in rows], dtype=np.int32)

        days, flags = CALENDAR.add_many(starts, np.array([n for _, n in rows]))

        expected = [CALENDAR.add(start, n) for start, n in rows]
        assert [date_of(day) for day in days] == [one.date for one in expected]
        assert flags.tolist() == [one.is_provisional for one in expected]

    def test_agrees_over_the_borders_of_its_passes(self) -> None:
        starts = np.tile(np.arange(day_number(CALENDAR.first), day_number(CALENDAR.last) - 60, dtype=np.int32), 12)
        assert len(starts) > 40_000

        days, _ = CALENDAR.add_many(starts, 7)

        period = len(starts) // 12
        assert days[:period].tolist() == [day_number(CALENDAR.add(date_of(day), 7).date) for day in starts[:period]]
        assert np.array_equal(np.tile(days[:period], 12), days)

    def test_equals_a_search_in_the_list_of_working_days_for_every_start_and_limit(self) -> None:
        starts = range(day_number(CALENDAR.first), day_number(CALENDAR.last) - 100)
        worked = [day for day in starts if CALENDAR.is_working(date_of(day))]
        starts = starts[:-100]

        days, _ = CALENDAR.add_many(np.repeat(starts, 40), np.tile(np.arange(1, 41), len(starts)))

        expected = [worked[bisect_right(worked, start) + n - 1] for start in starts for n in range(1, 41)]
        assert days.tolist() == expected

    def test_takes_one_number_for_all_rows(self) -> None:
        days, _ = CALENDAR.add_many([day_number(date(2026, 9, 30)), day_number(date(2026, 2, 12))], 3)

        assert [date_of(day).isoformat() for day in days] == ["2026-10-10", "2026-02-24"]

    def test_of_no_rows_is_no_rows(self) -> None:
        days, flags = CALENDAR.add_many(np.array([], dtype=np.int32), np.array([], dtype=np.int32))

        assert (days.dtype, len(days), len(flags)) == (np.int32, 0, 0)

    @pytest.mark.parametrize("start", [CALENDAR.first - DAY, CALENDAR.last, CALENDAR.last + DAY])
    def test_raises_when_any_row_lies_outside(self, start: date) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.add_many([day_number(date(2026, 1, 5)), day_number(start)], 1)

    def test_raises_for_a_negative_number(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            CALENDAR.add_many([day_number(date(2026, 1, 5))] * 2, [1, -1])

    @pytest.mark.parametrize("column", [np.array([1.5]), np.array(["2026-01-05"], dtype="datetime64[D]")])
    def test_raises_for_a_column_that_is_no_whole_number(self, column: np.ndarray) -> None:
        with pytest.raises(TypeError, match="whole numbers"):
            CALENDAR.add_many(column, 1)


class TestCountMany:
    @settings(max_examples=50)
    @given(rows=st.lists(st.tuples(dates, dates), min_size=1, max_size=50))
    def test_equals_count_row_by_row(self, rows: list[tuple[date, date]]) -> None:
        after, until = (
            np.array([day_number(day) for day in column], dtype=np.int32) for column in zip(*rows, strict=True)
        )

        days, flags = CALENDAR.count_many(after, until)

        expected = [CALENDAR.count(*row) for row in rows]
        assert days.tolist() == [one.days for one in expected]
        assert flags.tolist() == [one.is_provisional for one in expected]

    def test_takes_one_day_for_all_rows(self) -> None:
        days, flags = CALENDAR.count_many([day_number(date(2026, 9, 30))] * 2, day_number(date(2026, 10, 10)))

        assert (days.tolist(), flags.tolist()) == ([3, 3], [False, False])

    @pytest.mark.parametrize("day", [CALENDAR.first - DAY, CALENDAR.last + DAY])
    def test_raises_when_any_row_lies_outside(self, day: date) -> None:
        inside = day_number(date(2026, 1, 5))

        with pytest.raises(CalendarEnds):
            CALENDAR.count_many([inside, day_number(day)], [inside, inside])

    def test_raises_for_a_column_that_is_no_whole_number(self) -> None:
        with pytest.raises(TypeError, match="whole numbers"):
            CALENDAR.count_many([1.5], [2.5])


class TestExplain:
    def test_shows_every_day_with_its_reason(self) -> None:
        steps = CALENDAR.explain(date(2026, 9, 30), 3)

        assert [(step.date.isoformat()[5:], step.ordinal, step.holiday) for step in steps] == [
            ("09-30", 0, ""),
            *((f"10-0{day}", None, "国庆节") for day in range(1, 8)),
            ("10-08", 1, ""),
            ("10-09", 2, ""),
            ("10-10", 3, "国庆节"),
        ]
        assert (steps[-1].is_working, steps[-1].holiday_en, steps[-1].notice) == (True, "National Day", "cn-2026")
        assert (steps[0].notice, steps[0].is_provisional) == ("", False)

    def test_names_the_notice_that_had_the_last_word(self) -> None:
        steps = CALENDAR.explain(date(2020, 1, 30), 1)

        assert [step.notice for step in steps] == ["cn-2020", *["cn-2020-spring-festival"] * 3, ""]

    def test_marks_provisional_days_and_their_fixed_holiday(self) -> None:
        steps = CALENDAR.explain(date(2026, 12, 28), 4)

        assert [step.is_provisional for step in steps] == [False] + [True] * 7
        assert [(step.holiday, step.notice) for step in steps if step.date == date(2027, 1, 1)] == [("元旦", "")]

    @given(start=dates, n=st.integers(0, 40))
    def test_ends_with_the_answer_of_add(self, start: date, n: int) -> None:
        last = CALENDAR.explain(start, n)[-1]

        assert (last.date, last.ordinal) == (CALENDAR.add(start, n).date, n)

    def test_raises_as_add_does(self) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.explain(CALENDAR.last, 1)
        with pytest.raises(ValueError, match="negative"):
            CALENDAR.explain(CALENDAR.first, -1)


class TestSteps:
    @given(after=dates, length=st.integers(0, 60))
    def test_count_what_count_counts(self, after: date, length: int) -> None:
        until = after + DAY * length

        steps = CALENDAR.steps(after, until)

        assert [step.date for step in steps] == days_between(after, until)
        assert sum(step.ordinal is not None for step in steps[1:]) == CALENDAR.count(after, until).days

    def test_are_only_the_start_when_the_end_is_earlier(self) -> None:
        assert [step.date for step in CALENDAR.steps(date(2026, 3, 3), date(2026, 3, 2))] == [date(2026, 3, 3)]

    @pytest.mark.parametrize(
        ("after", "until"), [(CALENDAR.first - DAY, CALENDAR.first), (CALENDAR.last, CALENDAR.last + DAY)]
    )
    def test_raise_when_either_day_lies_outside(self, after: date, until: date) -> None:
        with pytest.raises(CalendarEnds):
            CALENDAR.steps(after, until)


class TestPackagedCalendar:
    @pytest.mark.parametrize(
        ("start", "n", "known_on", "deadline"),
        [
            # Labour Day 2019: Sunday 28 April became a working day, 2 and 3 May days off.
            ("2019-04-26", 3, "2019-03-21", "2019-05-02"),
            ("2019-04-26", 3, "2019-03-22", "2019-04-30"),
            ("2019-04-26", 4, "2019-03-21", "2019-05-03"),
            ("2019-04-26", 4, "2019-03-22", "2019-05-05"),
            # Spring Festival 2020: prolonged to 2 February, the make-up day of 1 February fell away.
            ("2020-01-23", 1, "2020-01-26", "2020-01-31"),
            ("2020-01-23", 1, "2020-01-27", "2020-02-03"),
            ("2020-01-23", 3, "2020-01-20", "2020-02-03"),
            ("2020-01-23", 3, "2020-01-27", "2020-02-05"),
        ],
    )
    def test_gives_the_deadline_as_known_on_a_day(self, start: str, n: int, known_on: str, deadline: str) -> None:
        found = packaged_calendar(date.fromisoformat(known_on)).add(date.fromisoformat(start), n)

        assert (found.date.isoformat(), found.is_provisional) == (deadline, False)

    def test_marks_what_was_not_announced_then(self) -> None:
        known = packaged_calendar(date(2021, 10, 24))

        assert known.horizon == date(2021, 12, 28)
        assert known.add(date(2021, 12, 28), 10).is_provisional
        assert not packaged_calendar(date(2021, 10, 25)).add(date(2021, 12, 28), 10).is_provisional

    def test_would_have_missed_the_new_years_make_up_day_of_2018(self) -> None:
        saturday = date(2018, 12, 29)
        known = packaged_calendar(date(2018, 12, 5))

        assert (known.is_working(saturday), known.is_provisional(saturday)) == (False, True)
        assert (CALENDAR.is_working(saturday), CALENDAR.is_provisional(saturday)) == (True, False)

    def test_uses_only_holiday_law_known_then(self) -> None:
        # The second day of Labour Day was announced in November 2024.
        assert packaged_calendar(date(2024, 11, 1)).is_working(date(2025, 5, 2))
        assert not packaged_calendar(date(2024, 11, 12)).is_working(date(2025, 5, 2))

    def test_ends_with_the_second_year_after_the_last_notice(self) -> None:
        assert packaged_calendar(date(2020, 1, 20)).last == date(2022, 12, 31)
        assert (CALENDAR.horizon, CALENDAR.last) == (date(2026, 12, 28), date(2028, 12, 31))

    def test_raises_when_nothing_was_announced_by_then(self) -> None:
        with pytest.raises(ValueError, match="at least one notice"):
            packaged_calendar(date(2017, 11, 29))


class TestCalendarFrom:
    def test_does_not_depend_on_the_order_of_notices(self) -> None:
        notices = packaged_notices()

        assert calendar_from(reversed(notices)) == calendar_from(notices) == CALENDAR

    def test_has_another_version_for_other_rows(self) -> None:
        versions = {
            calendar_from(packaged_notices()[:count]).version for count in range(1, len(packaged_notices()) + 1)
        }

        assert len(versions) == len(packaged_notices())
        assert all(len(version) == 64 for version in versions)

    def test_leaves_everything_after_a_missing_year_provisional(self) -> None:
        calendar = calendar_from(notice for notice in packaged_notices() if notice.id != "cn-2022")

        assert calendar.horizon == date(2021, 12, 28)
        assert calendar.is_provisional(date(2023, 6, 1))

    def test_takes_notices_beyond_the_packaged_ones(self) -> None:
        entered = make_notice("cn-2027", ("2026-12-29", "2027-12-28"), off=["2027-01-01", "2027-02-08"])

        calendar = calendar_from([*packaged_notices(), entered])

        assert calendar.horizon == date(2027, 12, 28)
        assert calendar.add(date(2026, 12, 31), 1).is_provisional is False
        assert not calendar.is_working(date(2027, 2, 8))
        assert calendar.version != CALENDAR.version

    def test_raises_without_a_notice_that_settles_a_year(self) -> None:
        with pytest.raises(ValueError, match="at least one notice"):
            calendar_from([make_notice("only-a-change", None, off=["2027-01-04"])])


class TestEverlastingCalendars:
    @pytest.mark.parametrize(("calendar", "days"), [(WEEKDAYS_ONLY, 5), (CALENDAR_DAYS, 7)])
    def test_know_no_holiday_and_are_never_provisional(self, calendar: WorkingCalendar, days: int) -> None:
        counted = calendar.count(date(2011, 9, 30), date(2011, 10, 7))

        assert (counted.days, counted.is_provisional) == (days, False)
        assert not calendar.is_provisional(date(2099, 12, 31))

    def test_differ_in_version(self) -> None:
        assert len({WEEKDAYS_ONLY.version, CALENDAR_DAYS.version, CALENDAR.version}) == 3
