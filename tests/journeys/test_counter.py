"""At the counter: the same form, case and receipt as on the web, and the way from one to the other half-way."""

import re
from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from support.applying import FIRM, RESIDENT, SETTING_IDS, SETTINGS, Journey, Setting, press
from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff

COUNTER_CASE = re.compile(r"/desk/counter/[0-9a-f-]{36}/cases/[0-9a-f-]{36}/$")


def at_counter(pages: Pages, site: Site, setting: Setting) -> Page:
    page = setting.open(pages, "/")
    sign_in_staff(page, site, "Counter clerk")
    page.goto(f"{site.url}/desk/counter/")
    return page


def serve_by_code(page: Page, site: Site, phone: str, *, count: int = 1) -> None:
    page.fill("[name=phone]", phone)
    page.check("[name=seen][value=none]")
    page.locator("button[name=code]").click()
    page.fill("[name=code]", site.latest_code(phone, count=count))
    press(page)


def serve_by_document(page: Page, phone: str) -> None:
    page.fill("[name=phone]", phone)
    page.check("[name=seen][value=resident]")
    press(page)


def case_id_of(page: Page) -> str:
    expect(page).to_have_url(COUNTER_CASE)
    return page.url.rstrip("/").split("/")[-1]


def looks_well(page: Page, setting: Setting) -> None:
    assert overflow_px(page) == 0
    if setting.scripts:
        assert violations(page) == []


def receipt_text_pages(page: Page, site: Site) -> int:
    href = page.locator("main a[href$='receipt.pdf']").get_attribute("href") or ""
    with pikepdf.open(BytesIO(page.request.get(site.url + href).body())) as pdf:
        return len(pdf.pages)


@pytest.mark.parametrize("setting", SETTINGS, ids=SETTING_IDS)
class TestCounter:
    def test_applies_for_a_household_whose_phone_agrees(self, pages: Pages, site: Site, setting: Setting) -> None:
        clerk, phone = at_counter(pages, site, setting), setting.phone("60")
        looks_well(clerk, setting)
        serve_by_code(clerk, site, phone)
        looks_well(clerk, setting)
        journey = Journey(site, clerk, clerk, phone)
        journey.begin("resident", RESIDENT)
        journey.ask_low_voltage(load_kw="8", needs_works="no")
        looks_well(clerk, setting)
        clerk.check("[name=has_read]")
        press(clerk)

        case_id = case_id_of(clerk)
        looks_well(clerk, setting)
        assert receipt_text_pages(clerk, site) == 1
        home = setting.open(pages, "/accounts/login/")
        home.fill("[name=phone]", phone)
        press(home)
        home.fill("[name=code]", site.latest_code(phone, count=2))
        home.locator("main form").first.locator(".btn-primary").click()
        home.goto(f"{site.url}/my/{case_id}/")
        expect(home.locator(".timeline")).to_contain_text({"zh": "营业厅", "en": "Counter"}[setting.language])

    def test_finishes_what_the_customer_began_on_the_web(self, pages: Pages, site: Site, setting: Setting) -> None:
        customer = setting.open(pages, "/apply/")
        journey = Journey(site, customer, customer, setting.phone("61"))
        journey.sign_in()
        journey.begin("unproven", FIRM)

        clerk = at_counter(pages, site, setting)
        serve_by_document(clerk, journey.phone)
        clerk.locator("main .task-list a").first.click()
        clerk.locator("main .task-list a").nth(3).click()
        Journey(site, clerk, clerk, journey.phone).ask_high_voltage(voltage_kv="10", sources="1")
        press(clerk)

        case_id = case_id_of(clerk)
        customer.goto(f"{site.url}/my/{case_id}/")
        expect(customer.locator("h1")).to_contain_text("示例食品厂")

    def test_serves_who_has_no_phone(self, pages: Pages, site: Site, setting: Setting) -> None:
        clerk = at_counter(pages, site, setting)
        clerk.check("[name=seen][value=resident]")
        press(clerk)
        journey = Journey(site, clerk, clerk, "")
        journey.begin("unproven", FIRM)
        journey.ask_high_voltage(voltage_kv="10", sources="1")
        press(clerk)

        case_id_of(clerk)
        shown = clerk.locator("#code + p").inner_text()
        number, code = re.findall(r"\d{6}-\d{4}-\d{6}-\d|[A-Z2-7]{5}-[A-Z2-7]{5}", shown)
        public = setting.open(pages, "/progress/paper/")
        public.fill("[name=number]", number)
        public.fill("[name=code]", code)
        looks_well(public, setting)
        press(public)
        expect(public.locator("main")).to_contain_text(number)
