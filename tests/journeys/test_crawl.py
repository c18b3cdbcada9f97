"""Every page a person can reach by following links: it opens, and its console has nothing to complain of."""

import re
from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Page

from support.browser import Pages
from support.journeys import Site, sign_in_staff

# Pages made from one pattern differ in their rows only: a few of each are enough.
OF_EACH_KIND = 2
MOST_PAGES = 45
VARIABLE = re.compile(r"[0-9a-f-]{36}|[0-9a-f]{64}|\d+|[a-z_0-9]+(?:\.[a-z_0-9]+)+(?=/)|(?<=guide/)[lh]v\w+")
DOWNLOAD = re.compile(r"\.(?:pdf|json|txt|py|csv)$|/documents/|format=(?:xlsx|csv|ics)|/recovery/file/")


def sign_in_applicant(page: Page, site: Site) -> None:
    phone = next(each.login for each in site.sign_ins if not each.password)
    page.goto(f"{site.url}/accounts/login/")
    page.fill("[name=phone]", phone)
    page.locator("main .btn-primary").click()
    page.fill("[name=code]", site.latest_code(phone, count=1))
    page.locator("main form").first.locator(".btn-primary").click()


def as_staff(title: str) -> Callable[[Page, Site], None]:
    return lambda page, site: sign_in_staff(page, site, title)


READERS: dict[str, tuple[str, Callable[[Page, Site], None], str]] = {
    "visitor": ("en", lambda page, site: None, "/progress/"),
    "applicant": ("zh", sign_in_applicant, "/my/*/"),
    "account manager": ("zh", as_staff("Account manager"), "/desk/cases/*/"),
    "supervisor": ("en", as_staff("City supervisor"), "/desk/cases/*/"),
}


def crawled(page: Page, start: str) -> tuple[Counter[str], list[str]]:
    """Follow links from the start; return how many pages of each kind opened, and what did not open."""
    waiting, seen, kinds, broken = deque([start]), {start}, Counter[str](), []
    while waiting and kinds.total() < MOST_PAGES:
        url = waiting.popleft()
        kind = VARIABLE.sub("*", urlsplit(url).path)
        if kinds[kind] >= OF_EACH_KIND:
            continue
        kinds[kind] += 1
        status, links = _opened(page, url)
        if status >= 400:
            broken.append(f"{status} {url}")
        fresh = [each for each in links if each not in seen and urlsplit(each).netloc == urlsplit(start).netloc]
        seen.update(fresh)
        waiting.extend(fresh)
    return kinds, broken


def _opened(page: Page, url: str) -> tuple[int, list[str]]:
    if DOWNLOAD.search(url):
        return page.request.get(url).status, []
    answer = page.goto(url)
    assert answer is not None
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    return answer.status, [urldefrag(urljoin(page.url, each)).url for each in found]


@pytest.mark.parametrize("reader", READERS)
class TestEveryPage:
    def test_opens_without_a_complaint(self, pages: Pages, site: Site, reader: str) -> None:
        language, sign_in, must_see = READERS[reader]
        page = pages.open("/", language=language)
        sign_in(page, site)

        kinds, broken = crawled(page, f"{site.url}/")

        assert broken == []
        assert must_see in kinds


class TestErrorPages:
    @pytest.mark.parametrize(("language", "said"), [("zh", "没有找到"), ("en", "Not found")])
    def test_speak_the_readers_language(self, pages: Pages, site: Site, language: str, said: str) -> None:
        page = pages.open("/", language=language)

        answer = page.request.get(f"{site.url}/nowhere/", headers={"accept-language": language})

        assert answer.status == 404
        assert said in answer.text()
        assert "12398" in answer.text()
