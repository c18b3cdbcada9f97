"""What holds for every case, legal or not."""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from support.clock_cases import DEFINITIONS, LIMITS, local
from support.clock_strategies import EVERY, case_of, limits_of, logs
from tongdian.engine.clock import ClockEvent, Reading, replay
from tongdian.kernel.calendar import packaged_calendar

CALENDAR = packaged_calendar()
LATER = local("2026-12-30 12:00")
PROVE = os.environ.get("TONGDIAN_PROVE") == "1"


def read_as(name: str, case: list[ClockEvent], as_of: datetime) -> Reading:
    return replay(case, EVERY[name], CALENDAR, limits_of(name), as_of)


class TestReplay:
    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs(), as_of=st.integers(0, 7 * 366))
    def test_gives_each_instant_of_the_calendar_axis_to_one_owner(
        self, log: tuple[str, list[list[ClockEvent]]], as_of: int
    ) -> None:
        name, cases = log
        moment = datetime(2021, 1, 1, 3, tzinfo=UTC) + timedelta(days=as_of)

        for reading in (read_as(name, case, moment) for case in cases):
            ends = [span.stopped_at or moment for span in reading.spans]
            assert all(before == after.started_at for before, after in zip(ends, reading.spans[1:], strict=False))
            if reading.spans:
                assert reading.spans[0].started_at == reading.started_at
                assert ends[-1] == (reading.ended_at or moment)

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs(), as_of=st.integers(0, 7 * 366))
    def test_adds_the_owners_up_to_the_whole(self, log: tuple[str, list[list[ClockEvent]]], as_of: int) -> None:
        name, cases = log
        moment = datetime(2021, 1, 1, 3, tzinfo=UTC) + timedelta(days=as_of)

        for reading in (read_as(name, case, moment) for case in cases):
            if reading.started_at is None:
                assert not reading.owners
                continue
            end = reading.ended_at or moment
            assert sum((each.elapsed for each in reading.owners.values()), timedelta()) == end - reading.started_at
            assert all(each.days <= each.calendar_days for each in reading.owners.values())

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(log=logs())
    def test_is_on_time_only_within_every_limit(self, log: tuple[str, list[list[ClockEvent]]]) -> None:
        name, cases = log

        for reading in (read_as(name, case, local("2028-06-01 00:00")) for case in cases):
            if reading.verdict != "on_time":
                continue
            assert reading.is_sound
            assert all(each.used_days <= (each.limit_days or 10**6) for each in reading.stages)
            assert reading.total_limit_days is None or reading.utility_days <= reading.total_limit_days

    @settings(max_examples=2_000 if PROVE else 200, deadline=None)
    @given(case=case_of("hv10_dual"))
    def test_starts_a_stage_again_only_after_it_stopped(self, case: list[ClockEvent]) -> None:
        reading = replay(case, DEFINITIONS["hv10_dual"], CALENDAR, LIMITS["hv10_dual"], local("2028-06-01 00:00"))

        for stage in {each.stage for each in reading.stages}:
            instances = [each for each in reading.stages if each.stage == stage]
            assert [each.number for each in instances] == list(range(1, len(instances) + 1))
            assert all(
                first.stopped_at is not None and first.stopped_at <= second.started_at
                for first, second in pairwise(instances)
            )
