from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tongdian.connection.rules import TRANSITIONS
from tongdian.demo import dating
from tongdian.demo.courses import Course, Step, course
from tongdian.kernel.calendar import packaged_calendar

ZONE = ZoneInfo("Asia/Shanghai")
LIMITS = {"acceptance": 1, "scheme": 4, "completion_inspection": 3, "connect": 2}
MONDAY_AFTERNOON = datetime(2026, 11, 23, 15, 0, tzinfo=ZONE)
AT_ANY_TIME = [
    MONDAY_AFTERNOON,
    datetime(2026, 11, 23, 8, 40, tzinfo=ZONE),  # too early for anything to have happened today
    datetime(2026, 11, 21, 12, 0, tzinfo=ZONE),  # a Saturday
    datetime(2026, 10, 4, 23, 59, tzinfo=ZONE),  # in the middle of a holiday
    datetime(2026, 11, 24, 0, 1, tzinfo=ZONE),
]


def past(now: datetime) -> dating.Past:
    return dating.past(now, zone=ZONE, calendar=packaged_calendar())


class TestPast:
    def test_reaches_two_years_back(self) -> None:
        assert past(MONDAY_AFTERNOON).days[0] == date(2024, 11, 25)

    def test_holds_working_days_only(self) -> None:
        days = past(MONDAY_AFTERNOON).days

        assert date(2026, 10, 1) not in days
        assert all(packaged_calendar().is_working(day) for day in days)


class TestMoments:
    @pytest.mark.parametrize("now", AT_ANY_TIME, ids=str)
    def test_follow_each_other_and_end_before_now(self, now: datetime) -> None:
        for status in set(TRANSITIONS) - {
            "new",
            "in_works",
            "works_finished",
            "in_design_review",
            "design_approved",
            "in_interim_inspection",
            "interim_passed",
        }:
            for seed in range(10):
                made = course(status, customer_class="hv10_single", limits=LIMITS, rng=Random(seed))
                found = dating.moments(made, within=past(now), rng=Random(seed))

                assert len(found) == len(made.steps)
                assert all(later - earlier >= timedelta(seconds=10) for earlier, later in pairwise(found))
                assert found[-1] <= now - dating.MARGIN + timedelta(minutes=1)

    def test_of_a_case_taken_up_again_end_before_the_next_begins(self) -> None:
        for seed in range(20):
            made = course("withdrawn", customer_class="hv10_single", limits=LIMITS, rng=Random(seed))
            found = dating.moments(
                made, within=past(MONDAY_AFTERNOON), rng=Random(seed), before=date(2026, 3, 2 + seed)
            )

            assert date(2026, 1, 20) < found[-1].date() < date(2026, 3, 2 + seed)

    @pytest.mark.parametrize("idle_days", [0, 1, 5])
    def test_leave_the_case_idle_for_the_days_asked(self, idle_days: int) -> None:
        made = Course(
            "hv10_single",
            "accepted",
            (Step("application.submitted", 0), Step("application.accepted", 1, "acceptance")),
            idle_days,
        )

        last = dating.moments(made, within=past(MONDAY_AFTERNOON), rng=Random(1))[-1]

        assert packaged_calendar().count(last.date(), MONDAY_AFTERNOON.date()).days == idle_days

    def test_move_what_would_be_today_to_the_day_before_when_the_day_is_young(self) -> None:
        early = datetime(2026, 11, 23, 8, 40, tzinfo=ZONE)
        made = Course("hv10_single", "submitted", (Step("application.submitted", 0),), 0)

        assert dating.moments(made, within=past(early), rng=Random(1))[0].date() == date(2026, 11, 20)

    def test_keep_the_working_days_between_the_steps(self) -> None:
        steps = (
            Step("application.submitted", 0),
            Step("application.accepted", 1, "acceptance"),
            Step("scheme.issued", 4, "scheme"),
        )
        made = Course("hv10_single", "scheme_issued", steps, 3)

        for seed in range(30):
            days = [moment.date() for moment in dating.moments(made, within=past(MONDAY_AFTERNOON), rng=Random(seed))]

            assert [packaged_calendar().count(*pair).days for pair in pairwise(days)] == [1, 4]

    def test_let_the_customer_act_on_a_day_off_but_never_the_staff(self) -> None:
        made = course("energised", customer_class="hv10_single", limits=LIMITS, rng=Random(3))
        on_days_off = set()
        for seed in range(40):
            found = dating.moments(made, within=past(MONDAY_AFTERNOON), rng=Random(seed))
            on_days_off |= {
                bool(step.stage)
                for step, at in zip(made.steps, found, strict=True)
                if not packaged_calendar().is_working(at.date())
            }

        assert on_days_off == {False}

    def test_stay_within_the_opening_hours(self) -> None:
        made = course("energised", customer_class="hv10_single", limits=LIMITS, rng=Random(3))

        for moment in dating.moments(made, within=past(MONDAY_AFTERNOON), rng=Random(3)):
            assert time(8, 30) <= moment.time() <= time(17, 30)
