"""Agents: one begins for a principal who has never signed in; another is named, acts within bounds, and is released."""

import re

import pytest
from playwright.sync_api import Page, expect

from support.applying import FILE, FIRM, SCHEME, SETTING_IDS, SETTINGS, Journey, Setting, press
from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff


def sign_in(page: Page, site: Site, phone: str) -> None:
    page.goto(f"{site.url}/accounts/login/")
    page.fill("[name=phone]", phone)
    press(page)
    page.fill("[name=code]", site.latest_code(phone, count=1))
    page.locator("main form").first.locator(".btn-primary").click()


def looks_well(page: Page, setting: Setting) -> None:
    assert overflow_px(page) == 0
    if setting.scripts:
        assert violations(page) == []


@pytest.mark.parametrize("setting", SETTINGS, ids=SETTING_IDS)
class TestAgent:
    def test_applies_for_somebody_who_never_signed_in(self, pages: Pages, site: Site, setting: Setting) -> None:
        agent, staff = setting.open(pages, "/"), setting.open(pages, "/")
        sign_in(agent, site, setting.phone("70"))
        sign_in_staff(staff, site, "Account manager")
        agent.goto(f"{site.url}/apply/for/")
        agent.fill("[name=agent_name]", "示例代办人")
        agent.fill("[name=principal_phone]", setting.phone("71"))
        agent.set_input_files("[name=authorisation]", FILE)
        agent.fill("[name=last_day]", agent.evaluate("new Date(Date.now() + 6048e5).toISOString().slice(0, 10)"))
        looks_well(agent, setting)
        journey = Journey(site, agent, staff, setting.phone("70"))
        journey.begin("unproven", FIRM)
        journey.ask_high_voltage(voltage_kv="10", sources="1")
        case_id = journey.submit()

        staff.goto(f"{site.url}/desk/cases/{case_id}/agent/")
        looks_well(staff, setting)
        staff.check("[name=outcome][value=good]")
        press(staff)
        journey.staff_does(case_id, "accept")
        principal = setting.open(pages, "/")
        sign_in(principal, site, setting.phone("71"))
        principal.goto(f"{site.url}/my/{case_id}/agents/")
        looks_well(principal, setting)
        principal.locator("main .btn-danger").click()

        expect(principal.locator("main .btn-danger")).to_have_count(0)
        agent.goto(f"{site.url}/my/agents/")
        looks_well(agent, setting)
        expect(agent.locator(f"a[href='/my/{case_id}/']")).to_have_count(0)

    def test_does_what_the_applicant_lets_them_and_no_more(self, pages: Pages, site: Site, setting: Setting) -> None:
        customer, staff = setting.open(pages, "/apply/"), setting.open(pages, "/")
        journey = Journey(site, customer, staff, setting.phone("72"))
        sign_in_staff(staff, site, "Account manager")
        journey.sign_in()
        journey.begin("unproven", FIRM)
        journey.ask_high_voltage(voltage_kv="10", sources="1")
        case_id = journey.submit()
        journey.staff_does(case_id, "accept")
        journey.staff_does(case_id, "issue-scheme", **SCHEME)

        customer.goto(f"{site.url}/my/{case_id}/agents/")
        customer.fill("[name=phone]", setting.phone("73"))
        customer.uncheck("[name=scopes][value=hand_in]")
        customer.check("[name=scopes][value=decide]")
        customer.fill("[name=last_day]", customer.evaluate("new Date(Date.now() + 6048e5).toISOString().slice(0, 10)"))
        press(customer)
        looks_well(customer, setting)
        customer.fill("[name=code]", site.latest_code(setting.phone("72"), count=2))
        press(customer)
        expect(customer).to_have_url(re.compile(r"/agents/$"))

        agent = setting.open(pages, "/")
        sign_in(agent, site, setting.phone("73"))
        agent.goto(f"{site.url}/my/{case_id}/")
        looks_well(agent, setting)
        expect(agent.locator(f"a[href='/my/{case_id}/withdraw/']")).to_have_count(0)
        Journey(site, agent, staff, setting.phone("73")).customer_does(case_id, "confirm-scheme")

        customer.goto(f"{site.url}/my/{case_id}/")
        expect(customer.locator(".timeline")).to_contain_text({"zh": "代办人", "en": "Agent"}[setting.language])
