"""Ten million working-day counts and additions on the national calendar, 2019–2024 (make-up days included)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np

from benchmarks.runner import Question, Row, Size
from tongdian.kernel.calendar import WorkingCalendar, packaged_calendar
from tongdian.kernel.day_table import Days, date_of, day_number

ROWS = {"small": 100_000, "full": 10_000_000}
SAMPLE_ROWS = 2_000
NO_MAKE_UP_DAYS = "a Monday-to-Friday calendar has no make-up working days"


class Columns:
    """The question's columns: periods of 0–89 days, additions of 0–32 working days; the same for everybody."""

    def __init__(self, rows: int) -> None:
        generator = np.random.default_rng(3)
        first = np.datetime64("2019-01-01").astype(np.int32)
        self.starts: Days = (first + generator.integers(0, 365 * 6, rows)).astype(np.int32)
        self.ends: Days = (self.starts + generator.integers(0, 90, rows)).astype(np.int32)
        self.steps: Days = generator.integers(0, 33, rows).astype(np.int32)


def run(size: Size) -> list[Row]:
    """Measure counts and additions against numpy, polars and chinesecalendar."""
    calendar = packaged_calendar()
    columns = Columns(ROWS[size])
    return [*_counts(size, calendar, columns), *_additions(size, calendar, columns)]


def _counts(size: Size, calendar: WorkingCalendar, columns: Columns) -> list[Row]:
    question = Question("working_days", size, f"{ROWS[size]:,} counts", uses=("numpy",))
    ours = question.measure(lambda: calendar.count_many(columns.starts, columns.ends)[0])
    share = min(1.0, SAMPLE_ROWS / ROWS[size])
    against = partial(ours.against, same=np.array_equal)
    return [
        against(
            "numpy busday_count, days off listed",
            needs=("numpy",),
            build=lambda: _busday_count(columns, _every_day_listed(calendar)),
        ),
        against(
            "numpy busday_count, Monday to Friday",
            needs=("numpy",),
            build=lambda: _busday_count(columns, _monday_to_friday(calendar)),
            wrong_because=NO_MAKE_UP_DAYS,
        ),
        against("polars business_day_count", needs=("polars",), build=lambda: _polars_count(calendar, columns)),
        ours.against(
            "chinesecalendar get_workdays",
            needs=("chinesecalendar",),
            build=lambda: _chinesecalendar_count(columns),
            same=lambda answers, sampled: np.array_equal(answers[: len(sampled)], sampled),
            sample=share,
            repeats=1,
        ),
    ]


def _additions(size: Size, calendar: WorkingCalendar, columns: Columns) -> list[Row]:
    question = Question("working_days", size, f"{ROWS[size]:,} additions", uses=("numpy",))
    ours = question.measure(lambda: calendar.add_many(columns.starts, columns.steps)[0])
    # Peers roll a start on a day off back to a working day when nothing is added; we leave day 0 where it is.
    moved = columns.steps > 0

    def same(answers: Days, others: Any) -> bool:
        return np.array_equal(answers[moved], others.astype("datetime64[D]").astype(np.int32)[moved])

    against = partial(ours.against, same=same)
    return [
        against(
            "numpy busday_offset, days off listed",
            needs=("numpy",),
            build=lambda: _busday_offset(columns, _every_day_listed(calendar)),
        ),
        against(
            "numpy busday_offset, Monday to Friday",
            needs=("numpy",),
            build=lambda: _busday_offset(columns, _monday_to_friday(calendar)),
            wrong_because=NO_MAKE_UP_DAYS,
        ),
        against("polars add_business_days", needs=("polars",), build=lambda: _polars_add(calendar, columns)),
    ]


def _days_off(calendar: WorkingCalendar) -> Any:
    every = range(day_number(calendar.first), day_number(calendar.last) + 1)
    off = [day for day in every if not calendar.is_working(date_of(day))]
    return np.array(off).astype("datetime64[D]")


def _every_day_listed(calendar: WorkingCalendar) -> Any:
    return np.busdaycalendar(weekmask="1111111", holidays=_days_off(calendar))


def _monday_to_friday(calendar: WorkingCalendar) -> Any:
    return np.busdaycalendar(holidays=_days_off(calendar))


def _busday_count(columns: Columns, busdays: Any) -> Callable[[], Any]:
    # busday_count includes the first day and excludes the last: shift both by one day.
    after, until = (column.astype("datetime64[D]") + 1 for column in (columns.starts, columns.ends))
    return partial(np.busday_count, after, until, busdaycal=busdays)


def _busday_offset(columns: Columns, busdays: Any) -> Callable[[], Any]:
    starts, steps = columns.starts.astype("datetime64[D]"), columns.steps.astype(np.int64)
    return partial(np.busday_offset, starts, steps, roll="backward", busdaycal=busdays)


def _polars_count(calendar: WorkingCalendar, columns: Columns) -> Callable[[], Any]:
    import polars as pl

    # Its count includes the first day and excludes the last: shift both by one day.
    frame = pl.DataFrame({"s": columns.starts + 1, "e": columns.ends + 1}).cast(pl.Date)
    off = _days_off(calendar).tolist()
    count = pl.business_day_count("s", "e", week_mask=[True] * 7, holidays=off)
    return lambda: frame.select(count).to_series().to_numpy()


def _polars_add(calendar: WorkingCalendar, columns: Columns) -> Callable[[], Any]:
    import polars as pl

    frame = pl.DataFrame({"s": columns.starts, "k": columns.steps}).with_columns(pl.col("s").cast(pl.Date))
    off = _days_off(calendar).tolist()
    added = pl.col("s").dt.add_business_days(pl.col("k"), week_mask=[True] * 7, holidays=off, roll="backward")
    return lambda: frame.select(added).to_series().to_numpy()


def _chinesecalendar_count(columns: Columns) -> Callable[[], Any]:
    import chinese_calendar  # type: ignore[import-untyped]

    starts = [date_of(day) for day in columns.starts[:SAMPLE_ROWS]]
    ends = [date_of(day) for day in columns.ends[:SAMPLE_ROWS]]
    day = timedelta(days=1)

    def call() -> Any:
        pairs = zip(starts, ends, strict=True)
        return np.array([len(chinese_calendar.get_workdays(s + day, e)) if e > s else 0 for s, e in pairs])

    return call
