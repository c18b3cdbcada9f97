"""Writes event logs as XES (IEEE 1849), trace by trace: the same log always gives the same text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

Value = str | int | float | bool | datetime | date | None

NAMESPACE = "http://www.xes-standard.org/"
EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Organizational", "org"),
    ("Lifecycle", "lifecycle"),
)
_ESCAPED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
    # XML has no place for the other control characters, not even escaped.
    | {chr(code): "\N{REPLACEMENT CHARACTER}" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event: what was done, when [aware], and any further attributes by key. None is left out."""

    activity: str
    at: datetime
    attributes: Mapping[str, Value] = field(default_factory=dict)
    transition: str = "complete"


@dataclass(frozen=True, slots=True)
class LoggedCase:
    """One case with its events in their order; `name` identifies it in the log."""

    name: str
    events: tuple[LoggedEvent, ...]
    attributes: Mapping[str, Value] = field(default_factory=dict)


def xes_lines(cases: Iterable[LoggedCase], *, attributes: Mapping[str, Value]) -> Iterator[str]:
    """Write a log line by line; memory holds one case. `attributes` are those of the log itself, its name among them.

    Instants are written in UTC to the microsecond, days as text.

    Raises ValueError when an instant has no time zone.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<log xes.version="1849-2016" xes.features="" xmlns="{NAMESPACE}">\n'
    for name, prefix in EXTENSIONS:
        yield f'\t<extension name="{name}" prefix="{prefix}" uri="{NAMESPACE}{prefix}.xesext"/>\n'
    yield '\t<global scope="trace">\n\t\t<string key="concept:name" value=""/>\n\t</global>\n'
    yield '\t<global scope="event">\n'
    yield from (_attribute(2, key, value) for key, value in _event_attributes(_EXAMPLE))
    yield "\t</global>\n"
    yield '\t<classifier name="Activity" keys="concept:name"/>\n'
    yield from _attributes(1, attributes)
    for case in cases:
        yield from _trace(case)
    yield "</log>\n"


def _trace(case: LoggedCase) -> Iterator[str]:
    yield "\t<trace>\n"
    yield _attribute(2, "concept:name", case.name)
    yield from _attributes(2, case.attributes)
    for event in case.events:
        yield "\t\t<event>\n"
        yield from (_attribute(3, key, value) for key, value in _event_attributes(event))
        yield from _attributes(3, event.attributes)
        yield "\t\t</event>\n"
    yield "\t</trace>\n"


def _event_attributes(event: LoggedEvent) -> tuple[tuple[str, Value], ...]:
    return (
        ("concept:name", event.activity),
        ("time:timestamp", event.at),
        ("lifecycle:transition", event.transition),
    )


# The defaults that stand for an event without them, as the standard asks of a log that declares them global.
_EXAMPLE = LoggedEvent("", datetime(1970, 1, 1, tzinfo=UTC))


def _attributes(depth: int, attributes: Mapping[str, Value]) -> Iterator[str]:
    yield from (_attribute(depth, key, value) for key, value in attributes.items() if value is not None)


def _attribute(depth: int, key: str, value: Value) -> str:
    tag, text = _written(value)
    indent = "\t" * depth
    return f'{indent}<{tag} key="{key.translate(_ESCAPED)}" value="{text.translate(_ESCAPED)}"/>\n'


def _written(value: Value) -> tuple[str, str]:
    """Return the element and the text of a value; bool before int, of which it is a kind."""
    match value:
        case bool():
            return "boolean", str(value).lower()
        case int():
            return "int", str(value)
        case float():
            return "float", repr(value)
        case datetime():
            return "date", utc_text(value)
        case _:
            return "string", str(value)


def utc_text(moment: datetime) -> str:
    """Write an instant in UTC with microseconds.

    Raises ValueError when it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone, so it is no instant")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
