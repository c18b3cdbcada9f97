"""Mappings: what the columns and activities of an outside log mean, and what it is to be judged against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tongdian.engine.formats import LogColumns, LogFormat

CALENDARS = ("national", "weekdays_only", "calendar_days")
DUE_COUNTS = ("instant", "end_of_day")
LAST_EVENT = "last_event"
LANGUAGES = ("zh", "en")
_NEEDED = {"columns", "calendar", "zone"}
_OPTIONAL = {
    "title",
    "citation",
    "time_format",
    "encoding",
    "delimiter",
    "sheet",
    "as_of",
    "limit_days",
    "due_counts",
    "closed_by",
    "stages",
    "order",
    "required",
    "paths",
    "thresholds",
}


class MappingError(ValueError):
    """A mapping could not be read: `field` says where, `problem` says why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"mapping, {field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, slots=True)
class LogStage:
    """A stage of the log's process: it starts and stops with any of these activities. `title` by language."""

    id: str
    title: Mapping[str, str]
    start: tuple[str, ...]
    stop: tuple[str, ...]
    limit_days: int | None = None


@dataclass(frozen=True, slots=True)
class LogMapping:
    """Everything needed to judge one kind of log.

    calendar: which days count. as_of: None = the log's last event, or the last end of a case if later. limit_days:
    the case's limit from its start, where the log has no column with the due time. due_counts: whether a due time
    counts to the moment or to the end of its day. closed_by: activities that close a case, where the log has no column
    with its end. order: chains of activities, each of which should first occur in this order; required: activities a
    closed case must have; paths: the only sequences allowed. recorded_after_days: days of the calendar after which a
    record counts as made after the fact.
    """

    layout: LogFormat
    calendar: str
    title: Mapping[str, str]
    citation: str = ""
    as_of: datetime | None = None
    limit_days: int | None = None
    due_counts: str = "instant"
    closed_by: tuple[str, ...] = ()
    stages: tuple[LogStage, ...] = ()
    order: tuple[tuple[str, ...], ...] = ()
    required: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    recorded_after_days: int = 1

    @property
    def activities(self) -> frozenset[str]:
        """Every activity the mapping names."""
        staged = (name for stage in self.stages for name in (*stage.start, *stage.stop))
        chained = (name for chain in (*self.order, *self.paths) for name in chain)
        return frozenset((*staged, *chained, *self.closed_by, *self.required))


def mapping_from(data: object) -> LogMapping:
    """Read a mapping.

    Raises: MappingError naming the field, for an unknown key (with the valid ones), a missing or contradicting one,
    a wrong type, an unknown calendar or time zone.
    """
    top = _section(data, "", _NEEDED, _OPTIONAL)
    columns = _columns(top["columns"])
    _refuse_both(columns.due, top, "limit_days")
    _refuse_both(columns.end, top, "closed_by")
    if columns.end is None and "closed_by" not in top:
        raise MappingError("columns.end", "is missing: name the column of the case's end, or closed_by")
    thresholds = _section(top.get("thresholds", {}), "thresholds", set(), {"recorded_after_days"})
    return LogMapping(
        layout=_layout(columns, top),
        calendar=_word(top["calendar"], "calendar", CALENDARS),
        title=_title(top.get("title", {}), "title"),
        citation=_text(top["citation"], "citation") if "citation" in top else "",
        as_of=_as_of(top.get("as_of", LAST_EVENT), ZoneInfo(_zone(top["zone"]))),
        limit_days=_whole(top["limit_days"], "limit_days") if "limit_days" in top else None,
        due_counts=_word(top.get("due_counts", "instant"), "due_counts", DUE_COUNTS),
        closed_by=_texts(top.get("closed_by", []), "closed_by"),
        stages=_stages(top.get("stages", [])),
        order=_chains(top.get("order", []), "order"),
        required=_texts(top.get("required", []), "required"),
        paths=_chains(top.get("paths", []), "paths"),
        recorded_after_days=_whole(thresholds.get("recorded_after_days", 1), "thresholds.recorded_after_days"),
    )


def _columns(value: object) -> LogColumns:
    names = [each.name for each in fields(LogColumns)]
    raw = _section(value, "columns", set(names[:3]), set(names[3:]))
    return LogColumns(**{name: _text(raw[name], f"columns.{name}") for name in raw})


def _layout(columns: LogColumns, top: Mapping[str, Any]) -> LogFormat:
    delimiter = _text(top.get("delimiter", ","), "delimiter")
    if len(delimiter) != 1:
        raise MappingError("delimiter", f"must be one character, not {delimiter!r}")
    return LogFormat(
        columns=columns,
        zone=_zone(top["zone"]),
        time_format=_text(top["time_format"], "time_format") if "time_format" in top else None,
        encoding=_text(top.get("encoding", "utf-8-sig"), "encoding"),
        delimiter=delimiter,
        sheet=_text(top["sheet"], "sheet") if "sheet" in top else None,
    )


def _refuse_both(column: str | None, top: Mapping[str, Any], key: str) -> None:
    if column is not None and key in top:
        raise MappingError(key, f"contradicts the column {column!r}: give one of them")


def _stages(value: object) -> tuple[LogStage, ...]:
    stages = tuple(_stage(each, f"stages[{place}]") for place, each in enumerate(_sequence(value, "stages")))
    ids = [stage.id for stage in stages]
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            raise MappingError(f"stages[{place}].id", f"{id_!r} is used twice")
    return stages


def _stage(value: object, at: str) -> LogStage:
    raw = _section(value, at, {"id", "start", "stop"}, {"title", "limit_days"})
    start, stop = _texts(raw["start"], f"{at}.start"), _texts(raw["stop"], f"{at}.stop")
    if not start or not stop:
        raise MappingError(at, "start and stop must each name at least one activity")
    limit = _whole(raw["limit_days"], f"{at}.limit_days") if "limit_days" in raw else None
    return LogStage(_text(raw["id"], f"{at}.id"), _title(raw.get("title", {}), f"{at}.title"), start, stop, limit)


def _title(value: object, at: str) -> Mapping[str, str]:
    raw = _section(value, at, set(), set(LANGUAGES))
    return {language: _text(raw[language], f"{at}.{language}") for language in raw}


def _chains(value: object, at: str) -> tuple[tuple[str, ...], ...]:
    chains = tuple(_texts(each, f"{at}[{place}]") for place, each in enumerate(_sequence(value, at)))
    for place, chain in enumerate(chains):
        if at == "order" and len(set(chain)) != len(chain):
            raise MappingError(f"order[{place}]", "names an activity twice")
    return chains


def _as_of(value: object, zone: ZoneInfo) -> datetime | None:
    if value == LAST_EVENT:
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise MappingError("as_of", f"{value!r} is neither {LAST_EVENT} nor a time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _section(value: object, at: str, required: set[str], optional: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MappingError(at or "(top)", "must be a mapping of keys to values")
    prefix, known = (f"{at}." if at else ""), required | optional
    for key in value:
        if key not in known:
            raise MappingError(f"{prefix}{key}", f"unknown key; valid here: {', '.join(sorted(known))}")
    for key in sorted(required - set(value)):
        raise MappingError(f"{prefix}{key}", "is missing")
    return value


def _sequence(value: object, at: str) -> Sequence[object]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise MappingError(at, f"must be a list, not {value!r}")
    return value


def _texts(value: object, at: str) -> tuple[str, ...]:
    return tuple(_text(each, at) for each in _sequence(value, at))


def _text(value: object, at: str) -> str:
    if not isinstance(value, str) or not value:
        raise MappingError(at, f"must be a text, not {value!r}")
    return value


def _whole(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MappingError(at, f"must be a whole number of days, not {value!r}")
    return value


def _word(value: object, at: str, known: Sequence[str]) -> str:
    if value not in known:
        raise MappingError(at, f"{value!r} is unknown; valid: {', '.join(known)}")
    return str(value)


def _zone(value: object) -> str:
    name = _text(value, "zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingError("zone", f"{name!r} is not a time zone, such as Asia/Shanghai") from error
    return name
