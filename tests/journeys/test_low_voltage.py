"""A household and a small shop: signed up in one go, the utility builds, the meter turns; nobody waits for them."""

import pytest
from playwright.sync_api import expect

from support.applying import ENERGISED, RESIDENT, SETTING_IDS, SETTINGS, SHOP, Journey, Setting
from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff


def started(pages: Pages, site: Site, setting: Setting, number: str) -> Journey:
    customer, staff = setting.open(pages, "/apply/"), setting.open(pages, "/")
    journey = Journey(site, customer, staff, setting.phone(number))
    sign_in_staff(staff, site, "Account manager")
    journey.sign_in()
    return journey


def looks_well(journey: Journey, setting: Setting) -> None:
    page = journey.customer
    expect(page.locator(".page-head")).to_contain_text(ENERGISED[setting.language])
    assert page.locator(".stage-bar > li").count() == 1
    assert overflow_px(page) == 0
    if setting.scripts:
        assert violations(page) == []


@pytest.mark.parametrize("setting", SETTINGS, ids=SETTING_IDS)
class TestLowVoltage:
    def test_connects_a_household_without_asking_twice(self, pages: Pages, site: Site, setting: Setting) -> None:
        journey = started(pages, site, setting, "20")

        journey.begin("resident", RESIDENT, address=f"示例路 {setting.width} 号")
        journey.ask_low_voltage(load_kw="8", needs_works="no")
        contract = journey.customer.locator("main form a").first.get_attribute("href") or ""
        assert journey.customer.request.get(site.url + contract).body().startswith(b"%PDF")
        case_id = journey.submit()
        journey.staff_does(case_id, "accept")
        journey.energises(case_id)

        looks_well(journey, setting)

    def test_connects_a_shop_with_the_utilitys_own_works(self, pages: Pages, site: Site, setting: Setting) -> None:
        journey = started(pages, site, setting, "21")

        journey.begin("sole_trader", SHOP, address=f"示例街 {setting.width} 号")
        journey.ask_low_voltage(load_kw="30", needs_works="yes", use="commerce")
        case_id = journey.submit()
        journey.staff_does(case_id, "accept")
        journey.staff_does(case_id, "start-works", scope="meter_box")
        journey.customer.goto(f"{site.url}/my/{case_id}/")
        expect(journey.customer.locator("#works")).to_be_visible()
        journey.staff_does(case_id, "finish-works")
        journey.energises(case_id)

        looks_well(journey, setting)
