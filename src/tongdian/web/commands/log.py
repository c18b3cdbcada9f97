"""`tongdian log`: judge event logs that come from elsewhere."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from tongdian.engine.conformance import EmptyLogError, LogMapping, MappingError, judge, mapping_from
from tongdian.engine.formats import UnreadableLog, read_event_log
from tongdian.kernel.calendar import (
    CALENDAR_DAYS,
    WEEKDAYS_ONLY,
    CalendarEnds,
    WorkingCalendar,
    packaged_calendar,
)
from tongdian.web.log_report import report
from tongdian.web.log_summary import Provenance, summary
from tongdian.web.log_words import words
from tongdian.web.log_workbook import write_workbook

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Judge event logs of other systems with the clock of this one."""


@command.command(name="judge")
@click.argument("log", type=_FILE, metavar="FILE")
@click.option("--mapping", "mapping_path", type=_FILE, required=True, help="YAML: what columns and steps mean.")
@click.option("--out", type=_FOLDER, help="Folder for the HTML report and the workbook; without it only the summary.")
@click.option("--lang", "language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def judge_log(log: Path, mapping_path: Path, out: Path | None, language: str) -> None:
    """Judge an event log (CSV, XLSX, XES): time limits kept, durations, order of steps.

    Prints a summary. With --out it also writes NAME.html and NAME.xlsx, which list the cases behind every number.
    Needs no database.
    """
    mapping = _mapping(mapping_path)
    try:
        judged = judge(read_event_log(log, mapping.layout), mapping, _calendar(mapping.calendar))
    except (UnreadableLog, EmptyLogError) as error:
        raise click.ClickException(str(error)) from error
    except CalendarEnds as error:
        advice = "take calendar: weekdays_only or calendar_days for a log of other years or of another country"
        raise click.ClickException(f"{error}; or {advice}") from error
    origin = Provenance(log, _digest(log), mapping_path, _digest(mapping_path), datetime.now(UTC))
    for line in summary(judged, origin, language=language):
        click.echo(line)
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    page, book = out / f"{_stem(log)}.html", out / f"{_stem(log)}.xlsx"
    page.write_text(report(judged, origin, language=language), encoding="utf-8")
    write_workbook(book, judged, origin, language=language)
    click.echo(f"\n{words(language)('written')}: {page}, {book}")


class _StrictLoader(yaml.SafeLoader):
    """Reads plain YAML and refuses a key written twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise MappingError(
                    str(key), f"is written twice, the second time in line {node.value[place][0].start_mark.line + 1}"
                )
        return super().construct_mapping(node, deep=deep)


def _mapping(path: Path) -> LogMapping:
    try:
        with path.open(encoding="utf-8") as file:
            return mapping_from(yaml.load(file, Loader=_StrictLoader))  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} is not readable as YAML: {error}") from error
    except MappingError as error:
        raise click.ClickException(f"{path}: {error}") from error


def _calendar(name: str) -> WorkingCalendar:
    named = {"weekdays_only": WEEKDAYS_ONLY, "calendar_days": CALENDAR_DAYS}
    return named[name] if name in named else packaged_calendar()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stem(log: Path) -> str:
    return log.name.removesuffix(".gz").rsplit(".", 1)[0]
