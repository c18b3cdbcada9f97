"""pm4py as referee of what we write: it reads as much as was written, and what it writes again is the same log.

pm4py is no part of the product: it is installed for `make bench` and `make prove`; without it these tests are skipped.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.cases import log_export

from tongdian.engine.formats.ocel import LoggedObject, ObjectEvent

pm4py = pytest.importorskip("pm4py", reason="pm4py is installed by the bench lock only")
# The referee's own use of its libraries is not what is tested.
pytestmark = pytest.mark.filterwarnings("default")
CASES = log_export.generated(60, np.random.default_rng(5))


class TestXes:
    def test_is_read_whole(self, tmp_path: Path) -> None:
        log = pm4py.read_xes(str(log_export.ours_xes(CASES, tmp_path / "a.xes")), return_legacy_log_object=True)

        found = {trace.attributes["concept:name"]: trace for trace in log}
        assert log.attributes == {"concept:name": "benchmark", "mark": "演示 <数据>"}
        assert set(log.extensions) == {"Concept", "Time", "Organizational", "Lifecycle"}
        assert set(found) == {case.name for case in CASES}
        for case in CASES:
            trace = found[case.name]
            assert dict(trace.attributes) == {"concept:name": case.name, **case.attributes}
            assert [dict(event) for event in trace] == [
                {
                    "concept:name": event.activity,
                    "time:timestamp": event.at,
                    "lifecycle:transition": "complete",
                    **event.attributes,
                }
                for event in case.events
            ]

    def test_comes_back_as_it_went(self, tmp_path: Path) -> None:
        ours, theirs = log_export.ours_xes(CASES, tmp_path / "a.xes"), tmp_path / "b.xes"

        pm4py.write_xes(pm4py.read_xes(str(ours), return_legacy_log_object=True), str(theirs))

        assert log_export.same_logs(ours, theirs)

    def test_that_lost_an_event_is_noticed(self, tmp_path: Path) -> None:
        ours = log_export.ours_xes(CASES, tmp_path / "a.xes")

        assert not log_export.same_logs(ours, log_export.ours_xes(CASES[1:], tmp_path / "b.xes"))


class TestOcel:
    def test_is_read_whole(self, tmp_path: Path) -> None:
        records = list(log_export.object_log(CASES))
        log = pm4py.read_ocel2_json(str(log_export.ours_ocel(CASES, tmp_path / "a.json")))

        events = [each for each in records if isinstance(each, ObjectEvent)]
        objects = [each for each in records if isinstance(each, LoggedObject)]
        assert dict(zip(log.events["ocel:eid"], log.events["ocel:timestamp"], strict=True)) == {
            each.id: each.at for each in events
        }
        assert set(log.objects["ocel:oid"]) == {each.id for each in objects}
        assert len(log.relations) == sum(len(each.objects) for each in events)
        assert len(log.o2o) == sum(len(each.objects) for each in objects)
        assert set(log.relations["ocel:qualifier"]) == {"case", "ends", "recorded by"}
        recorded = dict(zip(log.events["ocel:eid"], log.events["recorded_at"], strict=True))
        assert recorded == {each.id: each.attributes["recorded_at"] for each in events}

    def test_comes_back_as_it_went(self, tmp_path: Path) -> None:
        ours, theirs = log_export.ours_ocel(CASES, tmp_path / "a.json"), tmp_path / "b.json"

        pm4py.write_ocel2_json(pm4py.read_ocel2_json(str(ours)), str(theirs))

        assert log_export.same_objects(ours, theirs)

    def test_that_lost_a_relation_is_noticed(self, tmp_path: Path) -> None:
        ours, other = log_export.ours_ocel(CASES, tmp_path / "a.json"), tmp_path / "b.json"
        written = json.loads(ours.read_text(encoding="utf-8"))
        written["events"][0]["relationships"].pop()
        other.write_text(json.dumps(written), encoding="utf-8")

        assert not log_export.same_objects(ours, other)
