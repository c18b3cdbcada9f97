"""A seeded generator of permit logs shaped like the WABO receipt log, which itself is never part of the repository."""

import csv
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
HEADER = (
    "case:concept:name",
    "case:deadline",
    "case:enddate",
    "case:enddate_planned",
    "case:startdate",
    "concept:name",
    "org:resource",
    "time:timestamp",
)
FRONT = (
    "Confirmation of receipt",
    "T02 Check confirmation of receipt",
    "T04 Determine confirmation of receipt",
    "T05 Print and send confirmation of receipt",
    "T06 Determine necessity of stop advice",
    "T10 Determine necessity to stop indication",
)


@dataclass
class PermitLog:
    """Rows of a log, and what was planted in it: the answers a judge has to find."""

    rows: list[dict[str, str]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    overdue: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    out_of_order: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)

    def csv(self) -> str:
        """Write the log as CSV."""
        text = StringIO()
        writer = csv.DictWriter(text, HEADER)
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()

    def xes(self) -> str:
        """Write the log as XES, the attributes of a case in its trace."""
        traces: dict[str, list[dict[str, str]]] = {}
        for row in self.rows:
            traces.setdefault(row["case:concept:name"], []).append(row)
        body = "".join(
            f"<trace>{_attributes(rows[0], is_case=True)}"
            + "".join(f"<event>{_attributes(row, is_case=False)}</event>" for row in rows)
            + "</trace>"
            for rows in traces.values()
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><log xes.version="1849.2016">{body}</log>'

    def write(self, path: Path) -> Path:
        """Write the log as CSV to a file."""
        path.write_text(self.csv(), encoding="utf-8")
        return path


def permit_log(cases: int, *, seed: int) -> PermitLog:
    """Make a log with late, open, overdue, repeated and disordered cases, all of them known."""
    random_ = random.Random(seed)
    log, last = PermitLog(), datetime(2012, 1, 20, 12, tzinfo=ZONE)
    for number in range(cases):
        _add_case(log, f"case-{number + 1:05}", random_, last)
    # The log's last event, which is the moment of judging, belongs to a case of its own.
    _add_row(log, ("case-last", last + timedelta(days=60), None, last), FRONT[0], last)
    log.cases.add("case-last")
    return log


def _add_case(log: PermitLog, case: str, random_: random.Random, last: datetime) -> None:
    start = last - timedelta(days=random_.randint(1, 400), seconds=random_.randint(0, 86_000))
    due = start + timedelta(days=56)
    end: datetime | None = start + timedelta(days=random_.choice((3, 20, 55, 56, 57, 90)))
    if end is not None and (end > last or random_.random() < 0.1):
        end = None
    steps, times = _steps(log, case, random_), [start + timedelta(minutes=7 * place) for place in range(9)]
    for step, at in zip(steps, times, strict=False):
        if at <= last:
            _add_row(log, (case, due, end, start), step, at)
    log.cases.add(case)
    if end is not None:
        log.closed.add(case)
    if end is not None and end > due:
        log.late.add(case)
    if end is None and due < last:
        log.overdue.add(case)


def _steps(log: PermitLog, case: str, random_: random.Random) -> list[str]:
    steps, chance = list(FRONT), random_.random()
    if chance < 0.05:
        steps.insert(3, steps[1])
        log.repeated.add(case)
    elif chance < 0.1:
        steps[1], steps[2] = steps[2], steps[1]
        log.out_of_order.add(case)
    return steps


def _add_row(log: PermitLog, case: tuple[str, datetime, datetime | None, datetime], step: str, at: datetime) -> None:
    name, due, end, start = case
    log.rows.append(
        {
            "case:concept:name": name,
            "case:deadline": due.isoformat(sep=" "),
            "case:enddate": end.isoformat(sep=" ") if end else "",
            "case:enddate_planned": due.isoformat(sep=" "),
            "case:startdate": start.isoformat(sep=" "),
            "concept:name": step,
            "org:resource": "Resource01",
            "time:timestamp": at.isoformat(sep=" "),
        }
    )


def _attributes(row: dict[str, str], *, is_case: bool) -> str:
    pairs = {name.removeprefix("case:"): value for name, value in row.items() if name.startswith("case:") == is_case}
    return "".join(_attribute(name, value) for name, value in pairs.items() if value)


def _attribute(name: str, value: str) -> str:
    if name.endswith(("name", "resource")):
        return f'<string key="{name}" value="{value}"/>'
    return f'<date key="{name}" value="{value.replace(" ", "T", 1)}"/>'
