"""Logs written as XES: the standard's form, nothing lost, and our own judge answers as before."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support.permit_logs import PermitLog, permit_log
from tongdian.engine.clock.zones import instant
from tongdian.engine.conformance import judge, mapping_from
from tongdian.engine.formats import LogColumns, LogFormat, read_event_log
from tongdian.engine.formats.xes import NAMESPACE, LoggedCase, LoggedEvent, xes_lines
from tongdian.kernel.calendar import WEEKDAYS_ONLY

NINE = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))
AWKWARD = "示例 <厂> & \"厂\" 'a'\n第二行\t=1\r末"
MAPPING = {
    "columns": {
        "case": "case:concept:name",
        "activity": "concept:name",
        "time": "time:timestamp",
        "resource": "org:resource",
        "start": "case:startdate",
        "due": "case:deadline",
        "end": "case:enddate",
    },
    "calendar": "weekdays_only",
    "zone": "Europe/Amsterdam",
    "required": ["Confirmation of receipt"],
    "order": [["Confirmation of receipt", "T02 Check confirmation of receipt"]],
}


def written(cases: Iterable[LoggedCase], path: Path, **attributes) -> Path:
    path.write_text("".join(xes_lines(cases, attributes=attributes)), encoding="utf-8", newline="")
    return path


def one_case(**attributes) -> LoggedCase:
    return LoggedCase("c-1", (LoggedEvent("application.accepted", NINE, attributes),), {"customer_class": "lv_other"})


def traces_of(log: PermitLog) -> list[LoggedCase]:
    """The permit log as its reader sees it, ready to be written."""
    by_case: dict[str, list[dict[str, str]]] = {}
    for row in log.rows:
        by_case.setdefault(row["case:concept:name"], []).append(row)
    return [_trace(name, rows) for name, rows in by_case.items()]


def _trace(name: str, rows: list[dict[str, str]]) -> LoggedCase:
    events = tuple(
        LoggedEvent(
            row["concept:name"],
            datetime.fromisoformat(row["time:timestamp"]),
            {"org:resource": row["org:resource"]},
        )
        for row in rows
    )
    times = {
        key.removeprefix("case:"): datetime.fromisoformat(rows[0][key]) if rows[0][key] else None
        for key in ("case:startdate", "case:deadline", "case:enddate")
    }
    return LoggedCase(name, events, times)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - written by us a moment ago


class TestXesLines:
    def test_writes_what_the_standard_asks_for(self, tmp_path: Path) -> None:
        root = parsed(written([one_case()], tmp_path / "log.xes", mark="演示").read_text(encoding="utf-8"))

        tags = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in root]
        assert tags == ["extension"] * 4 + ["global"] * 2 + ["classifier", "string", "trace"]
        assert root.get("xes.version") == "1849-2016"
        assert {child.get("prefix") for child in root if "prefix" in child.attrib} == {
            "concept",
            "time",
            "org",
            "lifecycle",
        }

    def test_keeps_text_with_marks_and_line_ends(self, tmp_path: Path) -> None:
        path = written([one_case(note=AWKWARD)], tmp_path / "log.xes")

        events = parsed(path.read_text(encoding="utf-8")).iter(f"{{{NAMESPACE}}}event")
        assert [each.get("value") for each in next(events) if each.get("key") == "note"] == [AWKWARD]

    def test_replaces_what_xml_has_no_place_for(self) -> None:
        text = "".join(xes_lines([one_case(note="a\x00b\x0bc")], attributes={}))

        assert "a\ufffdb\ufffdc" in text
        parsed(text)

    @pytest.mark.parametrize(
        ("value", "element"),
        [
            (True, '<boolean key="k" value="true"/>'),
            (7, '<int key="k" value="7"/>'),
            (0.1, '<float key="k" value="0.1"/>'),
            (NINE, '<date key="k" value="2026-03-02T01:00:00.123456+00:00"/>'),
            (date(2026, 3, 2), '<string key="k" value="2026-03-02"/>'),
            ("x", '<string key="k" value="x"/>'),
        ],
    )
    def test_types_a_value(self, value: object, element: str) -> None:
        assert element in "".join(xes_lines([one_case(k=value)], attributes={}))

    def test_leaves_out_what_is_absent(self) -> None:
        assert 'key="k"' not in "".join(xes_lines([one_case(k=None)], attributes={"k": None}))

    def test_gives_the_same_text_for_the_same_log(self) -> None:
        log = traces_of(permit_log(20, seed=3))

        assert list(xes_lines(log, attributes={"a": 1})) == list(xes_lines(iter(log), attributes={"a": 1}))

    def test_takes_cases_one_at_a_time(self) -> None:
        def endless() -> Iterable[LoggedCase]:
            while True:
                yield one_case()

        lines = xes_lines(endless(), attributes={})

        assert sum("<trace>" in next(lines) for _ in range(1000)) > 50

    def test_refuses_an_instant_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            list(xes_lines([one_case(k=NINE.replace(tzinfo=None))], attributes={}))

    def test_is_read_back_to_the_microsecond(self, tmp_path: Path) -> None:
        path = written([one_case(recorded_at=NINE)], tmp_path / "log.xes")
        layout = LogFormat(
            LogColumns("case:concept:name", "concept:name", "time:timestamp", recorded="recorded_at"), zone="UTC"
        )

        log = read_event_log(path, layout)

        assert (log.cases, log.activities) == (("c-1",), ("application.accepted",))
        assert instant(int(log.at_us[0])) == instant(int(log.recorded_us[0])) == NINE.astimezone(UTC)

    def test_is_judged_as_the_log_it_was_written_from(self, tmp_path: Path) -> None:
        made, mapping = permit_log(120, seed=11), mapping_from(MAPPING)
        path = written(traces_of(made), tmp_path / "log.xes")

        before = judge(read_event_log(made.write(tmp_path / "log.csv"), mapping.layout), mapping, WEEKDAYS_ONLY)
        after = judge(read_event_log(path, mapping.layout), mapping, WEEKDAYS_ONLY)

        names = before.cases.ids
        assert {key: [names[case] for case in found] for key, found in before.figures.items()} == {
            key: [after.cases.ids[case] for case in found] for key, found in after.figures.items()
        }
        assert {names[case] for case in before.figures["late"]} == made.late
        assert [rate.numerator_n for rate in before.rates] == [rate.numerator_n for rate in after.rates]
