from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tongdian.kernel.calendar import packaged_calendar
from tongdian.oversight import rules

CALENDAR = packaged_calendar()
KNOWN = frozenset({"assignee", "applicant", "supervisor_city"})
TITLE = {"zh": "样例", "en": "Sample"}
STEP = {"days": 0, "tell": ["assignee"], "urgency": "digest"}
HOURS = rules.Hours(digest=time(8, 30), quiet_from=time(21), quiet_until=time(8))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def made(condition: str = "overdue", *days: int, **fields) -> rules.AlertRule:
    steps = [STEP | {"days": each} for each in days or (0,)]
    value = {"condition": condition, "steps": steps, "events": ["clock.paused"]} | fields
    return rules.alert_rule("sample", title=TITLE, value=value, known=KNOWN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestAlertRule:
    def test_reads_steps_in_their_order(self):
        rule = made("overdue", 0, 5)

        assert [(step.number, step.days) for step in rule.steps] == [(0, 0), (1, 5)]

    def test_tells_news_from_what_remains_to_be_done(self):
        assert made("event").is_news
        assert not made("open_since").is_news

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"condition": "full_moon"}, "full_moon"),
            ({"condition": "event", "events": []}, "needs events"),
            ({"condition": "open_since", "events": []}, "needs events"),
            ({"steps": []}, "no step"),
            ({"steps": [STEP | {"tell": ["nobody"]}]}, "nobody knows"),
            ({"steps": [STEP | {"urgency": "soon"}]}, "urgency"),
        ],
    )
    def test_refuses_what_cannot_be_carried_out(self, fields, problem):
        with pytest.raises(rules.InvalidRule, match=problem):
            made(**fields)


class TestWindows:
    # 2026-09-30 Wed; 10-01 … 10-07 National Day; 10-08 and 10-09 worked; 10-10 Sat is a make-up day.
    @pytest.mark.parametrize(
        ("today", "days", "first", "last"),
        [
            (date(2026, 9, 30), 0, date(2026, 9, 30), date(2026, 9, 30)),
            (date(2026, 9, 30), 1, date(2026, 10, 1), date(2026, 10, 8)),
            (date(2026, 9, 30), 2, date(2026, 10, 9), date(2026, 10, 9)),
            (date(2026, 10, 3), 0, date(2026, 10, 3), date(2026, 10, 3)),
            (date(2026, 10, 3), 1, date(2026, 10, 4), date(2026, 10, 8)),
        ],
    )
    def test_of_a_deadline_ahead_are_the_days_with_exactly_so_many_working_days_left(self, today, days, first, last):
        (window,) = rules.windows(made("due", days), today=today, calendar=CALENDAR)

        assert (window.first, window.last) == (first, last)

    @pytest.mark.parametrize(
        ("today", "days", "last"),
        [
            (date(2026, 11, 23), 0, date(2026, 11, 22)),
            (date(2026, 11, 23), 1, date(2026, 11, 22)),
            (date(2026, 11, 23), 2, date(2026, 11, 19)),
            (date(2026, 10, 8), 0, date(2026, 10, 7)),
            (date(2026, 10, 8), 2, date(2026, 9, 29)),
            (date(2026, 10, 3), 1, date(2026, 9, 29)),
        ],
    )
    def test_of_a_deadline_passed_begin_after_so_many_working_days(self, today, days, last):
        (window,) = rules.windows(made("overdue", days), today=today, calendar=CALENDAR)

        assert (window.first, window.last) == (None, last)

    @pytest.mark.parametrize(
        ("days", "last"), [(0, date(2026, 11, 23)), (1, date(2026, 11, 22)), (2, date(2026, 11, 19))]
    )
    def test_of_something_open_count_from_its_day(self, days, last):
        (window,) = rules.windows(made("open_since", days), today=date(2026, 11, 23), calendar=CALENDAR)

        assert (window.first, window.last) == (None, last)

    def test_of_an_event_are_every_day_until_today(self):
        (window,) = rules.windows(made("event"), today=date(2026, 11, 23), calendar=CALENDAR)

        assert (window.first, window.last) == (None, date(2026, 11, 23))

    @pytest.mark.parametrize("today", [date(2026, 9, 29), date(2026, 10, 3), date(2026, 11, 20), date(2026, 11, 22)])
    def test_divide_the_days_ahead_among_the_numbers_of_days_left(self, today):
        windows = rules.windows(made("due", *range(12)), today=today, calendar=CALENDAR)

        for ahead in range(10):
            due = today + timedelta(days=ahead)
            holding = [each.step.days for each in windows if each.first <= due <= each.last]
            assert len(holding) == 1, due


class TestHourOfDay:
    @pytest.mark.parametrize(
        ("hours", "expected"), [(8, time(8)), (Decimal("8.5"), time(8, 30)), (21, time(21)), (24, time(0))]
    )
    def test_reads_hours_after_midnight(self, hours, expected):
        assert rules.hour_of_day(hours) == expected


class TestAwakeFrom:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-11-23 20:59", "2026-11-23 20:59"),
            ("2026-11-23 21:00", "2026-11-24 08:00"),
            ("2026-11-23 23:30", "2026-11-24 08:00"),
            ("2026-11-24 00:10", "2026-11-24 08:00"),
            ("2026-11-24 07:59", "2026-11-24 08:00"),
            ("2026-11-24 08:00", "2026-11-24 08:00"),
        ],
    )
    def test_waits_for_the_end_of_the_quiet_hours(self, moment, expected):
        assert rules.awake_from(at(moment), HOURS) == at(expected)

    def test_knows_quiet_hours_within_one_day(self):
        siesta = rules.Hours(time(8, 30), time(12), time(14))

        assert rules.awake_from(at("2026-11-23 13:00"), siesta) == at("2026-11-23 14:00")
        assert rules.awake_from(at("2026-11-23 15:00"), siesta) == at("2026-11-23 15:00")


class TestIsDigestTime:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-11-23 08:29", False),
            ("2026-11-23 08:30", True),
            ("2026-11-22 09:00", False),
            ("2026-10-10 09:00", True),
            ("2026-10-05 09:00", False),
        ],
    )
    def test_is_from_its_hour_on_working_days(self, moment, expected):
        assert rules.is_digest_time(at(moment), HOURS, CALENDAR) is expected


class TestGoesWithDigest:
    @pytest.mark.parametrize(
        ("moment", "has_digest", "expected"),
        [
            ("2026-11-23 10:00", True, False),
            ("2026-11-23 07:00", True, True),
            ("2026-11-23 22:00", True, True),
            ("2026-11-22 10:00", True, True),
            ("2026-11-22 10:00", False, False),
        ],
    )
    def test_keeps_the_evening_and_days_off_for_the_next_digest(self, moment, has_digest, expected):
        assert rules.goes_with_digest(at(moment), HOURS, CALENDAR, has_digest=has_digest) is expected
