"""A case set written as XES and as OCEL 2.0 JSON, and read and written again by pm4py: the same log must come back."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.runner import Question, Row, Size
from tongdian.engine.formats import EventLog, LogColumns, LogFormat, read_event_log
from tongdian.engine.formats.ocel import LoggedObject, ObjectEvent, Related, ocel_chunks
from tongdian.engine.formats.xes import LoggedCase, LoggedEvent, xes_lines

CASES = {"small": 500, "full": 20_000}
STEPS = ("受理", "方案答复", "设计审查", "中间检查", "竣工检验", "装表接电")
FIRST = datetime(2025, 1, 1, 1, 0, 0, 250_000, tzinfo=UTC)
LAYOUT = LogFormat(
    LogColumns(
        "case:concept:name",
        "concept:name",
        "time:timestamp",
        recorded="recorded_at",
        resource="org:group",
        due="case:due",
    ),
    zone="UTC",
)


def run(size: Size) -> list[Row]:
    """Measure writing both formats against pm4py, which first has to read what we wrote."""
    cases = generated(CASES[size], np.random.default_rng(11))
    events = sum(len(case.events) for case in cases)
    with tempfile.TemporaryDirectory() as folder:
        return [_xes(size, cases, events, Path(folder)), _ocel(size, cases, events, Path(folder))]


def generated(cases: int, generator: np.random.Generator) -> list[LoggedCase]:
    """Make cases with a due date and, on each event, the company and the time of recording."""
    return [_case(number, generator) for number in range(cases)]


def object_log(cases: list[LoggedCase]) -> Iterator[ObjectEvent | LoggedObject]:
    """Return the same cases as objects: each case, each of its stages, and the companies."""
    for company in ("grid", "park"):
        yield LoggedObject(f"organisation:{company}", "organisation", {"code": company})
    for case in cases:
        subject = Related(f"case:{case.name}", "case")
        yield LoggedObject(subject.object_id, "case", case.attributes)
        for seq, event in enumerate(case.events):
            stage = f"stage:{case.name}/{seq}"
            yield LoggedObject(stage, "stage", {"title": event.activity}, objects=(Related(subject.object_id, "of"),))
            company = Related(f"organisation:{event.attributes['org:group']}", "recorded by")
            facts = {"recorded_at": event.attributes["recorded_at"], "seq": seq}
            yield ObjectEvent(
                f"{case.name}/{seq}", event.activity, event.at, facts, (subject, Related(stage, "ends"), company)
            )


def ours_xes(cases: list[LoggedCase], path: Path) -> Path:
    """Write XES to a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(xes_lines(cases, attributes={"concept:name": "benchmark", "mark": "演示 <数据>"}))
    return path


def ours_ocel(cases: list[LoggedCase], path: Path) -> Path:
    """Write OCEL to a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(ocel_chunks(object_log(cases), about={"mark": "演示 <数据>"}))
    return path


def same_logs(ours: Path, theirs: Path) -> bool:
    """Say whether two XES files hold the same cases, events, attributes and times for our own reader."""
    return _shape(read_event_log(ours, LAYOUT)) == _shape(read_event_log(theirs, LAYOUT))


def same_objects(ours: Path, theirs: Path) -> bool:
    """Say whether two OCEL files hold the same events, objects, values and relations, times to the second.

    pm4py reads microseconds and writes whole seconds; it declares whole numbers as text, so our declarations count.
    """
    written = _written(ours)
    types = _types(written)
    return _records(written, types) == _records(_written(theirs), types)


def _case(number: int, generator: np.random.Generator) -> LoggedCase:
    at = FIRST + timedelta(minutes=int(generator.integers(0, 500_000)))
    events = []
    for step in STEPS[: int(generator.integers(3, 7))]:
        at += timedelta(seconds=int(generator.exponential(172_800)), microseconds=int(generator.integers(0, 1_000_000)))
        company = "park" if number % 9 == 0 else "grid"
        events.append(LoggedEvent(step, at, {"org:group": company, "recorded_at": at + timedelta(seconds=3)}))
    return LoggedCase(
        f"370102-2026-{number:06}",
        tuple(events),
        {"due": at, "class": "hv10_single", "limit_days": 11, "is_late": number % 5 == 0},
    )


def _xes(size: Size, cases: list[LoggedCase], events: int, folder: Path) -> Row:
    ours = Question("log_export", size, f"{events:,} events written as XES").measure(
        lambda: ours_xes(cases, folder / "ours.xes")
    )
    return ours.against(
        "pm4py write_xes",
        needs=("pm4py",),
        build=lambda: _pm4py_xes(folder / "ours.xes", folder / "theirs.xes"),
        same=same_logs,
        repeats=1,
        note="of the log it read from our file; both files read the same",
    )


def _ocel(size: Size, cases: list[LoggedCase], events: int, folder: Path) -> Row:
    ours = Question("log_export", size, f"{events:,} events with their objects written as OCEL 2.0 JSON").measure(
        lambda: ours_ocel(cases, folder / "ours.json")
    )
    return ours.against(
        "pm4py write_ocel2_json",
        needs=("pm4py",),
        build=lambda: _pm4py_ocel(folder / "ours.json", folder / "theirs.json"),
        same=same_objects,
        repeats=1,
        note="of the log it read from our file; both files read the same",
    )


def _pm4py_xes(source: Path, target: Path) -> Callable[[], Path]:
    pm4py = _quiet_pm4py()
    log = pm4py.read_xes(str(source), return_legacy_log_object=True)

    def write() -> Path:
        pm4py.write_xes(log, str(target))
        return target

    return write


def _pm4py_ocel(source: Path, target: Path) -> Callable[[], Path]:
    pm4py = _quiet_pm4py()
    log = pm4py.read_ocel2_json(str(source))

    def write() -> Path:
        pm4py.write_ocel2_json(log, str(target))
        return target

    return write


def _quiet_pm4py() -> Any:
    import pm4py
    from pm4py.util import constants

    constants.SHOW_PROGRESS_BAR = False
    return pm4py


def _shape(log: EventLog) -> dict[str, Any]:
    """Return what a log says, in an order of its own: pm4py sorts traces by their first event."""
    due = log.case_times["due"]
    rows = zip(log.case, log.activity, log.resource, log.at_us.tolist(), log.recorded_us.tolist(), strict=True)
    events = sorted(
        (log.cases[case], log.activities[activity], log.resources[resource], at, recorded)
        for case, activity, resource, at, recorded in rows
    )
    return {"events": events, "due": {name: int(due[case]) for case, name in enumerate(log.cases)}, "bad": log.bad_rows}


def _written(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _types(written: Any) -> dict[tuple[str, str], str]:
    return {
        (each["name"], name["name"]): name["type"]
        for listed in ("eventTypes", "objectTypes")
        for each in written[listed]
        for name in each["attributes"]
    }


def _records(written: Any, types: dict[tuple[str, str], str]) -> dict[str, Any]:
    return {listed: {each["id"]: _record(each, types) for each in written[listed]} for listed in ("events", "objects")}


def _record(record: dict[str, Any], types: dict[tuple[str, str], str]) -> Any:
    values = sorted(
        (each["name"], _value(each["value"], types[record["type"], each["name"]]), _value(each.get("time", ""), "time"))
        for each in record["attributes"]
    )
    relations = sorted((each["objectId"], each["qualifier"]) for each in record.get("relationships", []))
    return record["type"], _value(record.get("time", ""), "time"), values, relations


def _value(value: object, type_: str) -> str:
    """Return a value as text: pm4py writes times to the second, and whole numbers as fractions beside empty cells."""
    text = str(value)
    if text and type_ == "time":
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")
    if type_ == "boolean":
        return text.lower()
    return str(float(text)) if type_ in {"integer", "float"} else text
