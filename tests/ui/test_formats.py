from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from tongdian.ui import formats

MONDAY = date(2026, 11, 23)
LATE_SUNDAY_UTC = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)


class TestDay:
    @pytest.mark.parametrize(
        ("language", "shown"), [("zh-hans", "2026年11月23日（星期一）"), ("en", "Mon 23 Nov 2026")]
    )
    def test_has_its_weekday(self, language: str, shown: str) -> None:
        with translation.override(language):
            assert formats.day(MONDAY) == shown

    def test_of_an_instant_is_that_of_shanghai(self) -> None:
        assert formats.day(LATE_SUNDAY_UTC) == "2026年11月23日（星期一）"

    def test_of_a_naive_datetime_is_its_own(self) -> None:
        assert formats.short_day(datetime(2026, 1, 2, 23, 59)) == "2026年1月2日"  # noqa: DTZ001


class TestMoment:
    @pytest.mark.parametrize(("language", "shown"), [("zh-hans", "2026年11月23日 00:05"), ("en", "23 Nov 2026, 00:05")])
    def test_is_shown_to_the_minute_in_shanghai(self, language: str, shown: str) -> None:
        with translation.override(language):
            assert formats.moment(LATE_SUNDAY_UTC) == shown


class TestMonth:
    @pytest.mark.parametrize(("language", "shown"), [("zh-hans", "2026年11月"), ("en", "Nov 2026")])
    def test_names_year_and_month(self, language: str, shown: str) -> None:
        with translation.override(language):
            assert formats.month(MONDAY) == shown


class TestMachine:
    def test_writes_a_day(self) -> None:
        assert formats.machine(MONDAY) == "2026-11-23"

    def test_writes_an_instant_with_its_offset(self) -> None:
        assert formats.machine(LATE_SUNDAY_UTC) == "2026-11-23T00:05:00+08:00"


class TestYuan:
    @pytest.mark.parametrize(("language", "shown"), [("zh-hans", "1,200.50 元"), ("en", "CNY 1,200.50")])
    def test_groups_and_keeps_two_places(self, language: str, shown: str) -> None:
        with translation.override(language):
            assert formats.yuan(Decimal("1200.5")) == shown


class TestWeekdayNames:
    def test_begin_on_monday(self) -> None:
        assert formats.weekday_names()[0] == "一"
        with translation.override("en"):
            assert formats.weekday_names()[6] == "Sun"
