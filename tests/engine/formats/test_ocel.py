"""Logs written as OCEL 2.0 JSON: every value as text, its type beside its name, relations on events and objects."""

import json
from datetime import UTC, date, datetime

import pytest

from tongdian.engine.formats.ocel import FROM_THE_BEGINNING, LoggedObject, MixedType, ObjectEvent, Related, ocel_chunks

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
CASE = LoggedObject("case:1", "case", {"class": "lv_other", "version": 3, "closed_at": None})
STAGE = LoggedObject(
    "stage:1/scheme/1",
    "stage",
    {"due_date": date(2026, 3, 9), "is_provisional": False},
    changes=(("due_date", date(2026, 3, 10), NINE),),
    objects=(Related("case:1", "stage of"),),
)
EVENT = ObjectEvent("1/1", "scheme.issued", NINE, {"seq": 1, "share": 0.5}, (Related("stage:1/scheme/1", "ends"),))


def log(*records: ObjectEvent | LoggedObject, **about) -> dict:
    return json.loads("".join(ocel_chunks(records, about=about)))


def fits_the_schema(written: dict) -> bool:
    """The published JSON schema, by hand: which keys are needed and that every value is a text."""
    types = [*written["eventTypes"], *written["objectTypes"]]
    values = [value for each in (*written["events"], *written["objects"]) for value in each["attributes"]]
    return (
        all({"name", "attributes"} == set(each) for each in types)
        and all({"name", "type"} == set(each) for listed in types for each in listed["attributes"])
        and all({"id", "type", "time"} <= set(each) for each in written["events"])
        and all({"id", "type"} <= set(each) for each in written["objects"])
        and all(isinstance(each["value"], str) for each in values)
        and all({"name", "value", "time"} == set(value) for each in written["objects"] for value in each["attributes"])
        and all(
            {"objectId", "qualifier"} == set(each)
            for record in (*written["events"], *written["objects"])
            for each in record["relationships"]
        )
    )


class TestOcelChunks:
    def test_fits_the_schema_of_the_standard(self) -> None:
        assert fits_the_schema(log(CASE, EVENT, STAGE))

    def test_writes_a_value_as_text_with_its_type_beside_its_name(self) -> None:
        written = log(CASE, EVENT, STAGE)

        assert written["events"][0]["attributes"] == [{"name": "seq", "value": "1"}, {"name": "share", "value": "0.5"}]
        assert written["eventTypes"] == [
            {
                "name": "scheme.issued",
                "attributes": [{"name": "seq", "type": "integer"}, {"name": "share", "type": "float"}],
            }
        ]
        assert {"name": "is_provisional", "type": "boolean"} in written["objectTypes"][1]["attributes"]

    def test_keeps_what_an_object_had_and_since_when_it_changed(self) -> None:
        due = [each for each in log(STAGE)["objects"][0]["attributes"] if each["name"] == "due_date"]

        assert [(each["value"], each["time"]) for each in due] == [
            ("2026-03-09", FROM_THE_BEGINNING),
            ("2026-03-10", "2026-03-02T09:00:00.000000+00:00"),
        ]

    def test_relates_events_and_objects_to_objects(self) -> None:
        written = log(EVENT, STAGE)

        assert written["events"][0]["relationships"] == [{"objectId": "stage:1/scheme/1", "qualifier": "ends"}]
        assert written["objects"][0]["relationships"] == [{"objectId": "case:1", "qualifier": "stage of"}]

    def test_leaves_out_what_is_absent(self) -> None:
        assert "closed_at" not in json.dumps(log(CASE, mark=None))

    def test_says_what_the_file_is(self) -> None:
        assert log(mark="演示", made_at=NINE)["log"] == {"mark": "演示", "made_at": "2026-03-02T09:00:00.000000+00:00"}

    def test_is_whole_without_any_record(self) -> None:
        assert log() == {"log": {}, "events": [], "objects": [], "eventTypes": [], "objectTypes": []}

    def test_declares_a_type_that_has_no_attribute(self) -> None:
        assert log(LoggedObject("o", "organisation"))["objectTypes"] == [{"name": "organisation", "attributes": []}]

    def test_refuses_one_attribute_of_two_types(self) -> None:
        with pytest.raises(MixedType, match=r"case\.version is integer in one record and string in another") as caught:
            log(CASE, LoggedObject("case:2", "case", {"version": "3"}))

        assert (caught.value.owner, caught.value.name) == ("case", "version")

    def test_refuses_an_instant_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            log(ObjectEvent("1", "x", NINE.replace(tzinfo=None)))

    def test_gives_the_same_text_for_the_same_log(self) -> None:
        records = [CASE, EVENT, STAGE]

        assert list(ocel_chunks(records, about={})) == list(ocel_chunks(iter(records), about={}))
