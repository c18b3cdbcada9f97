"""Lists with server paging, sorting and filters kept in the URL, and the same rows as xlsx.

A face asks its queries for the rows, then lays them out:

    filters = QueueFilters(request.GET)
    table = QueueTable(queries.queue(scope, **filters.chosen()), request.GET, filters=filters)
    return xlsx_response(table, "queue", on=today) if table.wants_xlsx else render(...)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, QuerySet, Subquery, Window
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tongdian.ui import cells
from tongdian.ui.components import Words

PAGE_SIZE = 25


@dataclass(frozen=True)
class Column:
    """One column: how to read it from a row (attribute `name` unless `value` says), and by which fields it sorts.

    A list that is no queryset sorts by the value itself; `order_by` then only says that it may. A column of kind choice
    holds a box to tick, whose value is a pair of what is sent and what it is called; it is on no spreadsheet.
    """

    name: str
    label: Words
    value: Callable[[Any], Any] | None = None
    order_by: tuple[str, ...] = ()
    kind: cells.Kind = "text"
    url: Callable[[Any], str] | None = None

    def read(self, row: Any) -> Any:
        return self.value(row) if self.value else getattr(row, self.name)


@dataclass(frozen=True)
class Cell:
    column: Column
    value: Any
    url: str


@dataclass(frozen=True)
class Header:
    """A column's heading: `query` re-sorts the list, `direction` is an aria-sort word."""

    column: Column
    query: str
    direction: cells.Direction


class Filters(forms.Form):
    """The filters of a list, always bound to the URL; an empty field filters nothing, a wrong one says so.

    Fields of choices are rendered once per choice and language and kept: a list is opened far more often than a choice
    is new. What somebody typed is not kept. `differing` names the fields whose choices are not the same for everybody.
    """

    differing: ClassVar[tuple[str, ...]] = ()

    def chosen(self) -> dict[str, Any]:
        """Return the values of the fields that are filled in and valid."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}

    def markup(self) -> SafeString:
        """Return the fields as HTML."""
        return mark_safe("".join(map(self._field, self)))  # noqa: S308 - every part is rendered by a template

    def _field(self, field: forms.BoundField) -> str:
        value = field.data if isinstance(field.data, str) else ""
        is_typed = not isinstance(field.field, forms.ChoiceField | forms.BooleanField)
        if field.errors or (value and is_typed):
            return str(field.as_field_group())
        choices = tuple(map(str, _flat(getattr(field.field, "choices", ())))) if field.name in self.differing else ()
        key = (type(self), field.name, value, get_language(), choices)
        if key not in _RENDERED:
            if len(_RENDERED) >= MOST_RENDERED:
                _RENDERED.clear()
            _RENDERED[key] = str(field.as_field_group())
        return _RENDERED[key]


MOST_RENDERED = 2000
_RENDERED: dict[tuple[Any, ...], str] = {}


def _flat(choices: Any) -> Iterator[Any]:
    for value, label in choices:
        yield value
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield label


class CountOf(Subquery):
    """How many rows a queryset has, no further than the limit, as a column of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any], *, limit: int) -> None:
        # Unordered, or a count to the limit would sort everything first.
        super().__init__(rows.order_by().values("pk")[:limit])


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts only as far as its limit: a list too long to leaf through need not be counted to the end.

    `exceeds` says that there are more rows than the limit; the pages end there. A page and the count are one query.
    is_found: the rows are what a search found; all of them are looked at anyway, once is enough.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, limit: int, is_found: bool = False) -> None:
        super().__init__(rows, per_page)
        self.queryset, self.limit, self.is_found = rows, limit, is_found
        self.most_pages = -(-limit // per_page)

    @property
    def exceeds(self) -> bool:
        return self._counted > self.limit

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.limit)

    def get_page(self, number: Any) -> Page[Any]:
        """Return the page of that number, the nearest one when it is out of range (which costs two queries more)."""
        asked = str(number or 1)
        wanted = min(int(asked), self.most_pages) if asked.isascii() and asked.isdigit() else 0
        rows = self._rows(wanted) if wanted else []
        if not rows and wanted != 1:
            return super().get_page(number)
        self._counted = rows[0].rows_counted if rows else 0
        return Page(rows, wanted, self)

    def _rows(self, number: int) -> list[Any]:
        count = Window(Count("pk")) if self.is_found else CountOf(self.queryset, limit=self.limit + 1)
        counted = self.queryset.annotate(rows_counted=count)
        return list(counted[(number - 1) * self.per_page : min(number * self.per_page, self.limit)])

    @cached_property
    def _counted(self) -> int:
        return self.queryset.order_by()[: self.limit + 1].count()


class Table:
    """One page of a list; subclasses name the caption, the columns and the default order."""

    caption: ClassVar[Words] = ""
    columns: ClassVar[tuple[Column, ...]] = ()
    default_sort: ClassVar[str] = ""
    empty_title: ClassVar[Words] = gettext_lazy("没有符合条件的记录")
    empty_text: ClassVar[Words] = ""
    # How many rows of a queryset are counted and can be leafed through; None: all.
    count_limit: ClassVar[int | None] = None
    # Whether the rows are what a search found: see BoundedPaginator.
    is_found: bool = False
    offers_xlsx: bool = True
    # Where the list leads without filters, and with more of them; "" without another set of filters.
    clear_query: str = ""
    further_query: str = ""

    def __init__(
        self, rows: QuerySet[Any] | Sequence[Any], params: QueryDict, *, filters: Filters | None = None
    ) -> None:
        self.params = params
        self.filters = filters
        self.sort, self.problem = self._sort_from(params.get("sort", self.default_sort))
        self.ordered = self._ordered(rows)

    @property
    def wants_xlsx(self) -> bool:
        return self.params.get("format") == "xlsx"

    @cached_property
    def page(self) -> Page[Any]:
        """Load the page the URL asks for, the nearest one when it is out of range. Causes two queries."""
        return self._paginator().get_page(self.params.get("page"))

    @cached_property
    def rows(self) -> list[list[Cell]]:
        return [self._cells(row) for row in self.page.object_list]

    @property
    def head(self) -> SafeString:
        """The headings as HTML."""
        written = (
            cells.heading(each.column.kind, each.column.label, each.query, each.direction) for each in self.headers
        )
        return mark_safe("".join(written))  # noqa: S308 - cells escape

    @property
    def body(self) -> SafeString:
        """The rows as HTML; written here and not in a template, which would take most of the time of a page."""
        return mark_safe("".join(map(self._row, self.rows)))  # noqa: S308 - cells escape

    @property
    def headers(self) -> list[Header]:
        return [self._header(column) for column in self.columns]

    @property
    def page_query(self) -> str:
        return self._query()

    @property
    def xlsx_query(self) -> str:
        return self._query(format="xlsx")

    def all_rows(self) -> Iterator[list[Any]]:
        """Yield the values of every row of the list in its order. Causes a query."""
        rows = self.ordered.iterator(chunk_size=2000) if isinstance(self.ordered, QuerySet) else self.ordered
        for row in rows:
            yield [column.read(row) for column in self.sheet_columns]

    @property
    def sheet_columns(self) -> list[Column]:
        """The columns that stand on a spreadsheet."""
        return [column for column in self.columns if column.kind != "choice"]

    def _paginator(self) -> "Paginator[Any]":
        if self.count_limit is None or not isinstance(self.ordered, QuerySet):
            return Paginator(self.ordered, PAGE_SIZE)
        return BoundedPaginator(self.ordered, PAGE_SIZE, limit=self.count_limit, is_found=self.is_found)

    def _row(self, row: list[Cell]) -> str:
        opened = zip(self._openings, row, strict=True)
        written = (f"{opening}{cells.cell(cell.column.kind, cell.value, cell.url)}</td>" for opening, cell in opened)
        return f'<tr role="row">{"".join(written)}</tr>\n'

    @cached_property
    def _openings(self) -> list[str]:
        return [cells.opening(column.kind, column.label) for column in self.columns]

    def _cells(self, row: Any) -> list[Cell]:
        return [Cell(column, column.read(row), column.url(row) if column.url else "") for column in self.columns]

    def _sort_from(self, asked: str) -> tuple[str, str]:
        names = {column.name for column in self.columns if column.order_by}
        if not asked or asked.removeprefix("-") in names:
            return asked, ""
        return self.default_sort, _("不能按“%(name)s”排序，已按默认顺序列出。") % {"name": asked}

    def _ordered(self, rows: QuerySet[Any] | Sequence[Any]) -> QuerySet[Any] | Sequence[Any]:
        column = next((column for column in self.columns if column.name == self.sort.removeprefix("-")), None)
        is_descending = self.sort.startswith("-")
        if isinstance(rows, QuerySet):
            if column is None and rows.ordered:
                return rows
            fields = column.order_by if column else ()
            # The key comes last, so that rows equal in the sorted column keep their place from page to page.
            return rows.order_by(*map(_reversed, fields) if is_descending else fields, "pk")
        return sorted(rows, key=column.read, reverse=is_descending) if column else rows

    def _header(self, column: Column) -> Header:
        if column.name != self.sort.removeprefix("-"):
            return Header(column, self._query(sort=column.name) if column.order_by else "", "none")
        if self.sort.startswith("-"):
            return Header(column, self._query(sort=column.name), "descending")
        return Header(column, self._query(sort=f"-{column.name}"), "ascending")

    def _query(self, **changes: str) -> str:
        query = self.params.copy()
        for name in ("page", "format"):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return query.urlencode()


def _reversed(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"


def plain(value: Any) -> str | int | float | date | datetime:
    """Return a cell value as a spreadsheet can hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return value if isinstance(value, int | float | date | datetime) else str(value)
