"""Reading clock definitions: the mapping of the policy book in, errors that name the field out."""

import copy
from typing import Any

import pytest

from support.clock_cases import MAPPINGS
from tongdian.engine.clock import Counting, DefinitionError, definition_from
from tongdian.engine.clock.definition import OWNERS


def changed(path: str, value: object) -> dict[str, Any]:
    """Copy the fullest definition and put a value at a dotted path; the value `...` takes the key away."""
    mapping = copy.deepcopy(MAPPINGS["hv10_dual"])
    *way, last = path.split(".")
    place: Any = mapping
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return mapping


class TestDefinitionFrom:
    @pytest.mark.parametrize("name", MAPPINGS)
    def test_reads_every_class(self, name: str) -> None:
        definition = definition_from(MAPPINGS[name])

        assert [stage.id for stage in definition.stages] == [each["id"] for each in MAPPINGS[name]["stages"]]
        assert definition.kinds >= {"application.accepted", "connection.energised", "clock.paused", "case.withdrawn"}

    def test_takes_one_kind_or_a_list(self) -> None:
        definition = definition_from(changed("pause", {"from": ["clock.paused", "clock.held"], "to": "clock.resumed"}))

        assert definition.pause is not None
        assert definition.pause.start == {"clock.paused", "clock.held"}

    def test_counts_workdays_from_day_zero_unless_told_otherwise(self) -> None:
        assert definition_from(changed("counting", ...)).counting == Counting()

    def test_reads_an_optional_stage(self) -> None:
        definition = definition_from(changed("stages.2.required", value=False))

        assert not definition.stage("design_review").is_required

    @pytest.mark.parametrize(
        ("path", "value", "field", "problem"),
        [
            ("stages", ..., "stages", "is missing"),
            ("stages", [], "stages", "at least one"),
            ("stages", "acceptance", "stages", "must be a list"),
            ("stagez", [], "stagez", "known here: counting, gaps, pause, stages, whole, withdrawn_by"),
            ("whole.stop", ..., "whole.stop", "is missing"),
            ("whole", "application.accepted", "whole", "must be a mapping"),
            ("stages.0.owner", "grid", "stages[0].owner", f"known here: {', '.join(OWNERS)}"),
            ("stages.0.id", "", "stages[0].id", "must be a text"),
            ("stages.1.id", "acceptance", "stages[1].id", "used twice"),
            ("stages.0.start_all", ["a"], "stages[0]", "either start_any or start_all"),
            ("stages.0.start_any", ..., "stages[0]", "either start_any or start_all"),
            ("stages.0.start_any", [], "stages[0].start_any", "at least one"),
            ("stages.2.passed_by", ["design.done"], "stages[2].passed_by", "is not among stop_any"),
            ("stages.2.required", "yes", "stages[2].required", "true or false"),
            ("stages.0.waiting", ["customer"], "stages[0].waiting", "must be a mapping"),
            ("stages.0.waiting.bank", {"from": ["a"], "to": ["b"]}, "stages[0].waiting.bank", "'bank' is unknown"),
            ("stages.0.waiting.customer.to", ..., "stages[0].waiting.customer.to", "is missing"),
            ("gaps.0.owner", "nobody", "gaps[0].owner", "'nobody' is unknown"),
            ("gaps.0.label", 7, "gaps[0].label", "must be a text"),
            ("pause.until", "x", "pause.until", "known here: from, reasons, to"),
            ("counting.unit", "hour", "counting.unit", "known here: workday, calendar_day"),
            ("counting.ends", "close_of_business", "counting.ends", "known here: end_of_day"),
            ("counting.receipt_on_rest_day", "never", "counting.receipt_on_rest_day", "real_date"),
            ("counting.zone", "Jinan", "counting.zone", "is not a time zone"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, path: str, value: object, field: str, problem: str) -> None:
        with pytest.raises(DefinitionError) as caught:
            definition_from(changed(path, value))

        assert caught.value.field == field
        assert problem in caught.value.problem
        assert field in str(caught.value)


class TestStage:
    def test_refuses_an_id_the_definition_has_not(self) -> None:
        with pytest.raises(KeyError):
            definition_from(MAPPINGS["lv_resident"]).stage("scheme")
