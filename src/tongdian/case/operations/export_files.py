"""Write exported cases into a file of the form asked for; each form carries the mark of an installation that is not
real, the moment it tells of, and the head of the timeline's log."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from tongdian.case import panels
from tongdian.case.models import Export
from tongdian.case.queries import export_tables as tables
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.export_cases import ExportedCase
from tongdian.case.queries.export_logs import objects, trace
from tongdian.case.queries.installation import installation_kind
from tongdian.case.queries.tree import latest_checkpoint
from tongdian.engine.formats.csv_file import csv_lines
from tongdian.engine.formats.ocel import ocel_chunks
from tongdian.engine.formats.xes import Value, xes_lines
from tongdian.engine.formats.xlsx_file import Sheet, write_workbook
from tongdian.policy import current_book
from tongdian.ui.hotlines import hotlines_on

LOG_NAME = "tongdian cases"


def write(file: IO[bytes], export: Export, cases: Iterable[ExportedCase]) -> int:
    """Write the cases into `file` in the form and language of the export, and return how many there were."""
    counted = _Counted(cases)
    mark = panels.installation_mark(installation_kind())
    match export.format:
        case Export.Format.XES:
            _lines(file, xes_lines((trace(each, mark=mark) for each in counted), attributes=about(export, mark=mark)))
        case Export.Format.OCEL:
            _lines(file, ocel_chunks(objects(counted, mark=mark), about=about(export, mark=mark)))
        case Export.Format.CSV:
            _lines(file, csv_lines(tables.CASE_COLUMNS, (tables.case_row(each, mark=mark) for each in counted)))
        case _:
            _workbook(file, export, counted, mark)
    return counted.count


def about(export: Export, *, mark: str) -> dict[str, Value]:
    """Return what a file says of itself; two queries."""
    head = latest_checkpoint()
    assert export.as_of is not None  # noqa: S101 - set when its making began
    return {
        "concept:name": LOG_NAME,
        "mark": mark or None,
        "as_of": export.as_of,
        "policy_digest": current_book().digest,
        "log_size": head.size if head else None,
        "log_root": bytes(head.root).hex() if head else None,
        "log_key": head.key_id if head else None,
    }


class _Counted:
    def __init__(self, cases: Iterable[ExportedCase]) -> None:
        self.cases, self.count = cases, 0

    def __iter__(self) -> Iterator[ExportedCase]:
        for each in self.cases:
            self.count += 1
            yield each


def _lines(file: IO[bytes], lines: Iterable[str]) -> None:
    file.writelines(line.encode() for line in lines)


def _workbook(file: IO[bytes], export: Export, cases: Iterable[ExportedCase], mark: str) -> None:
    assert export.as_of is not None  # noqa: S101 - set when its making began
    sheets = [
        Sheet(_("办件"), tables.headings(tables.CASE_COLUMNS)),
        Sheet(_("环节"), tables.headings(tables.STAGE_COLUMNS)),
        Sheet(_("事件"), tables.headings(tables.EVENT_COLUMNS)),
        Sheet(_("说明"), [_("说明项"), _("说明内容")]),
    ]
    write_workbook(file, sheets, _rows(export, cases, mark), zone=settings.TIME_ZONE, created=export.as_of)


def _rows(export: Export, cases: Iterable[ExportedCase], mark: str) -> Iterator[tuple[int, Sequence[Value]]]:
    for each in cases:
        yield from tables.book_rows(each, mark=mark, language=export.language)
    labels = {
        "mark": _("数据性质"),
        "as_of": _("截至"),
        "policy_digest": _("规则摘要"),
        "log_size": _("日志检查点事件数"),
        "log_root": _("日志检查点树根"),
        "log_key": _("日志签名公钥编号"),
    }
    facts = about(export, mark=mark)
    yield from ((tables.ABOUT, [label, facts[name]]) for name, label in labels.items() if facts[name] is not None)
    assert export.as_of is not None  # noqa: S101
    lines = hotlines_on(local_date(export.as_of))
    yield tables.ABOUT, [_("供电服务热线"), lines.supply]
    yield tables.ABOUT, [_("能源监管热线"), lines.regulator]
