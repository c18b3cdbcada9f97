"""Home and gallery in a real browser: accessible, within 320 px, without JavaScript, in both languages."""

import pytest
from django.urls import reverse

from support.browser import Pages, overflow_px, violations
from tongdian.ui import navigation

pytestmark = pytest.mark.django_db

PAGES = ("/", "/ui/", "/ui/?form=empty")


@pytest.mark.parametrize("path", PAGES)
class TestEveryPage:
    @pytest.mark.parametrize("language", ["zh", "en"])
    @pytest.mark.parametrize(("width", "large"), [(1280, False), (320, True)])
    def test_is_accessible_and_fits(self, pages: Pages, path: str, language: str, width: int, large: bool) -> None:
        page = pages.open(path, language=language, width=width, large=large)

        assert violations(page) == []
        assert overflow_px(page) == 0

    def test_says_its_language(self, pages: Pages, path: str) -> None:
        assert pages.open(path, language="zh").locator("html").get_attribute("lang") == "zh-CN"
        assert pages.open(path, language="en").locator("html").get_attribute("lang") == "en"

    def test_shows_both_hotlines(self, pages: Pages, path: str) -> None:
        page = pages.open(path)

        assert page.locator(".hotlines dd").all_inner_texts() == ["95598", "12398"]


class TestPublicPages:
    """What anyone reaches from the header, on a phone in large type: the hardest case."""

    @pytest.mark.parametrize("name", [entry.url_name for entry in navigation.visible("public".__eq__)])
    def test_are_accessible_and_fit(self, pages: Pages, name: str) -> None:
        page = pages.open(reverse(name), width=320, large=True)

        assert violations(page) == []
        assert overflow_px(page) == 0


class TestWithoutJavaScript:
    def test_the_language_is_switched(self, pages: Pages) -> None:
        page = pages.open("/ui/?sort=number", scripts=False)

        page.get_by_role("button", name="English").click()

        assert page.url.endswith("/ui/?sort=number")
        assert page.locator(".page-head h1").inner_text() == "Components"

    def test_the_type_is_enlarged(self, pages: Pages) -> None:
        page = pages.open("/", scripts=False)

        page.get_by_role("button", name="大字版").click()

        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"

    def test_the_list_is_sorted_and_paged(self, pages: Pages) -> None:
        page = pages.open("/ui/", scripts=False)

        page.locator("th").get_by_role("link", name="容量").click()
        page.locator(".pages").get_by_role("link", name="下一页").click()

        assert "sort=-capacity_kva" in page.url
        assert page.locator(".pages [aria-current=page]").inner_text() == "2"
        assert page.locator("table.data tbody tr").first.locator("td").nth(2).inner_text() == "725"

    def test_the_working_of_a_date_opens(self, pages: Pages) -> None:
        page = pages.open("/ui/", scripts=False)

        page.locator("summary").first.click()

        assert page.locator(".month .due").first.inner_text().split() == ["8", "第11日", "到期"]


class TestErrorSummary:
    def test_takes_the_focus_and_leads_to_the_field(self, pages: Pages) -> None:
        page = pages.open("/ui/?form=empty")

        focused = page.evaluate("document.activeElement.className")
        page.locator(".error-summary a").first.click()

        assert focused == "error-summary"
        assert page.evaluate("document.activeElement.id") == "id_name"


class TestKeyboard:
    def test_the_first_stop_skips_to_the_main_content(self, pages: Pages) -> None:
        page = pages.open("/")

        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        assert page.url.endswith("#main")
        assert page.evaluate("document.activeElement.id") == "main"
