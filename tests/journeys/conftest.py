"""One running installation and one browser for every journey: `tongdian run --demo`, as a person starts it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import Pages, browser_pages
from support.journeys import Site
from support.running import open_home, running
from tongdian.demo.plan import FEWEST
from tongdian.demo.sign_ins import kept

INBOX = re.compile(r"messages received: (http://\S+)")


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with (
        open_home() as home,
        running(home, "--demo", "--workers", "1", environment={"TONGDIAN_DEMO_CASES": str(FEWEST)}) as program,
    ):
        url = program.wait_until_ready()
        inbox = program.wait_for(INBOX).group(1)
        yield Site(url, inbox, kept(home=Path(home)), Path(home))


@pytest.fixture(scope="module")
def chromium(site: Site) -> Iterator[Pages]:
    with browser_pages(site.url) as pages:
        yield pages


@pytest.fixture
def pages(chromium: Pages) -> Iterator[Pages]:
    """Open pages; the test fails when a console complained (a CSP violation does)."""
    chromium.complaints.clear()
    yield chromium
    for context in chromium.browser.contexts:
        context.close()
    assert chromium.complaints == []
