from datetime import UTC, date, datetime

import pytest

from tongdian.disclosure.rules.months import Month, NotAMonth


class TestParse:
    def test_reads_a_month(self) -> None:
        assert Month.parse("2026-10") == Month(date(2026, 10, 1))
        assert str(Month.parse("2026-10")) == "2026-10"

    @pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "2026-10-01", "0000-01", "x", "", "２０２６-10"])
    def test_refuses_what_is_no_month(self, text: str) -> None:
        with pytest.raises(NotAMonth, match="2026-10"):
            Month.parse(text)


class TestMonth:
    def test_has_neighbours_over_the_end_of_a_year(self) -> None:
        assert str(Month.parse("2026-12").next) == "2027-01"
        assert str(Month.parse("2026-01").previous) == "2025-12"
        assert Month.of(date(2026, 2, 28)) == Month.parse("2026-02")

    def test_begins_at_midnight_of_its_zone(self) -> None:
        assert Month.parse("2026-10").begins("Asia/Shanghai") == datetime(2026, 9, 30, 16, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("day", "holds"),
        [(date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2026, 10, 31), True), (date(2026, 11, 1), False)],
    )
    def test_holds_its_own_days(self, day: date, holds: bool) -> None:
        assert Month.parse("2026-10").holds(day) is holds

    def test_holds_no_absent_day(self) -> None:
        assert not Month.parse("2026-10").holds(None)
