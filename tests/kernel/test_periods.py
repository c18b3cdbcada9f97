"""Half-open periods and months by corresponding day."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.kernel.periods import ImpossiblePeriod, Period, add_months

days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period[date]:
    start = draw(days)
    length = draw(st.none() | st.integers(1, 400))
    return Period(start, None if length is None else start + timedelta(days=length))


def may(first: int, end: int | None) -> Period[date]:
    return Period(date(2026, 5, first), None if end is None else date(2026, 5, end))


class TestPeriod:
    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (date(2026, 5, 2), date(2026, 5, 2)),
            (date(2026, 5, 2), date(2026, 5, 1)),
            (date(2026, 5, 2), datetime(2026, 5, 3, tzinfo=UTC)),
            (datetime(2026, 5, 2, tzinfo=UTC), date(2026, 5, 3)),
            (datetime(2026, 5, 2), None),  # noqa: DTZ001 - the missing time zone is the point
            (datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3)),  # noqa: DTZ001
        ],
    )
    def test_raises_for_bounds_that_make_no_period(self, start: date, end: date | None) -> None:
        with pytest.raises(ImpossiblePeriod) as caught:
            Period(start, end)

        assert (caught.value.start, caught.value.end) == (start, end)

    def test_compares_instants_across_time_zones(self) -> None:
        shanghai = timezone(timedelta(hours=8))
        day = Period(datetime(2026, 5, 2, tzinfo=shanghai), datetime(2026, 5, 3, tzinfo=shanghai))

        assert day.contains(datetime(2026, 5, 1, 16, tzinfo=UTC))
        assert not day.contains(datetime(2026, 5, 2, 16, tzinfo=UTC))


class TestContains:
    @pytest.mark.parametrize(("day", "expected"), [(1, False), (2, True), (4, True), (5, False)])
    def test_includes_the_start_and_excludes_the_end(self, day: int, expected: bool) -> None:
        assert may(2, 5).contains(date(2026, 5, day)) is expected

    def test_never_ends_without_an_end(self) -> None:
        assert may(2, None).contains(date(9999, 12, 31))


class TestOverlaps:
    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            ((1, 2), False),
            ((1, 3), True),
            ((3, 4), True),
            ((4, 9), True),
            ((5, 9), False),
            ((5, None), False),
            ((1, None), True),
        ],
    )
    def test_needs_a_shared_moment(self, other: tuple[int, int | None], expected: bool) -> None:
        assert may(2, 5).overlaps(may(*other)) is expected
        assert may(*other).overlaps(may(2, 5)) is expected


class TestIntersection:
    @given(one=periods(), other=periods(), day=days)
    def test_contains_what_both_contain(self, one: Period[date], other: Period[date], day: date) -> None:
        shared = one.intersection(other)

        assert (shared is not None and shared.contains(day)) == (one.contains(day) and other.contains(day))

    def test_of_two_open_periods_is_open(self) -> None:
        assert may(2, None).intersection(may(4, None)) == may(4, None)

    def test_is_nothing_when_they_touch(self) -> None:
        assert may(2, 4).intersection(may(4, 6)) is None


class TestAddMonths:
    @pytest.mark.parametrize(
        ("day", "n", "expected"),
        [
            ("2026-01-30", 1, "2026-02-28"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-03-31", 1, "2026-04-30"),
            ("2026-01-28", 1, "2026-02-28"),
            ("2026-11-23", 3, "2027-02-23"),
            ("2026-12-31", 2, "2027-02-28"),
            ("2026-11-23", 12, "2027-11-23"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-01-15", -1, "2025-12-15"),
            ("2026-01-15", 0, "2026-01-15"),
        ],
    )
    def test_lands_on_the_corresponding_day_or_the_months_last(self, day: str, n: int, expected: str) -> None:
        assert add_months(date.fromisoformat(day), n).isoformat() == expected

    @given(day=days, n=st.integers(-240, 240))
    def test_moves_by_whole_months_and_never_forward_in_the_month(self, day: date, n: int) -> None:
        moved = add_months(day, n)

        assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == n
        assert moved.day <= day.day

    def test_keeps_the_time_of_day(self) -> None:
        moved = add_months(datetime(2026, 1, 31, 9, 30, tzinfo=UTC), 1)

        assert moved == datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
