"""Prefix sums over days, on a table small enough to read."""

from datetime import date

import numpy as np
import pytest

from tongdian.kernel.day_table import DayTable, OutsideTable, date_of, day_number

# Days 10 to 16; worked: 11, 12, 14.
TABLE = DayTable(10, np.array([False, True, True, False, True, False, False]))


class TestDayNumber:
    @pytest.mark.parametrize(
        ("day", "number"), [(date(1970, 1, 1), 0), (date(2026, 11, 23), 20780), (date(1969, 12, 31), -1)]
    )
    def test_counts_from_1970_and_back(self, day: date, number: int) -> None:
        assert day_number(day) == number
        assert date_of(number) == day

    def test_equals_numpys_datetime64(self) -> None:
        assert np.datetime64("2026-11-23").astype(np.int32) == day_number(date(2026, 11, 23))


class TestCount:
    @pytest.mark.parametrize(
        ("after", "until", "count"), [(10, 16, 3), (10, 11, 1), (11, 12, 1), (12, 13, 0), (11, 11, 0), (16, 10, 0)]
    )
    def test_counts_after_the_first_until_the_last(self, after: int, until: int, count: int) -> None:
        assert TABLE.count(after, until) == count
        assert TABLE.count_many([after], [until]).tolist() == [count]

    @pytest.mark.parametrize(("after", "until"), [(9, 10), (10, 17)])
    def test_raises_outside(self, after: int, until: int) -> None:
        with pytest.raises(OutsideTable):
            TABLE.count(after, until)
        with pytest.raises(OutsideTable):
            TABLE.count_many([after], [until])


class TestAdd:
    @pytest.mark.parametrize(
        ("start", "n", "found"),
        [(10, 1, 11), (10, 3, 14), (11, 1, 12), (13, 1, 14), (13, 0, 13), (10, 0, 10), (16, 0, 16)],
    )
    def test_finds_the_nth_working_day(self, start: int, n: int, found: int) -> None:
        assert TABLE.add(start, n) == found
        assert TABLE.add_many([start], [n]).tolist() == [found]

    @pytest.mark.parametrize(("start", "n"), [(10, 4), (14, 1), (9, 1), (17, 0)])
    def test_raises_outside(self, start: int, n: int) -> None:
        with pytest.raises(OutsideTable):
            TABLE.add(start, n)
        with pytest.raises(OutsideTable):
            TABLE.add_many([start], [n])

    def test_names_the_day_outside(self) -> None:
        with pytest.raises(OutsideTable) as caught:
            TABLE.add_many([10, 10], [1, 9])

        assert caught.value.day == 17


class TestIsWorking:
    @pytest.mark.parametrize(("day", "is_working"), [(10, False), (11, True), (16, False)])
    def test_reads_the_flag(self, day: int, is_working: bool) -> None:
        assert TABLE.is_working(day) is is_working

    @pytest.mark.parametrize("day", [9, 17])
    def test_raises_outside(self, day: int) -> None:
        with pytest.raises(OutsideTable):
            TABLE.is_working(day)


class TestColumns:
    @pytest.mark.parametrize(
        "column", [np.zeros((2, 2), dtype=np.int32), np.array([np.nan]), np.array(["NaT"], "M8[D]")]
    )
    def test_must_be_whole_numbers_in_one_dimension(self, column: np.ndarray) -> None:
        with pytest.raises(TypeError, match="whole numbers"):
            TABLE.count_many(column, column)
