"""Local days of columns of instants."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongdian.engine.clock.zones import instant, local_days, micros

EPOCH = date(1970, 1, 1)
# China had summer time until 1991; two years at a time keep the probing short.
MOMENTS = st.sampled_from([1989, 2019, 2026]).flatmap(
    lambda year: st.lists(
        st.datetimes(min_value=datetime(year, 1, 1), max_value=datetime(year + 2, 1, 1)),  # noqa: DTZ001 - taken as UTC
        min_size=1,
        max_size=8,
    )
)


class TestLocalDays:
    @settings(max_examples=60, deadline=None)
    @given(moments=MOMENTS, zone=st.sampled_from(["Asia/Shanghai", "Europe/Amsterdam"]))
    def test_agrees_with_zoneinfo_row_by_row(self, moments: list[datetime], zone: str) -> None:
        aware = [each.replace(tzinfo=ZoneInfo("UTC")) for each in moments]

        days = local_days(np.array([micros(each) for each in aware]), zone)

        assert days.tolist() == [(each.astimezone(ZoneInfo(zone)).date() - EPOCH).days for each in aware]

    @pytest.mark.parametrize(("utc", "day"), [("15:59:59.999999", 0), ("16:00:00", 1)])
    def test_begins_the_chinese_day_at_16_utc(self, utc: str, day: int) -> None:
        at = datetime.fromisoformat(f"2026-03-02T{utc}+00:00")

        found = local_days(np.array([micros(at)]), "Asia/Shanghai")

        assert found[0] - (date(2026, 3, 2) - EPOCH).days == day

    def test_answers_an_empty_column(self) -> None:
        assert local_days(np.zeros(0, np.int64), "Asia/Shanghai").tolist() == []


class TestInstant:
    def test_gives_back_what_micros_took(self) -> None:
        at = datetime.fromisoformat("2026-03-02T15:59:59.999999+00:00")

        assert instant(micros(at)) == at
