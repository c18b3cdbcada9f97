"""Makes the picture in the README: a case of the demonstration, as its account manager sees it."""

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from support.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from support.journeys import Site, sign_in_staff
from support.running import open_home, running
from tongdian.demo.sign_ins import kept

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "images"
CASES = "120"


def main() -> None:
    """Start a demonstration of its own, photograph it, stop it."""
    PICTURES.mkdir(exist_ok=True)
    environment = {"TONGDIAN_DEMO_CASES": CASES}
    with open_home() as home, running(home, "--demo", "--workers", "1", environment=environment) as program:
        site = Site(program.wait_until_ready(), inbox="", sign_ins=kept(home=home))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, locale="zh-CN")
            photograph(page, site)
            browser.close()


def photograph(page: Page, site: Site) -> None:
    """Sign in and take the case with the least time left."""
    sign_in_staff(page, site, "Account manager")
    page.goto(f"{site.url}/desk/")
    page.locator("table.data tbody a").first.click()
    page.screenshot(path=PICTURES / "case.png")


if __name__ == "__main__":
    main()
