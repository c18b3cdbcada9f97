"""Judging a log: planted answers come back, and every number has its cases."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from support.permit_logs import permit_log
from tongdian.engine.clock.zones import instant
from tongdian.engine.conformance import EmptyLogError, Judgement, judge, mapping_from
from tongdian.engine.formats import read_event_log
from tongdian.kernel.calendar import WEEKDAYS_ONLY, CalendarEnds, WorkingCalendar, packaged_calendar

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "reference" / "mappings" / "receipt_wabo.yaml"
WABO: dict[str, Any] = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
SMALL: dict[str, Any] = {
    "columns": {"case": "case", "activity": "step", "time": "time", "recorded": "recorded"},
    "calendar": "national",
    "zone": "Asia/Shanghai",
    "closed_by": ["done"],
    "limit_days": 3,
    "stages": [{"id": "work", "start": ["begin"], "stop": ["done"], "limit_days": 2}],
}
HEAD = "case,step,time,recorded\n"


def judged(folder: Path, text: str, calendar: WorkingCalendar | None = None, **changes: object) -> Judgement:
    path = folder / "log.csv"
    path.write_text(text, encoding="utf-8")
    mapping = mapping_from(copy.deepcopy(SMALL) | changes)
    return judge(read_event_log(path, mapping.layout), mapping, calendar or packaged_calendar())


def names(judgement: Judgement, figure: str) -> set[str]:
    return {judgement.cases.ids[case] for case in judgement.figures[figure]}


class TestJudge:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_finds_what_was_planted(self, tmp_path: Path, seed: int) -> None:
        made, mapping = permit_log(300, seed=seed), mapping_from(WABO)

        found = judge(read_event_log(made.write(tmp_path / "log.csv"), mapping.layout), mapping, WEEKDAYS_ONLY)

        assert names(found, "cases") == made.cases
        assert names(found, "closed") == made.closed
        assert names(found, "late") == made.late
        assert names(found, "open_overdue") == made.overdue
        assert names(found, "cases_repeated") == made.repeated
        assert names(found, "cases_out_of_order") == made.out_of_order
        on_time = len(made.closed) - len(made.late)
        assert [rate.share for rate in found.rates] == [
            on_time / len(made.closed),
            on_time / (len(made.closed) + len(made.overdue)),
        ]

    def test_counts_each_closed_and_each_fallen_due_case_in_one_month(self, tmp_path: Path) -> None:
        made, mapping = permit_log(300, seed=4), mapping_from(WABO)

        found = judge(read_event_log(made.write(tmp_path / "log.csv"), mapping.layout), mapping, WEEKDAYS_ONLY)

        closed = np.concatenate([month.closed for month in found.months])
        kept = np.concatenate([month.closed_on_time for month in found.months])
        assert sorted(closed) == found.figures["closed_with_due"].tolist()
        assert sorted(kept) == found.figures["closed_on_time"].tolist()
        due = np.concatenate([month.due for month in found.months])
        assert len(due) == len(set(due.tolist()))
        assert {found.cases.ids[case] for case in due} >= made.overdue | made.late

    def test_sets_deadlines_by_the_calendar_of_the_mapping(self, tmp_path: Path) -> None:
        # Three working days from the eve of National Day end on the make-up Saturday.
        lines = (
            "a,begin,2026-09-30 09:00,\na,done,2026-10-10 23:59:59,\nb,begin,2026-09-30 09:00,\nb,done,2026-10-11,\n"
        )

        found = judged(tmp_path, HEAD + lines)

        assert names(found, "closed_on_time") == {"a"}
        assert names(found, "late") == {"b"}
        assert instant(int(found.cases.due_us[0])).date() == date(2026, 10, 10)
        assert found.cases.counted_days.tolist() == [3, 3]

    def test_reports_durations_of_stages_by_the_clock(self, tmp_path: Path) -> None:
        lines = (
            "a,begin,2026-03-02,\na,done,2026-03-04,\nb,begin,2026-03-02,\nb,done,2026-03-06,\nc,begin,2026-03-06,\n"
        )

        stage = judged(tmp_path, HEAD + lines).stages[0]

        assert (stage.counted.n, stage.counted.mean, stage.counted.p50, stage.counted.p90) == (2, 3.0, 3.0, 3.8)
        assert (stage.on_time.tolist(), stage.late.tolist(), stage.open.tolist()) == ([0], [1], [2])

    def test_finds_records_made_after_the_fact(self, tmp_path: Path) -> None:
        lines = "a,begin,2026-03-06 09:00,2026-03-09 09:00\nb,begin,2026-03-06 09:00,2026-03-10 09:00\n"

        found = judged(tmp_path, HEAD + lines)

        assert names(found, "cases_recorded_after") == {"b"}

    def test_lists_closed_cases_without_a_required_step(self, tmp_path: Path) -> None:
        lines = "a,begin,2026-03-02,\na,done,2026-03-03,\nb,done,2026-03-03,\nc,other,2026-03-03,\n"

        found = judged(tmp_path, HEAD + lines, required=["begin", "sign"])

        assert names(found, "required_missing") == {"a", "b"}
        assert found.unknown_activities == ("sign",)

    def test_finds_cases_off_the_allowed_paths(self, tmp_path: Path) -> None:
        lines = "a,begin,2026-03-02,\na,done,2026-03-03,\nb,done,2026-03-03,\n"

        assert names(judged(tmp_path, HEAD + lines, paths=[["begin", "done"]]), "off_path") == {"b"}

    def test_says_what_the_mapping_gave_no_grounds_for(self, tmp_path: Path) -> None:
        found = judged(tmp_path, HEAD + "a,begin,2026-03-02,\n")

        assert found.not_judged == ("end_after_planned", "cases_out_of_order", "required_missing", "off_path")
        assert "off_path" not in found.figures

    def test_knows_nothing_of_what_came_after_the_moment_of_judging(self, tmp_path: Path) -> None:
        lines = "a,begin,2026-03-02,\na,done,2026-03-10,\n"

        found = judged(tmp_path, HEAD + lines, as_of="2026-03-09 09:00")

        assert (names(found, "closed"), names(found, "open_overdue")) == (set(), {"a"})
        assert len(found.steps.case) == 1

    @pytest.mark.parametrize(("as_of", "overdue"), [("2026-03-05 23:59:59.999999", set()), ("2026-03-06 00:00", {"a"})])
    def test_calls_an_open_case_overdue_only_after_its_due_time(
        self, tmp_path: Path, as_of: str, overdue: set[str]
    ) -> None:
        found = judged(tmp_path, HEAD + "a,begin,2026-03-02,\n", as_of=as_of)

        assert names(found, "open_overdue") == overdue

    def test_keeps_a_case_that_ends_before_it_starts_out_of_the_durations(self, tmp_path: Path) -> None:
        columns = {**SMALL["columns"], "start": "start", "end": "end"}
        lines = "a,x,2026-03-02,,2026-03-05,2026-03-04\nb,x,2026-03-02,,2026-03-02,2026-03-04\n"
        changes = {key: value for key, value in SMALL.items() if key != "closed_by"} | {"columns": columns}
        path = tmp_path / "log.csv"
        path.write_text(f"case,step,time,recorded,start,end\n{lines}", encoding="utf-8")
        mapping = mapping_from(changes)

        found = judge(read_event_log(path, mapping.layout), mapping, packaged_calendar())

        assert names(found, "end_before_start") == {"a"}
        assert names(found, "closed") == {"a", "b"}
        assert (found.elapsed.n, found.elapsed.mean) == (1, 2.0)

    def test_lets_a_due_time_count_to_the_end_of_its_day_if_so_mapped(self, tmp_path: Path) -> None:
        columns = {**SMALL["columns"], "due": "due", "end": "end"}
        text = "case,step,time,recorded,due,end\na,x,2026-03-02,,2026-03-04 09:00,2026-03-04 17:00\nb,x,2026-03-09,,,\n"
        base = {key: value for key, value in SMALL.items() if key not in ("closed_by", "limit_days")}
        path = tmp_path / "log.csv"
        path.write_text(text, encoding="utf-8")

        def late(due_counts: str) -> int:
            mapping = mapping_from(base | {"columns": columns, "due_counts": due_counts})
            return len(judge(read_event_log(path, mapping.layout), mapping, packaged_calendar()).figures["late"])

        assert (late("instant"), late("end_of_day")) == (1, 0)

    def test_refuses_a_log_without_a_usable_event(self, tmp_path: Path) -> None:
        with pytest.raises(EmptyLogError) as caught:
            judged(tmp_path, HEAD + ",begin,2026-03-02,\n")

        assert caught.value.bad_rows == 1

    def test_refuses_days_outside_the_calendar(self, tmp_path: Path) -> None:
        with pytest.raises(CalendarEnds):
            judged(tmp_path, HEAD + "a,begin,1999-03-02,\n")
