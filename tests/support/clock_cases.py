"""Clock definitions, limits and short ways to write events for tests of the clock; dates and numbers of Annex 1."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tongdian.engine.clock import ClockDefinition, ClockEvent, Reading, definition_from, replay
from tongdian.kernel.calendar import packaged_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
PAUSE = {"from": "clock.paused", "to": "clock.resumed"}
COUNTING = {"trigger_day_is_zero": True, "ends": "end_of_day", "receipt_on_rest_day": "real_date", "unit": "workday"}
WHOLE = {"start": "application.accepted", "stop": "connection.energised"}

ACCEPTANCE = {
    "id": "acceptance",
    "owner": "utility",
    "start_any": ["application.submitted"],
    "stop_any": ["application.accepted"],
    "waiting": {"customer": {"from": ["application.deficiency_notified"], "to": ["application.completed"]}},
}
SCHEME = {"id": "scheme", "owner": "utility", "start_any": ["application.accepted"], "stop_any": ["scheme.issued"]}
DESIGN = {
    "id": "design_review",
    "owner": "utility",
    "start_any": ["design.submitted"],
    "stop_any": ["design.approved", "design.rejected"],
    "passed_by": ["design.approved"],
}
INTERIM = {
    "id": "interim_inspection",
    "owner": "utility",
    "start_any": ["interim.requested"],
    "stop_any": ["interim.passed", "interim.failed"],
    "passed_by": ["interim.passed"],
}
COMPLETION = {
    "id": "completion_inspection",
    "owner": "utility",
    "start_any": ["completion.reported"],
    "stop_any": ["completion.passed", "completion.failed"],
    "passed_by": ["completion.passed"],
}
CONNECT = {
    "id": "connect",
    "owner": "utility",
    "start_all": ["completion.passed", "contract.signed"],
    "stop_any": ["connection.energised"],
}
LV_CONNECT = {**CONNECT, "start_all": ["scheme.issued", "contract.signed"]}
LV_WHOLE = {
    "id": "lv_whole",
    "owner": "utility",
    "start_any": ["application.accepted"],
    "stop_any": ["connection.energised"],
}


def _gap(label: str, start: list[str], stop: list[str]) -> dict[str, Any]:
    return {"owner": "customer", "label": label, "from": start, "to": stop}


DESIGN_GAP = _gap("design", ["scheme.issued", "design.rejected"], ["design.submitted"])
WORKS_GAP = _gap("works", ["design.approved", "interim.failed"], ["interim.requested"])
FINISH_GAP = _gap("finish", ["interim.passed", "completion.failed"], ["completion.reported"])
SINGLE_GAP = _gap("works", ["scheme.issued", "completion.failed"], ["completion.reported"])
CONTRACT_GAP = _gap("contract", ["completion.passed"], ["contract.signed"])
LV_GAP = _gap("contract", ["scheme.issued"], ["contract.signed"])


def mapping(stages: list[dict[str, Any]], gaps: list[dict[str, Any]], **counting: object) -> dict[str, Any]:
    """Write a clock definition as policy data."""
    return {"stages": stages, "whole": WHOLE, "gaps": gaps, "pause": PAUSE, "counting": {**COUNTING, **counting}}


_FULL = mapping(
    [ACCEPTANCE, SCHEME, DESIGN, INTERIM, COMPLETION, CONNECT], [DESIGN_GAP, WORKS_GAP, FINISH_GAP, CONTRACT_GAP]
)
_SINGLE = mapping([ACCEPTANCE, SCHEME, COMPLETION, CONNECT], [SINGLE_GAP, CONTRACT_GAP])
MAPPINGS: dict[str, dict[str, Any]] = {
    "lv_resident": mapping([LV_WHOLE], []),
    "lv_three_zero": mapping([LV_WHOLE], []),
    "lv_other": mapping([ACCEPTANCE, SCHEME, LV_CONNECT], [LV_GAP]),
    "hv10_single": _SINGLE,
    "hv10_dual": _FULL,
    "hv35_single": _FULL,
    "hv35_dual": _FULL,
    "lv_no_works": mapping([LV_WHOLE], [], unit="calendar_day"),
}
DEFINITIONS: dict[str, ClockDefinition] = {name: definition_from(each) for name, each in MAPPINGS.items()}
_SIX = ("acceptance", "scheme", "design_review", "interim_inspection", "completion_inspection", "connect")
LIMITS: dict[str, dict[str, int]] = {
    "lv_resident": {"lv_whole": 3, "total": 3},
    "lv_three_zero": {"lv_whole": 7, "total": 7},
    "lv_other": {"acceptance": 1, "scheme": 1, "connect": 1, "total": 3},
    "hv10_single": {"acceptance": 1, "scheme": 5, "completion_inspection": 3, "connect": 2, "total": 11},
    "hv10_dual": dict(zip((*_SIX, "total"), (1, 7, 3, 2, 3, 2, 18), strict=True)),
    "hv35_single": dict(zip((*_SIX, "total"), (1, 10, 3, 2, 3, 3, 22), strict=True)),
    "hv35_dual": dict(zip((*_SIX, "total"), (1, 20, 3, 2, 3, 3, 32), strict=True)),
    "lv_no_works": {"lv_whole": 1},
}


def local(text: str) -> datetime:
    """Read a time as a person in Jinan writes it: "2026-02-12 09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def events(*lines: str) -> list[ClockEvent]:
    """Write a case as lines "2026-02-12 09:30 scheme.issued [owner reason]"."""
    return [_event(seq, line.split()) for seq, line in enumerate(lines, start=1)]


def _event(seq: int, words: list[str]) -> ClockEvent:
    day, time, kind, owner, reason = (*words, None, None)[:5]
    return ClockEvent(seq=seq, kind=str(kind), recorded_at=local(f"{day} {time}"), owner=owner, reason=reason)


def read(name: str, *lines: str, as_of: datetime | None = None) -> Reading:
    """Replay lines as a case of a class, at the end of 2026 unless told otherwise."""
    moment = as_of or local("2026-12-30 12:00")
    return replay(events(*lines), DEFINITIONS[name], packaged_calendar(), LIMITS[name], moment)


def plain_course(name: str) -> list[str]:
    """Return the event kinds of an undisturbed case of a class, in order."""
    front = ["application.submitted", "application.accepted"]
    back = ["completion.reported", "completion.passed", "contract.signed", "connection.energised"]
    if name.startswith("lv_") and name != "lv_other":
        return ["application.accepted", "connection.energised"]
    if name == "lv_other":
        return [*front, "scheme.issued", "contract.signed", "connection.energised"]
    if name == "hv10_single":
        return [*front, "scheme.issued", *back]
    middle = ["design.submitted", "design.approved", "interim.requested", "interim.passed"]
    return [*front, "scheme.issued", *middle, *back]
