from dataclasses import dataclass
from datetime import date

import pytest
from django import forms
from django.http import QueryDict
from pytest_django import DjangoAssertNumQueries

from tongdian.people.models import Organisation
from tongdian.ui import tables
from tongdian.ui.tables import BoundedPaginator, Column, Filters, Table, plain


@dataclass(frozen=True)
class Row:
    name: str
    load_kw: int


class RowTable(Table):
    caption = "负荷"
    default_sort = "load_kw"
    columns = (
        Column("name", "名称", url=lambda row: f"/{row.name}/"),
        Column("load_kw", "负荷", order_by=("load_kw",), kind="number"),
    )


class OrganisationTable(Table):
    caption = "单位"
    default_sort = "kind"
    columns = (Column("name", "名称", order_by=("name",)), Column("kind", "类别", order_by=("kind",)))


class RowFilters(Filters):
    until = forms.DateField(label="不晚于", required=False)
    text = forms.CharField(label="文字", required=False)


def table(query: str = "", count: int = 60) -> RowTable:
    return RowTable([Row(f"r{n}", 100 - n) for n in range(count)], QueryDict(query))


class TestSorting:
    def test_starts_with_the_default(self) -> None:
        assert table().rows[0][1].value == 41

    def test_turns_round_with_a_minus(self) -> None:
        assert table("sort=-load_kw").rows[0][1].value == 100

    @pytest.mark.parametrize("asked", ["name", "password", "-id"])
    def test_by_anything_else_is_refused_and_said(self, asked: str) -> None:
        sorted_table = table(f"sort={asked}")

        assert sorted_table.sort == "load_kw"
        assert asked in sorted_table.problem

    def test_is_told_to_the_heading(self) -> None:
        name, load = table("sort=-load_kw&page=2&lamp=red").headers

        assert (name.query, name.direction) == ("", "none")
        assert (load.query, load.direction) == ("sort=load_kw&lamp=red", "descending")


class TestPaging:
    def test_shows_at_most_25_rows(self) -> None:
        assert [len(table(f"page={page}").rows) for page in (1, 2, 3)] == [25, 25, 10]

    @pytest.mark.parametrize(("page", "shown"), [("0", 3), ("99", 3), ("x", 1)])
    def test_out_of_range_shows_the_nearest_page(self, page: str, shown: int) -> None:
        assert table(f"page={page}").page.number == shown

    def test_keeps_the_rest_of_the_url(self) -> None:
        assert table("lamp=red&page=2").page_query == "lamp=red"


class TestCells:
    def test_lead_where_the_column_says(self) -> None:
        assert [cell.url for cell in table(count=1).rows[0]] == ["/r0/", ""]


class TestXlsxQuery:
    def test_keeps_filters_and_order_but_no_page(self) -> None:
        assert table("lamp=red&sort=-load_kw&page=2").xlsx_query == "lamp=red&sort=-load_kw&format=xlsx"

    def test_is_recognised(self) -> None:
        assert table("format=xlsx").wants_xlsx
        assert not table().wants_xlsx


class TestAllRows:
    def test_gives_every_row_in_order(self) -> None:
        loads = [load for _name, load in table().all_rows()]

        assert loads == sorted(loads)
        assert len(loads) == 60


@pytest.mark.django_db
class TestOnQueryset:
    @pytest.fixture(autouse=True)
    def organisations(self) -> None:
        Organisation.objects.bulk_create(Organisation(code=f"t{n:03}", kind="firm", name="同名") for n in range(30))

    def shown(self, query: str) -> OrganisationTable:
        return OrganisationTable(Organisation.objects.filter(name="同名"), QueryDict(query))

    def test_needs_two_queries_whatever_the_page(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(2):
            assert len(self.shown("page=2").rows) == 5

    def test_keeps_equal_rows_in_the_order_of_their_key(self) -> None:
        shown = self.shown("sort=-name")

        keys = [row.pk for row in shown.ordered]
        assert keys == sorted(keys)

    def test_gives_every_row_for_the_download(self) -> None:
        assert len(list(self.shown("").all_rows())) == 30


class TestFilters:
    def test_give_only_what_is_filled_in(self) -> None:
        assert RowFilters(QueryDict("until=2026-11-23&text=")).chosen() == {"until": date(2026, 11, 23)}

    def test_leave_out_a_wrong_value_and_say_so(self) -> None:
        filters = RowFilters(QueryDict("until=soon&text=x"))

        assert filters.chosen() == {"text": "x"}
        assert "until" in filters.errors


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "written"),
        [(None, ""), (True, "是"), (False, "否"), (3, 3), (date(2026, 1, 2), date(2026, 1, 2)), (["a"], "['a']")],
    )
    def test_is_what_a_spreadsheet_can_hold(self, value: object, written: object) -> None:
        assert plain(value) == written


class TestMarkup:
    def test_escapes_what_people_typed(self) -> None:
        shown = RowTable([Row("<b>&", 1)], QueryDict(""))

        assert "<b>" not in shown.body
        assert "&lt;b&gt;&amp;" in shown.body

    def test_sorts_by_the_headings(self) -> None:
        head = table("sort=-load_kw&lamp=red").head

        assert 'aria-sort="descending"' in head
        assert 'href="?sort=load_kw&amp;lamp=red"' in head

    def test_holds_a_box_to_tick_that_is_on_no_sheet(self) -> None:
        class ChoiceTable(RowTable):
            columns = (Column("chosen", "选择", value=lambda row: (row.name, "选"), kind="choice"), *RowTable.columns)

        shown = ChoiceTable([Row("r1", 1)], QueryDict(""))

        assert '<input type="checkbox" name="chosen" value="r1" form="bulk" aria-label="选">' in shown.body
        assert list(shown.all_rows()) == [["r1", 1]]


class ChoiceFilters(Filters):
    differing = ("who",)
    lamp = forms.ChoiceField(label="灯", required=False, choices=[("", "全部"), ("red", "红")])
    who = forms.ChoiceField(label="谁", required=False)
    text = forms.CharField(label="文字", required=False)

    def __init__(self, params: QueryDict, who: str) -> None:
        super().__init__(params)
        self.fields["who"].choices = [(who, who)]


class TestFilterMarkup:
    def test_keeps_what_is_chosen_apart(self) -> None:
        chosen, empty = ChoiceFilters(QueryDict("lamp=red"), "a").markup(), ChoiceFilters(QueryDict(""), "a").markup()

        assert '<option value="red" selected>' in chosen
        assert '<option value="red" selected>' not in empty

    def test_keeps_choices_of_different_readers_apart(self) -> None:
        assert ">乙<" in ChoiceFilters(QueryDict(""), "乙").markup()
        assert ">乙<" not in ChoiceFilters(QueryDict(""), "甲").markup()

    def test_keeps_no_text_somebody_typed(self) -> None:
        assert 'value="secret"' in ChoiceFilters(QueryDict("text=secret"), "a").markup()
        assert not any("secret" in rendered for rendered in tables._RENDERED.values())

    def test_says_what_is_wrong(self) -> None:
        filters = ChoiceFilters(QueryDict("lamp=blue"), "a")
        filters.chosen()

        assert "has-error" in filters.markup()

    def test_forgets_when_it_is_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "MOST_RENDERED", 1)
        for who in "丙丁":
            ChoiceFilters(QueryDict(""), who).markup()

        assert len(tables._RENDERED) == 1


@pytest.mark.django_db
class TestBoundedPaginator:
    @pytest.fixture(autouse=True)
    def _five(self) -> None:
        for n in range(5):
            Organisation.objects.create(code=f"b{n}", kind="firm", name="n", territory_code="370000")

    def pages(self, limit: int, *, is_found: bool = False) -> BoundedPaginator:
        return BoundedPaginator(Organisation.objects.order_by("code"), 2, limit=limit, is_found=is_found)

    @pytest.mark.parametrize("is_found", [True, False])
    @pytest.mark.parametrize(("limit", "count", "exceeds", "last"), [(3, 3, True, "b2"), (5, 5, False, "b4")])
    def test_ends_at_its_limit(self, limit: int, count: int, exceeds: bool, last: str, is_found: bool) -> None:
        pages = self.pages(limit, is_found=is_found)

        page = pages.get_page("99")

        assert (pages.count, pages.exceeds, page.object_list[-1].code) == (count, exceeds, last)

    @pytest.mark.parametrize(("number", "queries"), [(None, 1), ("2", 1), ("x", 2), ("3", 1)])
    def test_reads_page_and_count_together(
        self, number: str | None, queries: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(queries):
            page = self.pages(5).get_page(number)
            assert page.paginator.count == 5
            assert list(page)

    def test_is_one_empty_page_without_rows(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        pages = BoundedPaginator(Organisation.objects.filter(code="none"), 2, limit=5)

        with django_assert_num_queries(1):
            assert (list(pages.get_page("1")), pages.count) == ([], 0)
