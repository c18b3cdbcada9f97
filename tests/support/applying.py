"""Steps of the journeys from the application to the meter, shared by every class of customer."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from support.browser import Pages
from support.connections import COUNTY, PDF
from support.journeys import Site

FILE = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": PDF}
RESIDENT = {"person_name": "示例住户", "identity_number": "37010219900101001X"}
SHOP = {"organisation_name": "示例小吃店", "person_name": "示例店主", "credit_code": "91370100MA0000000W"}
FIRM = {"organisation_name": "示例食品厂", "credit_code": "91370100MA0000000W", "contact_name": "示例联系人"}
SCHEME = {
    "substation": "示例变电站",
    "feeder": "示例一线",
    "access_point": "3 号环网柜",
    "receiving_kva": "800",
    "property_boundary": "环网柜出线侧",
}
ENERGISED = {"zh": "已接电", "en": "Energised"}


@dataclass(frozen=True)
class Setting:
    """How the site is looked at; each journey has a phone of its own, for codes are limited per phone."""

    language: str
    width: int
    scripts: bool
    phone_ends: str

    def open(self, pages: Pages, path: str) -> Page:
        return pages.open(path, language=self.language, width=self.width, scripts=self.scripts)

    def phone(self, journey: str) -> str:
        """Return the phone of one journey, told apart by the two digits given."""
        return f"139{journey}0000{self.phone_ends}"


SETTINGS = [Setting("zh", 1280, True, "01"), Setting("en", 360, False, "11")]
SETTING_IDS = ["zh-1280", "en-360-no-script"]


@dataclass
class Journey:
    """The customer's browser and the account manager's, side by side."""

    site: Site
    customer: Page
    staff: Page
    phone: str

    def sign_in(self) -> None:
        self.customer.goto(f"{self.site.url}/apply/")
        press(self.customer)
        self.customer.fill("[name=phone]", self.phone)
        press(self.customer)
        self.customer.fill("[name=code]", self.site.latest_code(self.phone, count=1))
        self.customer.locator("main form").first.locator(".btn-primary").click()

    def begin(self, customer: str, who: dict[str, str], *, address: str = "示例路 1 号") -> None:
        """Answer who applies and where."""
        press(self.customer)
        self.customer.check(f"[name=customer][value={customer}]")
        press(self.customer)
        fill(self.customer, **who, contact_phone=self.phone)
        press(self.customer)
        self.customer.select_option("[name=county_code]", COUNTY)
        fill(self.customer, address=address)
        press(self.customer)

    def ask_low_voltage(self, *, load_kw: str, needs_works: str, use: str = "") -> None:
        """Answer what a household or a shop needs; then nothing is to be handed in."""
        fill(self.customer, load_kw=load_kw)
        self.customer.check(f"[name=needs_works][value={needs_works}]")
        if use:
            self.customer.select_option("[name=use]", use)
        press(self.customer)
        expect(self.customer.locator("input[type=file]")).to_have_count(0)
        press(self.customer)

    def ask_high_voltage(self, *, voltage_kv: str, sources: str) -> None:
        """Answer what a firm needs, with its equipment list."""
        fill(self.customer, load_kw="630")
        self.customer.check(f"[name=voltage_kv][value='{voltage_kv}']")
        self.customer.select_option("[name=use]", "industry")
        press(self.customer)
        fill(self.customer, transformer_kva="800")
        self.customer.check(f"[name=source_count][value='{sources}']")
        press(self.customer)
        self.customer.set_input_files("[name=equipment_list]", FILE)
        press(self.customer)

    def submit(self) -> str:
        """Submit on the check page; return the id of the case."""
        press(self.customer)
        expect(self.customer).to_have_url(re.compile(r"/my/[0-9a-f-]{36}/submitted/$"))
        return self.customer.url.removeprefix(self.site.url).removeprefix("/my/").removesuffix("/submitted/")

    def customer_does(self, case_id: str, act: str, *, files: tuple[str, ...] = ()) -> None:
        self.customer.goto(f"{self.site.url}/my/{case_id}/{act}/")
        for name in files:
            self.customer.set_input_files(f"[name={name}]", FILE)
        press(self.customer)
        expect(self.customer).to_have_url(f"{self.site.url}/my/{case_id}/")

    def staff_does(self, case_id: str, act: str, **fields: str) -> None:
        self.staff.goto(f"{self.site.url}/desk/cases/{case_id}/{act}/")
        for name in ("outcome", "scope"):
            if chosen := fields.pop(name, None):
                self.staff.check(f"[name={name}][value={chosen}]")
        fill(self.staff, **fields)
        press(self.staff)
        expect(self.staff).to_have_url(f"{self.site.url}/desk/cases/{case_id}/")

    def reviews(self, case_id: str, stage: str, *files: str) -> None:
        """Ask for a review and pass it."""
        self.customer_does(case_id, stage, files=files)
        self.staff_does(case_id, f"decide-{stage}", outcome="passed")

    def energises(self, case_id: str) -> None:
        self.staff_does(case_id, "energise", meter_number=f"M{self.phone}", first_reading_kwh="0")
        self.customer.goto(f"{self.site.url}/my/{case_id}/")


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def press(page: Page) -> None:
    page.locator("main form .btn-primary").last.click()
