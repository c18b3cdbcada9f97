"""A successor goes on where its withdrawn predecessor stopped."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clock_cases import DEFINITIONS, LIMITS, events, local
from tongdian.engine.clock import Inherited, NotWithdrawn, Reading, explain, inherited_from, replay
from tongdian.kernel.calendar import packaged_calendar

CALENDAR = packaged_calendar()


def read(name: str, *lines: str, as_of: str = "2026-12-30 12:00", inherited: Inherited | None = None) -> Reading:
    return replay(events(*lines), DEFINITIONS[name], CALENDAR, LIMITS[name], local(as_of), inherited=inherited)


def taken_over(name: str, *lines: str, by: str | None = None) -> Inherited:
    return inherited_from(read(name, *lines), definition=DEFINITIONS[by or name], calendar=CALENDAR)


# Four of five days of the scheme stage were used when this case was withdrawn.
WITHDRAWN = (
    "2026-03-02 09:00 application.submitted",
    "2026-03-03 09:00 application.accepted",
    "2026-03-09 09:00 case.withdrawn",
)


class TestInheritedFrom:
    def test_carries_the_stage_that_was_cut_and_both_totals(self) -> None:
        assert taken_over("hv10_single", *WITHDRAWN) == Inherited({"scheme": 4}, utility_days=5, whole_days=4)

    def test_leaves_a_finished_stage_to_its_own_case(self) -> None:
        lines = (*WITHDRAWN[:2], "2026-03-04 09:00 scheme.issued", "2026-03-09 09:00 case.withdrawn")

        assert taken_over("hv10_single", *lines) == Inherited({}, utility_days=2, whole_days=4)

    def test_does_not_carry_what_the_customer_held(self) -> None:
        lines = (
            "2026-03-02 09:00 application.accepted",
            "2026-03-03 09:00 clock.paused customer customer_request",
            "2026-03-06 09:00 case.withdrawn",
        )

        assert taken_over("lv_three_zero", *lines).stage_days == {"lv_whole": 1}

    def test_counts_again_where_the_successor_counts_in_another_unit(self) -> None:
        # From Friday to Monday: three calendar days, one working day.
        lines = ("2026-03-06 09:00 application.accepted", "2026-03-09 09:00 case.withdrawn")

        assert taken_over("lv_no_works", *lines) == Inherited({"lv_whole": 3}, 3, 3)
        assert taken_over("lv_no_works", *lines, by="lv_resident") == Inherited({"lv_whole": 1}, 1, 1)

    def test_adds_up_over_a_chain_of_withdrawals(self) -> None:
        first = taken_over("hv10_single", *WITHDRAWN)
        again = read(
            "hv10_single",
            "2026-03-10 09:00 application.submitted",
            "2026-03-10 10:00 application.accepted",
            "2026-03-11 09:00 case.withdrawn",
            inherited=first,
        )

        found = inherited_from(again, definition=DEFINITIONS["hv10_single"], calendar=CALENDAR)

        assert found == Inherited({"scheme": 5}, utility_days=6, whole_days=5)

    def test_takes_nothing_before_acceptance(self) -> None:
        assert taken_over("lv_resident", "2026-03-02 09:00 case.withdrawn") == Inherited()

    def test_refuses_a_case_that_still_runs(self) -> None:
        with pytest.raises(NotWithdrawn) as caught:
            taken_over("hv10_single", *WITHDRAWN[:2])

        assert caught.value.state == "running"


class TestReplay:
    def test_gives_the_successor_what_was_left_of_the_stage(self) -> None:
        lines = ("2026-03-16 09:00 application.submitted", "2026-03-16 10:00 application.accepted")

        reading = read("hv10_single", *lines, as_of="2026-03-16 11:00", inherited=taken_over("hv10_single", *WITHDRAWN))

        scheme = reading.current("scheme")
        assert scheme is not None
        assert scheme.due is not None
        assert (scheme.due.date, scheme.used_days, scheme.carried_days) == (date(2026, 3, 17), 4, 4)
        assert (reading.utility_days, reading.whole_days) == (5, 4)

    def test_leaves_the_day_of_the_start_where_nothing_is_left(self) -> None:
        spent = Inherited({"lv_whole": 3}, 3, 3)
        lines = ("2026-03-06 09:00 application.accepted",)

        on_the_day = read("lv_resident", *lines, as_of="2026-03-06 23:00", inherited=spent)
        day_after = read("lv_resident", *lines, as_of="2026-03-07 01:00", inherited=spent)

        assert on_the_day.next_due is not None
        assert (on_the_day.next_due.date, on_the_day.verdict) == (date(2026, 3, 6), "running")
        assert day_after.verdict == "late"

    def test_leaves_the_next_working_day_where_that_is_a_rest_day(self) -> None:
        reading = read(
            "lv_resident",
            "2026-03-07 09:00 application.accepted",
            as_of="2026-03-07 10:00",
            inherited=Inherited({"lv_whole": 3}, 3, 3),
        )

        assert reading.next_due is not None
        assert reading.next_due.date == date(2026, 3, 9)

    def test_is_late_from_the_beginning_where_the_predecessor_was(self) -> None:
        lines = ("2026-03-06 09:00 application.accepted", "2026-03-06 10:00 connection.energised")

        assert read("lv_resident", *lines, inherited=Inherited({"lv_whole": 4}, 4, 4)).verdict == "late"

    def test_counts_the_total_on_though_every_stage_starts_anew(self) -> None:
        lines = (
            "2026-03-16 09:00 application.submitted",
            "2026-03-17 09:00 application.accepted",
            "2026-03-18 09:00 scheme.issued",
            "2026-03-19 09:00 completion.reported",
            "2026-03-20 09:00 completion.passed",
            "2026-03-20 10:00 contract.signed",
            "2026-03-20 11:00 connection.energised",
        )

        assert read("hv10_single", *lines).verdict == "on_time"
        assert read("hv10_single", *lines, inherited=Inherited({}, 9, 9)).total_verdict == "late"

    @given(used=st.integers(0, 6))
    def test_comes_to_the_same_deadline_however_the_days_are_split(self, used: int) -> None:
        # Withdrawn after `used` days and taken up on the very same day, the case is due when it would have been.
        days = [step.date for step in CALENDAR.steps(date(2026, 3, 2), date(2026, 3, 31)) if step.is_working]
        whole = read("lv_three_zero", f"{days[0]} 09:00 application.accepted", as_of=f"{days[0]} 10:00")
        lines = (f"{days[0]} 09:00 application.accepted", f"{days[used]} 09:00 case.withdrawn")

        on = read(
            "lv_three_zero",
            f"{days[used]} 10:00 application.accepted",
            as_of=f"{days[used]} 11:00",
            inherited=taken_over("lv_three_zero", *lines),
        )

        assert whole.next_due is not None
        assert on.next_due is not None
        assert on.next_due.date == whole.next_due.date

    @given(carried=st.integers(0, 12))
    def test_never_moves_a_deadline_later_with_more_days_carried(self, carried: int) -> None:
        due = [
            read(
                "lv_three_zero",
                "2026-02-12 09:00 application.accepted",
                as_of="2026-02-12 10:00",
                inherited=Inherited({"lv_whole": days}, days, days),
            ).next_due
            for days in range(carried + 2)
        ]

        assert all(
            later is not None and sooner is not None and later.date <= sooner.date for sooner, later in pairwise(due)
        )


class TestExplain:
    def test_shows_from_which_day_the_count_goes_on(self) -> None:
        lines = ("2026-03-16 09:00 application.submitted", "2026-03-16 10:00 application.accepted")
        reading = read("hv10_single", *lines, as_of="2026-03-16 11:00", inherited=taken_over("hv10_single", *WITHDRAWN))

        assert [line.ordinal for line in explain(reading, reading.stages[1], CALENDAR)] == [4, 5]
