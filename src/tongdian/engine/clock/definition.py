"""Clock definitions: which events start, stop and hold which stage, and how days are counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OWNERS = ("utility", "customer", "agency", "force_majeure")
UNITS = ("workday", "calendar_day")
REST_DAY_RULES = ("real_date", "next_working_day")
WITHDRAWN = ("case.withdrawn",)


class DefinitionError(ValueError):
    """A clock definition could not be read: `field` says where, `problem` says why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"clock definition, field {field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Counting:
    """How days are counted; each field is a switch of the policy, printed on reports."""

    trigger_day_is_zero: bool = True
    receipt_on_rest_day: str = "real_date"
    unit: str = "workday"
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Between:
    """Time that belongs to `owner`, from any of the `start` kinds to any of the `stop` kinds."""

    owner: str
    label: str
    start: frozenset[str]
    stop: frozenset[str]


@dataclass(frozen=True, slots=True)
class StageRule:
    """One timed stage. It starts at any of `start_any`, or at the last of all of `start_all`."""

    id: str
    owner: str
    stop_any: frozenset[str]
    start_any: frozenset[str] = frozenset()
    start_all: frozenset[str] = frozenset()
    passed_by: frozenset[str] = frozenset()
    waiting: tuple[Between, ...] = ()
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class PauseRule:
    """The events that hold every running stage; `reasons` is the white list, empty = any stated reason."""

    start: frozenset[str]
    stop: frozenset[str]
    reasons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClockDefinition:
    """Which intervals count, for one customer class."""

    stages: tuple[StageRule, ...]
    whole_start: frozenset[str]
    whole_stop: frozenset[str]
    gaps: tuple[Between, ...] = ()
    pause: PauseRule | None = None
    withdrawn_by: frozenset[str] = frozenset(WITHDRAWN)
    counting: Counting = field(default_factory=Counting)

    def stage(self, id: str) -> StageRule:  # noqa: A002 - the policy's own word
        """Return the stage of that id. Raises: KeyError when the definition has none."""
        for rule in self.stages:
            if rule.id == id:
                return rule
        raise KeyError(id)

    @property
    def kinds(self) -> frozenset[str]:
        """Every event kind that can change this clock; any other kind is ignored."""
        found = self.whole_start | self.whole_stop | self.withdrawn_by
        for rule in self.stages:
            found |= rule.start_any | rule.start_all | rule.stop_any
            found = found.union(*(waiting.start | waiting.stop for waiting in rule.waiting))
        found = found.union(*(gap.start | gap.stop for gap in self.gaps))
        return found | (self.pause.start | self.pause.stop if self.pause else frozenset())


def definition_from(mapping: Mapping[str, Any]) -> ClockDefinition:
    """Read a clock definition out of policy data.

    Raises: DefinitionError naming the field, for an unknown or missing key, a wrong type or an unknown word,
    two stages of one id, or a stage with neither or both of `start_any` and `start_all`.
    """
    top = _section(mapping, "", {"stages", "whole"}, {"gaps", "pause", "counting", "withdrawn_by"})
    whole = _section(top["whole"], "whole", {"start", "stop"}, set())
    return ClockDefinition(
        stages=_stages(top["stages"]),
        whole_start=_kinds(whole["start"], "whole.start"),
        whole_stop=_kinds(whole["stop"], "whole.stop"),
        gaps=tuple(_gap(each, f"gaps[{i}]") for i, each in enumerate(_sequence(top.get("gaps", ()), "gaps"))),
        pause=_pause(top["pause"]) if "pause" in top else None,
        withdrawn_by=_kinds(top.get("withdrawn_by", WITHDRAWN), "withdrawn_by"),
        counting=_counting(top.get("counting", {})),
    )


def _stages(value: object) -> tuple[StageRule, ...]:
    rules = tuple(_stage(each, f"stages[{i}]") for i, each in enumerate(_sequence(value, "stages")))
    if not rules:
        raise DefinitionError("stages", "needs at least one stage")
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        if rule.id in seen:
            raise DefinitionError(f"stages[{position}].id", f"{rule.id!r} is used twice")
        seen.add(rule.id)
    return rules


def _stage(value: object, at: str) -> StageRule:
    optional = {"start_any", "start_all", "passed_by", "waiting", "required"}
    raw = _section(value, at, {"id", "owner", "stop_any"}, optional)
    if ("start_any" in raw) == ("start_all" in raw):
        raise DefinitionError(at, "needs either start_any or start_all")
    stop_any = _kinds(raw["stop_any"], f"{at}.stop_any")
    passed_by = _kinds(raw["passed_by"], f"{at}.passed_by") if raw.get("passed_by") else frozenset[str]()
    if not passed_by <= stop_any:
        raise DefinitionError(f"{at}.passed_by", f"{sorted(passed_by - stop_any)} is not among stop_any")
    waiting = raw.get("waiting") or {}
    if not isinstance(waiting, Mapping):
        raise DefinitionError(f"{at}.waiting", "must be a mapping of owner to from and to")
    return StageRule(
        id=_text(raw["id"], f"{at}.id"),
        owner=_word(raw["owner"], f"{at}.owner", OWNERS),
        stop_any=stop_any,
        start_any=_kinds(raw["start_any"], f"{at}.start_any") if "start_any" in raw else frozenset(),
        start_all=_kinds(raw["start_all"], f"{at}.start_all") if "start_all" in raw else frozenset(),
        passed_by=passed_by,
        waiting=tuple(_waiting(owner, each, f"{at}.waiting.{owner}") for owner, each in waiting.items()),
        is_required=_flag(raw.get("required", True), f"{at}.required"),
    )


def _waiting(owner: object, value: object, at: str) -> Between:
    raw = _section(value, at, {"from", "to"}, {"label"})
    who = _word(owner, at, OWNERS)
    label = _text(raw.get("label", "waiting"), f"{at}.label")
    return Between(who, label, _kinds(raw["from"], f"{at}.from"), _kinds(raw["to"], f"{at}.to"))


def _gap(value: object, at: str) -> Between:
    raw = _section(value, at, {"owner", "label", "from", "to"}, set())
    owner, label = _word(raw["owner"], f"{at}.owner", OWNERS), _text(raw["label"], f"{at}.label")
    return Between(owner, label, _kinds(raw["from"], f"{at}.from"), _kinds(raw["to"], f"{at}.to"))


def _pause(value: object) -> PauseRule:
    raw = _section(value, "pause", {"from", "to"}, {"reasons"})
    reasons = _kinds(raw["reasons"], "pause.reasons") if raw.get("reasons") else frozenset[str]()
    return PauseRule(_kinds(raw["from"], "pause.from"), _kinds(raw["to"], "pause.to"), reasons)


def _counting(value: object) -> Counting:
    known = {"trigger_day_is_zero", "ends", "receipt_on_rest_day", "unit", "zone"}
    raw = _section(value, "counting", set(), known)
    # A deadline at the close of business would need opening hours, which no rule in the book gives.
    _word(raw.get("ends", "end_of_day"), "counting.ends", ("end_of_day",))
    return Counting(
        trigger_day_is_zero=_flag(raw.get("trigger_day_is_zero", True), "counting.trigger_day_is_zero"),
        receipt_on_rest_day=_word(
            raw.get("receipt_on_rest_day", "real_date"), "counting.receipt_on_rest_day", REST_DAY_RULES
        ),
        unit=_word(raw.get("unit", "workday"), "counting.unit", UNITS),
        zone=_zone(raw.get("zone", "Asia/Shanghai"), "counting.zone"),
    )


def _section(value: object, at: str, required: set[str], optional: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DefinitionError(at or "(top)", "must be a mapping")
    prefix = f"{at}." if at else ""
    for key in value:
        if key not in required | optional:
            raise DefinitionError(f"{prefix}{key}", f"unknown; known here: {', '.join(sorted(required | optional))}")
    for key in sorted(required):
        if key not in value:
            raise DefinitionError(f"{prefix}{key}", "is missing")
    return value


def _sequence(value: object, at: str) -> Sequence[object]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise DefinitionError(at, "must be a list")
    return value


def _kinds(value: object, at: str) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else _sequence(value, at)
    if not listed:
        raise DefinitionError(at, "must name at least one")
    return frozenset(_text(each, at) for each in listed)


def _text(value: object, at: str) -> str:
    if not isinstance(value, str) or not value:
        raise DefinitionError(at, f"must be a text, not {value!r}")
    return value


def _zone(value: object, at: str) -> str:
    name = _text(value, at)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DefinitionError(at, f"{name!r} is not a time zone") from error
    return name


def _flag(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise DefinitionError(at, f"must be true or false, not {value!r}")
    return value


def _word(value: object, at: str, known: Sequence[str]) -> str:
    if value not in known:
        raise DefinitionError(at, f"{value!r} is unknown; known here: {', '.join(known)}")
    return str(value)
