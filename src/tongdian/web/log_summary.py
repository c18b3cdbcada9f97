"""A judged log in a few lines of text, and where its numbers come from."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from tongdian.engine.conformance import Judgement, Spread
from tongdian.web.log_words import FIGURES, RATES, label, words

LIBRARIES = ("tongdian", "numpy", "python-calamine", "XlsxWriter")


@dataclass(frozen=True)
class Provenance:
    """Which file was judged by which mapping, when; digests are SHA-256 in hexadecimal."""

    log: Path
    log_digest: str
    mapping: Path
    mapping_digest: str
    made_at: datetime

    @property
    def versions(self) -> str:
        """The versions of everything that took part."""
        return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)])


def summary(judged: Judgement, origin: Provenance, *, language: str) -> Iterator[str]:
    """Write the summary line by line."""
    word = words(language)
    yield f"{word('heading')}: {title(judged, origin, language)}"
    for name, value in facts(judged, origin, language):
        yield f"  {name}: {value}"
    yield ""
    for name, cases in judged.figures.items():
        text, definition = label(FIGURES, name, language)
        yield f"  {len(cases):>9,}  {text} ({definition})"
    yield ""
    for rate in judged.rates:
        text, definition = label(RATES, rate.id, language)
        yield f"  {percent(rate.share):>9}  {text}: {rate.numerator_n:,} / {rate.denominator_n:,} ({definition})"
    yield ""
    yield f"{word('durations')} ({word('mean')} / {word('p50')} / {word('p90')})"
    for name, counted, elapsed in durations(judged, language):
        yield f"  {name}: {spread(counted)} {word('counted_days')} · {spread(elapsed)} {word('elapsed_days')}"


def title(judged: Judgement, origin: Provenance, language: str) -> str:
    """Return the mapping's title, or the file's name when it has none in this language."""
    return judged.mapping.title.get(language) or origin.log.name


def facts(judged: Judgement, origin: Provenance, language: str) -> list[tuple[str, str]]:
    """Return what was judged and how, as pairs of name and value."""
    word, mapping = words(language), judged.mapping
    dropped = sum(row.is_dropped for row in judged.log.bad_rows)
    found = [
        (word("log"), origin.log.name),
        (word("mapping"), origin.mapping.name),
        (word("as_of"), judged.as_of.astimezone(ZoneInfo(mapping.layout.zone)).isoformat(sep=" ", timespec="seconds")),
        (word("calendar"), word(mapping.calendar)),
        (word("zone"), mapping.layout.zone),
        (word("due_counts"), word("end_of_day" if mapping.limit_days is not None else mapping.due_counts)),
        (word("events"), f"{len(judged.steps.case):,}"),
        (word("rows_read"), f"{judged.log.rows_read:,}"),
        (word("rows_dropped"), f"{dropped:,}"),
        (word("bad_rows"), f"{len(judged.log.bad_rows):,}"),
    ]
    if judged.unknown_activities:
        found.append((word("unknown_activities"), ", ".join(judged.unknown_activities)))
    if judged.not_judged:
        names = [label(FIGURES, name, language)[0] for name in judged.not_judged]
        found.append((word("not_judged"), ", ".join(names)))
    return found


def digests(judged: Judgement, origin: Provenance, language: str) -> list[tuple[str, str]]:
    """Return the digests and versions behind the numbers."""
    word = words(language)
    return [
        (word("citation"), judged.mapping.citation or word("none")),
        (word("log_digest"), origin.log_digest),
        (word("mapping_digest"), origin.mapping_digest),
        (word("calendar_digest"), judged.calendar_version),
        (word("versions"), origin.versions),
        (word("made_at"), origin.made_at.isoformat(timespec="seconds")),
    ]


def durations(judged: Judgement, language: str) -> list[tuple[str, Spread, Spread]]:
    """Return name, counted and elapsed days of the whole case and of each stage."""
    whole = (words(language)("whole_case"), judged.counted, judged.elapsed)
    return [whole, *((stage.title.get(language, stage.id), stage.counted, stage.elapsed) for stage in judged.stages)]


def percent(share: float | None) -> str:
    """Write a share with one decimal; a dash when there is nothing to divide by."""
    return "—" if share is None else f"{share:.1%}".replace("%", " %")


def number(value: float | None) -> str:
    """Write a number with one decimal; a dash when there is none."""
    return "—" if value is None else f"{value:,.1f}"


def spread(values: Spread) -> str:
    """Write mean, median and 90th percentile."""
    return f"{number(values.mean)} / {number(values.p50)} / {number(values.p90)} (n = {values.n:,})"
