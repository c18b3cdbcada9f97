"""`/policy/`."""

from io import BytesIO

import pytest
from django.core.paginator import Page
from django.test import Client
from django.utils.html import escape
from openpyxl import load_workbook

from support.browser import Pages, overflow_px, violations
from tongdian.policy import current_book
from tongdian.web.policy_pages import Row

pytestmark = pytest.mark.django_db

SINGLE = "/policy/connection.total_limit.hv10_single/"


def text(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def rules(client: Client, **query: str) -> Page[Row]:
    page: Page[Row] = client.get("/policy/", query).context["table"].page
    return page


class TestPolicy:
    def test_lists_every_rule_over_its_pages(self, client: Client) -> None:
        first = client.get("/policy/")
        pages = first.context["table"].page.paginator.num_pages

        listed = [
            row.entry.id
            for n in range(pages)
            for row in client.get("/policy/", {"page": str(n + 1)}).context["table"].page.object_list
        ]

        assert sorted(listed) == sorted(current_book().entries)

    def test_shows_value_clause_certainty_and_the_day_of_the_check(self, client: Client) -> None:
        page = text(client, "/policy/", q="hv10_single 合计", matter="connection_limit")

        assert "11 个工作日" in page
        assert "附件1 第2行" in page
        assert "已核对原文" in page
        assert "2026年11月23日核对" in page
        assert "国家规定：22 个工作日" in page

    def test_speaks_english(self, client: Client) -> None:
        client.cookies["django_language"] = "en"

        page = text(client, "/policy/", q="hv10_single total", matter="connection_limit")

        assert "11 working days" in page
        assert "national rule: 22 working days" in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "12398"}, ["hotline.regulator", "ledger.task.56"]),
            ({"q": "SAIDI_target.centre"}, ["reliability.saidi_target.centre"]),
            ({"q": "临时接电费"}, ["fee.item.temporary_connection"]),
            ({"q": "第33项"}, ["ledger.task.33"]),
            ({"matter": "hotline"}, ["hotline.supply", "hotline.regulator"]),
            ({"matter": "hotline", "q": "report"}, []),
        ],
    )
    def test_finds_by_matter_and_text(self, client: Client, query: dict[str, str], found: list[str]) -> None:
        assert [row.entry.id for row in rules(client, **query)] == found

    @pytest.mark.parametrize(("place", "hours"), [("", "1.8 小时"), ("370100", "0.9 小时"), ("370300", "1.8 小时")])
    def test_takes_the_value_of_the_city(self, client: Client, place: str, hours: str) -> None:
        assert hours in text(client, "/policy/", q="saidi_target.centre", place=place)

    def test_takes_the_value_of_the_day(self, client: Client) -> None:
        assert "160 千瓦" in text(client, "/policy/", q="three_zero.max_kw", on="2021-06-30")
        assert "行动计划未作规定" in text(client, "/policy/", q="three_zero.max_kw", on="2021-06-29")

    def test_says_so_when_nothing_is_found(self, client: Client) -> None:
        assert "没有符合条件的规则" in text(client, "/policy/", q="nothing of the kind")

    @pytest.mark.parametrize("query", [{"on": "someday"}, {"matter": "love"}, {"place": "110000"}, {"q": "x" * 61}])
    def test_says_what_is_wrong_with_a_filter(self, client: Client, query: dict[str, str]) -> None:
        response = client.get("/policy/", query)

        assert response.status_code == 200
        assert 'class="field-error"' in response.content.decode()

    def test_gives_every_dated_value_as_a_spreadsheet(self, client: Client) -> None:
        response = client.get("/policy/", {"matter": "reliability", "format": "xlsx"})

        rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
        assert rows[0][:4] == ("事项", "编号", "规则", "取值")
        values = [row for row in rows[1:] if row[1]]
        assert len(values) == 13
        assert {row[5] for row in values} == {"山东省", "济南市", "青岛市"}


class TestRule:
    def test_shows_the_value_of_today_and_all_layers(self, client: Client) -> None:
        page = text(client, SINGLE)

        assert '<p class="big-number">11 个工作日</p>' in page
        assert "22 个工作日" in page
        assert "没有规定截止日期" in page
        assert current_book().digest in page

    def test_shows_what_held_before(self, client: Client) -> None:
        page = text(client, "/policy/connection.classification/")

        assert "2020-12-31 起，2021-06-30 前" in page
        assert page.count(">现行<") == 1

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_opens_for_every_rule(self, client: Client, language: str) -> None:
        client.cookies["django_language"] = language

        titles = {entry.id: escape(entry.title.in_language(language)) for entry in current_book().items()}
        absent = [key for key, title in titles.items() if title not in text(client, f"/policy/{key}/")]

        assert absent == []

    def test_is_not_found_for_an_unknown_rule(self, client: Client) -> None:
        assert client.get("/policy/connection.luck/").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
class TestInTheBrowser:
    @pytest.mark.parametrize(
        "path",
        ["/policy/", "/policy/?q=clock", SINGLE, "/policy/connection.clock.hv10_dual/", "/policy/?q=nothing+at+all"],
    )
    def test_is_accessible_and_fits_a_phone(self, pages: Pages, language: str, path: str) -> None:
        page = pages.open(path, language=language, width=320)

        assert overflow_px(page) == 0
        assert violations(page) == []

    def test_leads_from_the_list_to_a_rule(self, pages: Pages, language: str) -> None:
        page = pages.open("/policy/?matter=hotline", language=language, scripts=False)

        page.get_by_role("link", name="能源监管热线" if language == "zh" else "Energy regulator hotline").first.click()

        assert page.url.endswith("/policy/hotline.regulator/")
        assert "12398" in page.locator("main").inner_text()
