"""A server and a browser for the pages of this folder."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from support.browser import Pages, browser_pages, database_url, web_server


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """Serve the site from the test database as the application role."""
    with web_server(database_url(settings.DATABASE_URL, name=connection.settings_dict["NAME"])) as url:
        yield url


@pytest.fixture(scope="module")
def chromium(site: str) -> Iterator[Pages]:
    with browser_pages(site) as pages:
        yield pages


@pytest.fixture
def pages(chromium: Pages) -> Iterator[Pages]:
    """Open pages; the test fails when a console complained (a CSP violation does)."""
    chromium.complaints.clear()
    yield chromium
    for context in chromium.browser.contexts:
        context.close()
    assert chromium.complaints == []
