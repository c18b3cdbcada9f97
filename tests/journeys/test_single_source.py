"""A firm applies for 10 kV from one source and passes every timed stage to "energised", in a browser."""

import re
from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import expect

from support.applying import ENERGISED, FIRM, SCHEME, SETTING_IDS, SETTINGS, Journey, Setting
from support.browser import Pages, overflow_px, violations
from support.connections import COUNTY
from support.journeys import Site, sign_in_staff


@pytest.mark.parametrize("setting", SETTINGS, ids=SETTING_IDS)
class TestSingleSource:
    def test_is_energised_in_the_browser(self, pages: Pages, site: Site, setting: Setting) -> None:
        firm, staff = setting.open(pages, "/apply/"), setting.open(pages, "/")
        journey = Journey(site, firm, staff, setting.phone("00"))
        sign_in_staff(staff, site, "Account manager")
        journey.sign_in()

        journey.begin("unproven", FIRM)
        journey.ask_high_voltage(voltage_kv="10", sources="1")
        case_id = journey.submit()
        journey.staff_does(case_id, "accept")
        journey.staff_does(case_id, "issue-scheme", **SCHEME)
        journey.customer_does(case_id, "confirm-scheme")
        journey.customer_does(case_id, "completion-inspection", files=("completion_report",))
        journey.staff_does(case_id, "decide-completion-inspection", outcome="failed", findings="接地电阻偏大")
        journey.reviews(case_id, "completion-inspection", "completion_report")
        journey.staff_does(case_id, "offer-contract")
        journey.customer_does(case_id, "sign-contract")
        journey.energises(case_id)

        expect(firm.locator(".page-head")).to_contain_text(ENERGISED[setting.language])
        assert firm.locator(".stage-bar > li").count() == 4
        assert overflow_px(firm) == 0
        if setting.scripts:
            assert violations(firm) == []

    def test_gives_a_receipt_that_verifies(self, pages: Pages, site: Site, setting: Setting) -> None:
        firm = setting.open(pages, "/apply/")
        journey = Journey(site, firm, firm, setting.phone("01"))
        journey.sign_in()
        journey.begin("unproven", FIRM)
        journey.ask_high_voltage(voltage_kv="10", sources="1")
        case_id = journey.submit()

        receipt = firm.request.get(f"{site.url}/my/{case_id}/receipt.pdf").body()
        with pikepdf.open(BytesIO(receipt)) as pdf:
            assert len(pdf.pages) == 1
        firm.goto(f"{site.url}/my/{case_id}/")
        firm.locator(".timeline a").first.click()

        expect(firm).to_have_url(re.compile(r"/verify/[0-9a-f]{64}/$"))
        expect(firm.locator("main")).to_contain_text(f"{COUNTY}-")
