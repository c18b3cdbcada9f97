from datetime import UTC, datetime

import pytest

from tongdian.connection.rules.mirroring import (
    KINDS,
    MIRROR_TRANSITIONS,
    MappingInvalid,
    RecordInvalid,
    differences,
    incoming,
    mapping_from,
)

MAPPING = {
    "kinds": {"S1": "application.submitted", "S2": "application.accepted"},
    "classes": {"01": "lv_resident", "03": "hv10_single"},
    "masters": {"title": "here"},
}
RECORD = {
    "record_id": "r1",
    "case_id": "c1",
    "kind": "S1",
    "recorded_at": "2026-03-02T09:00:00+08:00",
    "class": "03",
    "county_code": "370102",
    "title": "示例食品厂",
}


class TestMappingFrom:
    def test_gives_every_field_one_master(self):
        mapping = mapping_from(MAPPING)

        assert (mapping.master("title"), mapping.master("address")) == ("here", "source")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"kinds": {}}, "kinds"),
            ({"kinds": {"S1": "no.such"}}, "kinds.S1"),
            ({"kinds": {"S1": "source.settled"}}, "kinds.S1"),
            ({"classes": {"01": "lv"}}, "classes.01"),
            ({"masters": {"colour": "here"}}, "masters.colour"),
            ({"masters": {"title": "both"}}, "masters.title"),
            ({"masters": ["title"]}, "masters"),
            ({"more": 1}, ""),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, changed, field):
        with pytest.raises(MappingInvalid) as caught:
            mapping_from(MAPPING | changed)

        assert caught.value.field == field

    def test_refuses_what_is_no_mapping(self):
        with pytest.raises(MappingInvalid):
            mapping_from(["kinds"])


class TestIncoming:
    def test_tells_a_record_in_our_words(self):
        told = incoming(RECORD, mapping_from(MAPPING))

        assert (told.kind, told.recorded_at) == ("application.submitted", datetime(2026, 3, 2, 1, tzinfo=UTC))
        assert told.facts == {"customer_class": "hv10_single", "county_code": "370102", "title": "示例食品厂"}

    def test_leaves_the_home_of_a_resident_where_it_is(self):
        told = incoming(RECORD | {"class": "01", "address": "示例路 1 号"}, mapping_from(MAPPING))

        assert told.facts == {"customer_class": "lv_resident", "county_code": "370102"}

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"record_id": ""}, "record_id"),
            ({"record_id": 7}, "record_id"),
            ({"case_id": None}, "case_id"),
            ({"case_id": "x" * 129}, "case_id"),
            ({"title": "a\0b"}, "title"),
            ({"kind": "S9"}, "kind"),
            ({"class": "09"}, "class"),
            ({"recorded_at": "yesterday"}, "recorded_at"),
            ({"recorded_at": "2026-03-02T09:00:00"}, "recorded_at"),
            ({"occurred_at": "2026-13-01"}, "occurred_at"),
        ],
    )
    def test_names_the_field_that_cannot_be_read(self, changed, field):
        with pytest.raises(RecordInvalid) as caught:
            incoming(RECORD | changed, mapping_from(MAPPING))

        assert caught.value.field == field

    def test_refuses_what_is_no_record(self):
        with pytest.raises(RecordInvalid):
            incoming("r1", mapping_from(MAPPING))


class TestDifferences:
    def test_takes_what_the_source_decides_and_what_is_still_empty(self):
        kept = {"title": "", "address": "旧址", "customer_class": "hv10_single"}
        told = {"title": "新名", "address": "新址", "customer_class": "hv10_single"}

        found = differences(kept, told, mapping_from(MAPPING))

        assert (found.applied, found.refused) == ({"title": "新名", "address": "新址"}, {})

    def test_refuses_what_is_decided_here(self):
        found = differences({"title": "旧名"}, {"title": "新名"}, mapping_from(MAPPING))

        assert (found.applied, found.refused) == ({}, {"title": "新名"})


class TestMirrorTransitions:
    def test_let_any_event_follow_until_the_case_has_ended(self):
        for status, moves in MIRROR_TRANSITIONS.items():
            assert set(moves) == (set() if status in {"energised", "withdrawn"} else KINDS | {"source.settled"})

    def test_lead_each_event_to_the_status_it_has_in_a_case_of_ours(self):
        assert MIRROR_TRANSITIONS["submitted"]["scheme.issued"] == "scheme_issued"
        assert MIRROR_TRANSITIONS["scheme_issued"]["clock.paused"] == "scheme_issued"
