"""From the first question of the guide to an application that knows the answers, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff

SETTINGS = [("zh", 1280, False, "13900000021"), ("en", 360, False, "13900000031"), ("zh", 360, True, "13900000041")]


def press(page: Page) -> None:
    page.locator("main form .btn-primary").first.click()


def looks_right(page: Page) -> None:
    assert overflow_px(page) == 0
    assert violations(page) == []


def ask(page: Page) -> None:
    """Answer the three pages as a bakery with two ovens near a line."""
    page.check("[name=who][value=shop]")
    page.select_option("[name=county]", "370102")
    press(page)
    page.fill("[name=n_oven]", "2")
    press(page)
    expect(page.locator("[name=load_kw]")).to_have_value("12")
    page.check("[name=supply][value=near]")
    page.check("[name=crosses][value=road]")
    press(page)


def sign_in(page: Page, site: Site, phone: str) -> None:
    page.fill("[name=phone]", phone)
    press(page)
    page.fill("[name=code]", site.latest_code(phone, count=1))
    press(page)


@pytest.mark.parametrize(("language", "width", "scripts", "phone"), SETTINGS)
class TestGuide:
    def test_leads_a_shop_from_its_ovens_to_an_application(
        self, *, pages: Pages, site: Site, language: str, width: int, scripts: bool, phone: str
    ) -> None:
        page = pages.open("/guide/", language=language, width=width, scripts=scripts)
        ask(page)
        figures = page.locator(".first-words .big-number").all_inner_texts()
        assert figures[0] == "0"
        if scripts:
            looks_right(page)

        page.get_by_role("button", name=re.compile("保存结果|Save this result")).click()
        code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", page.locator(".notice-success").inner_text())
        assert code is not None
        page.locator("main a.btn-primary").click()
        sign_in(page, site, phone)
        expect(page).to_have_url(re.compile(r"/guide/apply/\?who=shop.*&code="))
        press(page)

        expect(page).to_have_url(re.compile(r"/apply/[0-9a-f-]{36}/$"))
        draft = page.url
        page.goto(f"{draft}demand/")
        expect(page.locator("[name=load_kw]")).to_have_value("12")


class TestPagesOfTheGuide:
    @pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 360)])
    @pytest.mark.parametrize(
        "path",
        [
            "/guide/equipment/?who=firm&county=370102",
            "/guide/load/?who=firm&county=370102&n_lift=2",
            "/guide/load/?who=firm&county=370102&asked=load",
            "/guide/answer/?who=firm&county=370102&zone=urban_planned_area&load_kw=900&sources=2&supply=far&crosses=green",
            "/guide/classes/",
            "/guide/lv_three_zero/",
            "/guide/hv35_dual/",
            "/guide/saved/?code=-",
            "/calculator/?class=hv35_dual&on=2026-12-21",
            "/calculator/?class=hv10_dual&on=2026-09-21&pause_from_1=2026-09-23&pause_until_1=2026-09-28",
            "/calculator/?class=hv10_dual&on=2031-01-01",
        ],
    )
    def test_are_accessible_and_fit(self, pages: Pages, path: str, language: str, width: int) -> None:
        looks_right(pages.open(path, language=language, width=width))


class TestContacts:
    def test_are_written_down_in_a_few_clicks(self, pages: Pages, site: Site) -> None:
        page = pages.open("/desk/contacts/", width=360)
        sign_in_staff(page, site, "Counter")
        page.goto(f"{site.url}/desk/contacts/")
        if not page.locator(".log-contact").get_attribute("open"):
            page.locator(".log-contact summary").click()
        page.check("[name=how][value='call.supply_hotline']")
        page.fill("[name=phone]", "13900000051")
        press(page.locator(".log-contact").page)

        expect(page.locator(".notice-success")).to_be_visible()
        expect(page.locator("table.data")).to_contain_text("139****0051")
        looks_right(page)
