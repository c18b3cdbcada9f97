"""Holiday notices: the packaged ones, and what happens when two of them disagree."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tongdian.kernel.notices import (
    Notice,
    NoticeContradiction,
    NoticeDay,
    effective_days,
    holiday_name_en,
    packaged_notices,
    statutory_days,
)

DAY = date(2030, 5, 1)


def make_notice(
    identifier: str = "first", *, announced_on: date = date(2029, 11, 1), is_working: bool = False
) -> Notice:
    return Notice(
        id=identifier,
        number="测试〔2029〕1号",
        title="测试通知",
        address="https://example.org/notice",
        announced_on=announced_on,
        settles=None,
        days=(NoticeDay(DAY, is_working, "劳动节"),),
    )


class TestPackagedNotices:
    def test_are_two_in_2019_and_2020_and_one_in_other_years(self) -> None:
        per_year = [notice.id.split("-")[1] for notice in packaged_notices()]

        assert {year: per_year.count(str(year)) for year in range(2018, 2027)} == {
            year: 2 if year in (2019, 2020) else 1 for year in range(2018, 2027)
        }

    def test_settle_the_days_from_2018_to_2026_without_a_hole(self) -> None:
        stretches = [notice.settles for notice in packaged_notices() if notice.settles]

        assert stretches[0][0] == date(2017, 12, 29)
        assert stretches[-1][1] == date(2026, 12, 28)
        assert all(start == end + timedelta(days=1) for (_, end), (start, _) in pairwise(stretches))

    def test_cite_their_number_and_address(self) -> None:
        for notice in packaged_notices():
            assert notice.number.startswith("国办发明电〔")
            assert notice.address.startswith(("http://www.gov.cn/", "https://www.gov.cn/"))
            assert "年" in notice.title

    def test_stand_in_the_order_of_announcement(self) -> None:
        announced = [notice.announced_on for notice in packaged_notices()]

        assert announced == sorted(announced)

    def test_name_only_holidays_with_an_english_name(self) -> None:
        names = {day.name for notice in packaged_notices() for day in notice.days}

        assert all(holiday_name_en(name).isascii() for name in names)

    @pytest.mark.parametrize(("known_on", "count"), [("2017-11-29", 0), ("2017-11-30", 1), ("2020-01-27", 5)])
    def test_leave_out_what_was_announced_later(self, known_on: str, count: int) -> None:
        assert len(packaged_notices(date.fromisoformat(known_on))) == count


class TestStatutoryDays:
    @pytest.mark.parametrize(("known_on", "count"), [("2024-11-11", 5), ("2024-11-12", 6)])
    def test_leave_out_law_announced_later(self, known_on: str, count: int) -> None:
        assert len(statutory_days(date.fromisoformat(known_on))) == count


class TestHolidayNameEn:
    @pytest.mark.parametrize(("name", "expected"), [("春节", "Spring Festival"), ("市庆", "市庆"), ("", "")])
    def test_gives_the_name_itself_when_none_is_known(self, name: str, expected: str) -> None:
        assert holiday_name_en(name) == expected


class TestNotice:
    def test_raises_when_a_day_is_worked_and_off(self) -> None:
        days = (NoticeDay(DAY, is_working=True, name="劳动节"), NoticeDay(DAY, is_working=False, name="劳动节"))

        with pytest.raises(NoticeContradiction) as caught:
            replace(make_notice(), days=days)

        assert (caught.value.day, caught.value.notices) == (DAY, ("first",))


class TestEffectiveDays:
    def test_let_the_later_announcement_win(self) -> None:
        first, second = make_notice(), make_notice("second", announced_on=date(2029, 12, 1), is_working=True)

        day, notice = effective_days([second, first])[DAY]

        assert (day.is_working, notice.id) == (True, "second")

    def test_raise_when_two_notices_of_one_day_disagree(self) -> None:
        with pytest.raises(NoticeContradiction) as caught:
            effective_days([make_notice("b"), make_notice("a", is_working=True)])

        assert caught.value.notices == ("a", "b")
        assert "2030-05-01" in str(caught.value)

    def test_accept_two_notices_of_one_day_that_agree(self) -> None:
        assert effective_days([make_notice("a"), make_notice("b")])[DAY][1].id == "b"
