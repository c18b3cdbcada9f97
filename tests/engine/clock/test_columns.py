"""The vectorised twin gives the answers of `replay`, for every definition and for sequences that make no sense."""

import os
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.clock_cases import DEFINITIONS, LIMITS, events, local
from support.clock_strategies import EVERY, REASONS, case_of, held_logs, limits_of, logs
from tongdian.engine.clock import (
    VERDICTS,
    ClockDefinition,
    ClockEvent,
    EventColumns,
    Inherited,
    InheritedColumns,
    Reading,
    ReadingColumns,
    replay,
    replay_many,
)
from tongdian.engine.clock.columns import NO_DAY, NO_LIMIT, NO_TIME
from tongdian.engine.clock.definition import OWNERS
from tongdian.engine.clock.variants import HOLDERS, OUTCOMES, STATES
from tongdian.engine.clock.zones import instant, micros
from tongdian.kernel.calendar import WorkingCalendar, packaged_calendar

CALENDAR = packaged_calendar()
PROVE = os.environ.get("TONGDIAN_PROVE") == "1"


def columns_of(cases: list[list[ClockEvent]], definition: ClockDefinition) -> EventColumns:
    kinds = sorted(definition.kinds.union(*({event.kind for event in case} for case in cases)))
    rows = [(number, event) for number, case in enumerate(cases) for event in case]
    return EventColumns(
        case=np.array([number for number, _ in rows], np.int32),
        kind=np.array([kinds.index(event.kind) for _, event in rows], np.int16),
        at_us=np.array([micros(event.recorded_at) for _, event in rows], np.int64),
        kinds=kinds,
        owner=np.array([OWNERS.index(event.owner) if event.owner else -1 for _, event in rows], np.int8),
        reason=np.array([REASONS.index(event.reason) if event.reason else -1 for _, event in rows], np.int8),
        reasons=REASONS,
    )


def scalar_rows(reading: Reading) -> list[tuple[object, ...]]:
    return [
        (
            each.stage,
            each.number,
            each.started_at,
            each.stopped_at,
            each.outcome,
            each.used_days,
            each.limit_days,
            each.due.date if each.due else None,
            each.is_provisional,
            each.verdict,
        )
        for each in reading.stages
    ]


def column_rows(readings: ReadingColumns, case: int) -> list[tuple[object, ...]]:
    found = readings.instances
    epoch = datetime(1970, 1, 1, tzinfo=UTC).date()
    return [
        (
            readings.definition.stages[found.stage[row]].id,
            int(found.number[row]),
            instant(int(found.started_us[row])),
            None if found.stopped_us[row] == NO_TIME else instant(int(found.stopped_us[row])),
            OUTCOMES[found.outcome[row]],
            int(found.used_days[row]),
            None if found.limit_days[row] == NO_LIMIT else int(found.limit_days[row]),
            None if found.due_day[row] == NO_DAY else epoch + timedelta(days=int(found.due_day[row])),
            bool(found.is_provisional[row]),
            VERDICTS[found.verdict[row]],
        )
        for row in np.flatnonzero(found.row == case)
    ]


def scalar_case(reading: Reading) -> tuple[object, ...]:
    return (
        reading.state,
        reading.verdict,
        reading.total_verdict,
        reading.utility_days,
        reading.whole_days,
        tuple(reading.days_of(owner) for owner in HOLDERS),
        reading.started_at,
        reading.ended_at,
        reading.waiting_for,
        len(reading.findings),
        reading.is_sound,
    )


def column_case(readings: ReadingColumns, row: int) -> tuple[object, ...]:
    begin, end, whole = readings.begin_us[row], readings.end_us[row], int(readings.whole_days[row])
    return (
        STATES[readings.state[row]],
        VERDICTS[readings.verdict[row]],
        VERDICTS[readings.total_verdict[row]],
        int(readings.utility_days[row]),
        None if whole < 0 else whole,
        tuple(readings.owner_days[row].tolist()),
        None if begin == NO_TIME else instant(int(begin)),
        None if end == NO_TIME else instant(int(end)),
        HOLDERS[readings.waiting_for[row]],
        int(readings.findings[row]),
        bool(readings.is_sound[row]),
    )


def read_both(
    cases: list[list[ClockEvent]],
    name: str,
    as_of: datetime,
    calendar: WorkingCalendar = CALENDAR,
    inherited: dict[int, Inherited] | None = None,
) -> tuple[list[Reading], ReadingColumns]:
    definition, limits, carried = EVERY[name], limits_of(name), inherited or {}
    many = replay_many(
        columns_of(cases, definition),
        definition=definition,
        calendar=calendar,
        limits=limits,
        as_of=as_of,
        inherited=inherited_columns(carried, definition) if carried else None,
    )
    readings = [
        replay(case, definition, calendar, limits, as_of, inherited=carried.get(number))
        for number, case in enumerate(cases)
        if case
    ]
    return readings, many


def inherited_columns(carried: dict[int, Inherited], definition: ClockDefinition) -> InheritedColumns:
    stages = [[each.stage_days.get(rule.id, 0) for rule in definition.stages] for each in carried.values()]
    return InheritedColumns(
        case=np.array(list(carried), np.int32),
        stage_days=np.array(stages, np.int64),
        utility_days=np.array([each.utility_days for each in carried.values()], np.int64),
        whole_days=np.array([each.whole_days for each in carried.values()], np.int64),
    )


class TestReplayMany:
    @settings(max_examples=4_000 if PROVE else 300, deadline=None)
    @given(log=logs(), as_of=st.integers(0, 7 * 366))
    def test_says_of_every_case_what_replay_says(self, log: tuple[str, list[list[ClockEvent]]], as_of: int) -> None:
        name, cases = log
        moment = datetime(2021, 1, 1, 15, 59, 59, tzinfo=UTC) + timedelta(days=as_of)

        readings, many = read_both(cases, name, moment)

        assert [column_case(many, row) for row in range(len(many.cases))] == [scalar_case(each) for each in readings]
        assert [column_rows(many, row) for row in range(len(many.cases))] == [scalar_rows(each) for each in readings]

    @settings(max_examples=4_000 if PROVE else 150, deadline=None)
    @given(log=held_logs(), as_of=st.integers(0, 12 * 24))
    def test_says_the_same_of_stages_held_again_and_again(
        self, log: tuple[str, list[list[ClockEvent]]], as_of: int
    ) -> None:
        name, cases = log
        moment = datetime(2026, 3, 8, 16, tzinfo=UTC) + timedelta(hours=as_of)

        readings, many = read_both(cases, name, moment)

        assert [column_case(many, row) for row in range(len(many.cases))] == [scalar_case(each) for each in readings]
        assert [column_rows(many, row) for row in range(len(many.cases))] == [scalar_rows(each) for each in readings]

    @settings(max_examples=4_000 if PROVE else 150, deadline=None)
    @given(log=logs() | held_logs(), as_of=st.integers(0, 12 * 24), data=st.data())
    def test_says_the_same_of_cases_that_inherit(
        self, log: tuple[str, list[list[ClockEvent]]], as_of: int, data: st.DataObject
    ) -> None:
        name, cases = log
        days = st.integers(0, 9)
        stage_days = st.dictionaries(st.sampled_from([rule.id for rule in EVERY[name].stages]), days)
        some = st.builds(Inherited, stage_days=stage_days, utility_days=days, whole_days=days)
        inherited = data.draw(st.dictionaries(st.integers(0, len(cases) - 1), some, min_size=1))
        moment = max((each.recorded_at for case in cases for each in case), default=local("2026-03-08 16:00"))

        readings, many = read_both(cases, name, moment + timedelta(hours=as_of), inherited=inherited)

        assert [column_case(many, row) for row in range(len(many.cases))] == [scalar_case(each) for each in readings]
        assert [column_rows(many, row) for row in range(len(many.cases))] == [scalar_rows(each) for each in readings]

    def test_does_not_count_a_rest_day_twice_when_it_ends_one_hold_and_begins_another(self) -> None:
        case = events(
            "2026-03-03 09:00 application.accepted",
            "2026-03-06 09:00 clock.paused customer flood",
            "2026-03-08 08:00 clock.resumed",
            "2026-03-08 10:00 clock.paused customer flood",
            "2026-03-09 08:00 clock.resumed",
        )

        (reading,), many = read_both([case], "lv_resident", local("2026-03-09 09:00"))

        assert reading.next_due is not None
        assert (reading.next_due.date, reading.utility_days) == (date(2026, 3, 9), 3)
        assert column_rows(many, 0) == scalar_rows(reading)

    @settings(max_examples=40, deadline=None)
    @given(cases=st.lists(case_of("hv10_dual"), min_size=2, max_size=5), seed=st.integers(0, 99))
    def test_takes_rows_in_any_order_of_cases(self, cases: list[list[ClockEvent]], seed: int) -> None:
        definition, as_of = DEFINITIONS["hv10_dual"], local("2027-01-01 00:00")
        columns = columns_of(cases, definition)
        # Rows of one case that share a time keep their order: that order is what seq says.
        shuffled = np.argsort(np.random.default_rng(seed).permutation(len(cases))[columns.case], kind="stable")
        other = EventColumns(
            columns.case[shuffled],
            columns.kind[shuffled],
            columns.at_us[shuffled],
            columns.kinds,
            columns.owner[shuffled] if columns.owner is not None else None,
            columns.reason[shuffled] if columns.reason is not None else None,
            columns.reasons,
        )
        kwargs = {"definition": definition, "calendar": CALENDAR, "limits": LIMITS["hv10_dual"], "as_of": as_of}

        before, after = replay_many(columns, **kwargs), replay_many(other, **kwargs)

        assert [column_case(after, row) for row in range(len(after.cases))] == [
            column_case(before, row) for row in range(len(before.cases))
        ]

    def test_keeps_a_case_of_which_no_row_counts(self) -> None:
        cases = [events("2026-03-02 09:00 note.added"), events("2026-03-02 09:00 application.submitted")]

        _, many = read_both(cases, "hv10_single", local("2026-03-03 09:00"))

        assert many.cases.tolist() == [0, 1]
        assert [STATES[state] for state in many.state] == ["not_started", "running"]

    def test_answers_an_empty_log(self) -> None:
        _, many = read_both([], "hv10_single", local("2026-03-03 09:00"))

        assert len(many.cases) == 0

    def test_refuses_columns_of_different_length(self) -> None:
        columns = EventColumns(np.zeros(2, np.int32), np.zeros(1, np.int16), np.zeros(2, np.int64), ["note.added"])

        with pytest.raises(ValueError, match="differ in length"):
            replay_many(
                columns,
                definition=DEFINITIONS["hv10_single"],
                calendar=CALENDAR,
                limits={},
                as_of=local("2026-03-03 09:00"),
            )
