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
from typing import Any, ClassVar, Literal

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongdian.ui.components import Words

PAGE_SIZE = 25


@dataclass(frozen=True)
class Column:
    """One column: how to read it from a row (attribute `name` unless `value` says), and by which fields it sorts.

    A list that is no queryset sorts by the value itself; `order_by` then only says that it may.
    """

    name: str
    label: Words
    value: Callable[[Any], Any] | None = None
    order_by: tuple[str, ...] = ()
    kind: Literal["text", "number", "day", "moment", "lamp", "code"] = "text"
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
    direction: Literal["ascending", "descending", "none"]


class Filters(forms.Form):
    """The filters of a list, always bound to the URL; an empty field filters nothing, a wrong one says so."""

    def chosen(self) -> dict[str, Any]:
        """Return the values of the fields that are filled in and valid."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}


class Table:
    """One page of a list; subclasses name the caption, the columns and the default order."""

    caption: ClassVar[Words] = ""
    columns: ClassVar[tuple[Column, ...]] = ()
    default_sort: ClassVar[str] = ""
    empty_title: ClassVar[Words] = gettext_lazy("没有符合条件的记录")
    empty_text: ClassVar[Words] = ""
    offers_xlsx: bool = True

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
        return Paginator(self.ordered, PAGE_SIZE).get_page(self.params.get("page"))

    @cached_property
    def rows(self) -> list[list[Cell]]:
        return [self._cells(row) for row in self.page.object_list]

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
            yield [column.read(row) for column in self.columns]

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
