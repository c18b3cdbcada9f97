"""A firm applies for 10 kV from one source and passes every timed stage to "energised", in a browser."""

import re
from dataclasses import dataclass
from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from support.browser import Pages, overflow_px, violations
from support.connections import PDF
from support.journeys import Site, sign_in_staff

COUNTY = "370102"
FILE = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": PDF}


@dataclass(frozen=True)
class Setting:
    """How the site is looked at; each setting has a phone of its own, for codes are limited per phone."""

    language: str
    width: int
    scripts: bool
    phone: str

    def open(self, pages: Pages, path: str) -> Page:
        return pages.open(path, language=self.language, width=self.width, scripts=self.scripts)


SETTINGS = [Setting("zh", 1280, True, "13900000001"), Setting("en", 360, False, "13900000011")]


@dataclass
class Journey:
    """The firm's browser and the account manager's, side by side."""

    site: Site
    firm: Page
    staff: Page
    phone: str

    def sign_in_firm(self) -> None:
        self.firm.goto(f"{self.site.url}/apply/")
        self._press(self.firm)
        self.firm.fill("[name=phone]", self.phone)
        self._press(self.firm)
        self.firm.fill("[name=code]", self.site.latest_code(self.phone, count=1))
        self.firm.locator("main form").first.locator(".btn-primary").click()

    def apply(self) -> str:
        """Answer every question; return the path of the case."""
        self._press(self.firm)
        self.firm.check("[name=customer][value=unproven]")
        self._fill(self.firm, organisation_name="示例食品厂", credit_code="91370100MA0000000W")
        self._fill(self.firm, contact_name="示例联系人", contact_phone=self.phone)
        self._press(self.firm)
        self.firm.select_option("[name=county_code]", COUNTY)
        self._fill(self.firm, address="示例路 1 号")
        self._press(self.firm)
        self._fill(self.firm, load_kw="630", transformer_kva="800")
        self.firm.check("[name=voltage_kv][value='10']")
        self.firm.check("[name=source_count][value='1']")
        self.firm.select_option("[name=use]", "industry")
        self._press(self.firm)
        self.firm.set_input_files("[name=equipment_list]", FILE)
        self._press(self.firm)
        self._press(self.firm)
        expect(self.firm).to_have_url(re.compile(r"/my/[0-9a-f-]{36}/submitted/$"))
        return self.firm.url.removeprefix(self.site.url).removeprefix("/my/").removesuffix("/submitted/")

    def firm_does(self, case_id: str, act: str, *, files: tuple[str, ...] = ()) -> None:
        self.firm.goto(f"{self.site.url}/my/{case_id}/{act}/")
        for name in files:
            self.firm.set_input_files(f"[name={name}]", FILE)
        self._press(self.firm)
        expect(self.firm).to_have_url(f"{self.site.url}/my/{case_id}/")

    def staff_does(self, case_id: str, act: str, **fields: str) -> None:
        self.staff.goto(f"{self.site.url}/desk/cases/{case_id}/{act}/")
        if outcome := fields.pop("outcome", None):
            self.staff.check(f"[name=outcome][value={outcome}]")
        self._fill(self.staff, **fields)
        self._press(self.staff)
        expect(self.staff).to_have_url(f"{self.site.url}/desk/cases/{case_id}/")

    @staticmethod
    def _fill(page: Page, **fields: str) -> None:
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)

    @staticmethod
    def _press(page: Page) -> None:
        page.locator("main form .btn-primary").last.click()


@pytest.mark.parametrize("setting", SETTINGS, ids=["zh-1280", "en-360-no-script"])
class TestSingleSource:
    def test_is_energised_in_the_browser(self, pages: Pages, site: Site, setting: Setting) -> None:
        firm, staff = setting.open(pages, "/apply/"), setting.open(pages, "/")
        journey = Journey(site, firm, staff, setting.phone)
        sign_in_staff(staff, site, "Account manager")
        journey.sign_in_firm()

        case_id = journey.apply()
        journey.staff_does(case_id, "accept")
        journey.staff_does(
            case_id,
            "issue-scheme",
            substation="示例变电站",
            feeder="示例一线",
            access_point="3 号环网柜",
            receiving_kva="800",
            property_boundary="环网柜出线侧",
        )
        journey.firm_does(case_id, "confirm-scheme")
        journey.firm_does(case_id, "completion-inspection", files=("completion_report",))
        journey.staff_does(case_id, "decide-completion-inspection", outcome="failed", findings="接地电阻偏大")
        journey.firm_does(case_id, "completion-inspection", files=("completion_report",))
        journey.staff_does(case_id, "decide-completion-inspection", outcome="passed")
        journey.staff_does(case_id, "offer-contract")
        journey.firm_does(case_id, "sign-contract")
        journey.staff_does(case_id, "energise", meter_number=f"M{setting.phone}", first_reading_kwh="0")

        firm.goto(f"{site.url}/my/{case_id}/")
        ended = {"zh": "已接电", "en": "Energised"}[setting.language]
        expect(firm.locator(".page-head")).to_contain_text(ended)
        assert firm.locator(".stage-bar > li").count() == 4
        assert overflow_px(firm) == 0
        if setting.scripts:
            assert violations(firm) == []

    def test_gives_a_receipt_that_verifies(self, pages: Pages, site: Site, setting: Setting) -> None:
        firm = setting.open(pages, "/apply/")
        journey = Journey(site, firm, firm, setting.phone[:-1] + "2")
        journey.sign_in_firm()
        case_id = journey.apply()

        receipt = firm.request.get(f"{site.url}/my/{case_id}/receipt.pdf").body()
        with pikepdf.open(BytesIO(receipt)) as pdf:
            assert len(pdf.pages) == 1
        firm.goto(f"{site.url}/my/{case_id}/")
        firm.locator(".timeline a").first.click()

        expect(firm).to_have_url(re.compile(r"/verify/[0-9a-f]{64}/$"))
        expect(firm.locator("main")).to_contain_text(f"{COUNTY}-")
