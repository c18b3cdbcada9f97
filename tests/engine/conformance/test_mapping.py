"""Mappings are strict: whatever is not understood is an error that names the key."""

import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tongdian.engine.conformance import MappingError, mapping_from

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "reference" / "mappings" / "receipt_wabo.yaml"
SMALL: dict[str, Any] = {
    "columns": {"case": "c", "activity": "a", "time": "t", "end": "e"},
    "calendar": "national",
    "zone": "Asia/Shanghai",
    "stages": [{"id": "first", "start": ["x"], "stop": ["y"]}],
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Copy the small mapping and put a value at a dotted path; the value `...` takes the key away."""
    mapping = copy.deepcopy(SMALL)
    *way, last = path.split(".")
    place: Any = mapping
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return mapping


class TestGuide:
    def test_explains_every_key(self) -> None:
        guide = (PUBLISHED.parents[2] / "howto" / "judge-an-event-log.md").read_text(encoding="utf-8")
        with pytest.raises(MappingError) as caught:
            mapping_from({**SMALL, "?": 1})

        keys = caught.value.problem.partition("valid here: ")[2].split(", ")

        assert len(keys) > 15
        assert [key for key in keys if f"`{key}" not in guide and f"{key}:" not in guide] == []


class TestMappingFrom:
    def test_reads_the_published_mapping(self) -> None:
        mapping = mapping_from(yaml.safe_load(PUBLISHED.read_text(encoding="utf-8")))

        assert (mapping.calendar, mapping.layout.zone, mapping.due_counts) == (
            "weekdays_only",
            "Europe/Amsterdam",
            "instant",
        )
        assert mapping.layout.columns.due == "case:deadline"
        assert len(mapping.stages) == 4

    def test_takes_a_moment_of_judging_in_the_zone_of_the_log(self) -> None:
        mapping = mapping_from(changed("as_of", "2026-03-02 09:00"))

        assert mapping.as_of == datetime.fromisoformat("2026-03-02T01:00:00+00:00")

    @pytest.mark.parametrize(
        ("path", "value", "field", "problem"),
        [
            ("calender", "national", "calender", "valid here: as_of, calendar, citation, closed_by, columns"),
            ("columns.finish", "f", "columns.finish", "valid here: activity, case, due, end"),
            ("columns.case", ..., "columns.case", "is missing"),
            ("columns.case", 3, "columns.case", "must be a text"),
            ("columns.end", ..., "columns.end", "closed_by"),
            ("closed_by", ["y"], "closed_by", "contradicts the column 'e'"),
            ("calendar", "chinese", "calendar", "valid: national, weekdays_only, calendar_days"),
            ("calendar", ..., "calendar", "is missing"),
            ("zone", "Jinan", "zone", "is not a time zone"),
            ("as_of", "tomorrow", "as_of", "neither last_event nor a time"),
            ("delimiter", ";;", "delimiter", "one character"),
            ("due_counts", "noon", "due_counts", "valid: instant, end_of_day"),
            ("limit_days", -1, "limit_days", "whole number of days"),
            ("limit_days", True, "limit_days", "whole number of days"),
            ("stages.0.start", [], "stages[0]", "at least one activity"),
            ("stages.0.begin", ["x"], "stages[0].begin", "valid here: id, limit_days, start, stop, title"),
            ("stages", [*SMALL["stages"], *SMALL["stages"]], "stages[1].id", "used twice"),
            ("stages", "first", "stages", "must be a list"),
            ("order", [["x", "y", "x"]], "order[0]", "names an activity twice"),
            ("order", ["x"], "order[0]", "must be a list"),
            ("title", {"de": "Titel"}, "title.de", "valid here: en, zh"),
            ("thresholds", {"minutes": 1}, "thresholds.minutes", "valid here: recorded_after_days"),
            ("thresholds", 3, "thresholds", "must be a mapping"),
        ],
    )
    def test_names_the_key_that_is_wrong(self, path: str, value: object, field: str, problem: str) -> None:
        with pytest.raises(MappingError) as caught:
            mapping_from(changed(path, value))

        assert caught.value.field == field
        assert problem in caught.value.problem

    def test_refuses_what_is_no_mapping(self) -> None:
        with pytest.raises(MappingError, match="must be a mapping"):
            mapping_from(["columns"])

    def test_refuses_a_limit_beside_a_due_column(self) -> None:
        mapping = changed("columns.due", "d") | {"limit_days": 5}

        with pytest.raises(MappingError, match="contradicts the column 'd'"):
            mapping_from(mapping)
