"""Random cases for tests of the clock: plain courses, disturbed ones, and sequences that make no sense."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from support.clock_cases import DEFINITIONS, LIMITS, MAPPINGS, plain_course
from tongdian.engine.clock import ClockEvent, definition_from
from tongdian.engine.clock.definition import OWNERS

REASONS = ("flood", "road_permit")
SWITCHED = {
    "rest_day": definition_from({**MAPPINGS["hv10_dual"], "counting": {"receipt_on_rest_day": "next_working_day"}}),
    "day_one": definition_from({**MAPPINGS["hv10_dual"], "counting": {"trigger_day_is_zero": False}}),
    "calendar_day": definition_from({**MAPPINGS["hv10_dual"], "counting": {"unit": "calendar_day"}}),
    "rest_day_whole": definition_from(
        {**MAPPINGS["lv_resident"], "counting": {"receipt_on_rest_day": "next_working_day"}}
    ),
    "day_one_whole": definition_from({**MAPPINGS["lv_resident"], "counting": {"trigger_day_is_zero": False}}),
    "new_york": definition_from({**MAPPINGS["hv10_single"], "counting": {"zone": "America/New_York"}}),
    "white_list": definition_from(
        {**MAPPINGS["lv_other"], "pause": {"from": "clock.paused", "to": "clock.resumed", "reasons": ["flood"]}}
    ),
}
EVERY = {**DEFINITIONS, **SWITCHED}
STEPS = st.sampled_from([0, 1, 3_600, 40_000, 86_400, 3 * 86_400, 9 * 86_400])
START = st.integers(0, 5 * 366 * 24).map(lambda hours: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def limits_of(name: str) -> dict[str, int]:
    return {"lv_whole": 2, "total": 2} if name.endswith("_whole") else LIMITS.get(name, LIMITS["hv10_dual"])


@st.composite
def kinds_of(draw: st.DrawFn, name: str) -> list[str]:
    """A plain course, disturbed: steps dropped, doubled, swapped, or any kinds at all in between."""
    definition = EVERY[name]
    every = [*sorted(definition.kinds), "note.added"]
    order = plain_course(name if name in DEFINITIONS else "hv10_dual")
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(order)))
        change = draw(st.sampled_from(("insert", "insert", "hold", "drop", "swap", "double")))
        if change == "insert":
            order.insert(place, draw(st.sampled_from(every)))
        elif change == "hold":
            order[place:place] = ["clock.paused", "clock.resumed"]
        elif change == "drop" and order:
            order.pop(place % len(order))
        elif change == "double" and order:
            order.insert(place, order[place % len(order)])
        elif change == "swap" and len(order) > 1:
            place %= len(order) - 1
            order[place], order[place + 1] = order[place + 1], order[place]
    return order[: draw(st.integers(0, len(order)))] if draw(st.booleans()) else order


@st.composite
def case_of(draw: st.DrawFn, name: str) -> list[ClockEvent]:
    at = draw(START)
    case: list[ClockEvent] = []
    for seq, kind in enumerate(draw(kinds_of(name)), start=1):
        at += timedelta(seconds=draw(STEPS))
        owner = draw(st.sampled_from([*OWNERS, None])) if kind == "clock.paused" else None
        reason = draw(st.sampled_from([*REASONS, None])) if kind == "clock.paused" else None
        case.append(ClockEvent(seq=seq, kind=kind, recorded_at=at, owner=owner, reason=reason))
    return case


@st.composite
def held_cases(draw: st.DrawFn) -> list[ClockEvent]:
    """One stage with holds close together, so that nothing is left of the limit and rest days are hit."""
    start = datetime(2026, 2, 26, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 6)))
    case = [ClockEvent(1, "application.accepted", start)]
    for kind in ("clock.paused", "clock.resumed") * draw(st.integers(0, 4)):
        at = case[-1].recorded_at + timedelta(hours=draw(st.sampled_from([0, 3, 24, 24, 48])))
        owner, reason = (draw(st.sampled_from(OWNERS[1:])), REASONS[0]) if kind == "clock.paused" else (None, None)
        case.append(ClockEvent(len(case) + 1, kind, at, owner=owner, reason=reason))
    if draw(st.booleans()):
        at = case[-1].recorded_at + timedelta(hours=draw(st.sampled_from([0, 24, 48, 96])))
        case.append(ClockEvent(len(case) + 1, "connection.energised", at))
    return case


@st.composite
def held_logs(draw: st.DrawFn) -> tuple[str, list[list[ClockEvent]]]:
    name = draw(st.sampled_from(["lv_resident", "lv_no_works", "rest_day_whole", "day_one_whole"]))
    return name, draw(st.lists(held_cases(), min_size=4, max_size=12))


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[list[ClockEvent]]]:
    name = draw(st.sampled_from(sorted(EVERY)))
    return name, draw(st.lists(case_of(name), min_size=1, max_size=6))
