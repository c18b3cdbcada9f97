"""Firms with two sources at 10 and 35 kV pass all six timed stages, in a browser."""

import pytest
from playwright.sync_api import expect

from support.applying import ENERGISED, FIRM, SCHEME, SETTING_IDS, SETTINGS, Journey, Setting
from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff

DOCUMENTS = {
    "design-review": "design_and_description",
    "interim-inspection": "hidden_works_and_tests",
    "completion-inspection": "completion_report",
}


@pytest.mark.parametrize("setting", SETTINGS, ids=SETTING_IDS)
class TestDualSource:
    @pytest.mark.parametrize("voltage_kv", ["10", "35"])
    def test_is_energised_in_the_browser(self, pages: Pages, site: Site, setting: Setting, voltage_kv: str) -> None:
        firm, staff = setting.open(pages, "/apply/"), setting.open(pages, "/")
        journey = Journey(site, firm, staff, setting.phone(voltage_kv))
        sign_in_staff(staff, site, "Account manager")
        journey.sign_in()

        journey.begin("other_firm", FIRM, address=f"示例路 {setting.width} 号")
        journey.ask_high_voltage(voltage_kv=voltage_kv, sources="2")
        case_id = journey.submit()
        journey.staff_does(case_id, "accept")
        journey.staff_does(case_id, "issue-scheme", **SCHEME)
        journey.customer_does(case_id, "confirm-scheme")
        for stage, document in DOCUMENTS.items():
            journey.reviews(case_id, stage, document)
        journey.staff_does(case_id, "offer-contract")
        journey.customer_does(case_id, "sign-contract")
        journey.energises(case_id)

        expect(firm.locator(".page-head")).to_contain_text(ENERGISED[setting.language])
        assert firm.locator(".stage-bar > li").count() == 6
        assert overflow_px(firm) == 0
        if setting.scripts:
            assert violations(firm) == []
