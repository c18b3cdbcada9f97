"""A running web server on the test database, and pages of a real browser on it.

A test module that uses them is marked `pytest.mark.django_db`, else pytest makes no database. The server has its
own connections, so it sees only rows that are committed. Chromium and `npm ci` (for axe) come with the set-up.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("TONGDIAN_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY_WITHIN_S = 60
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


class ServerFailed(RuntimeError):
    """The web server ended, or did not answer in time; the message is its log."""


@contextmanager
def web_server(database_url: str, *, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Serve the site from the database on a free port; yield its address."""
    port = _free_port()
    settings = {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tongdian.web.settings",
        "TONGDIAN_COLLECTED": "0",
    }
    inherited = {name: value for name, value in os.environ.items() if name != "TONGDIAN_AS_OWNER"}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "2",
               "--log-level", "warning", "tongdian.web.wsgi:application"]  # fmt: skip
    process = subprocess.Popen(
        command,
        env=inherited | settings | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


def database_url(base_url: str, *, name: str) -> str:
    """Return the address of another database on the same server."""
    return urlsplit(base_url)._replace(path=f"/{name}").geturl()


@dataclass
class Pages:
    """Opens pages of one server; remembers what their consoles complained about."""

    browser: Browser
    base_url: str
    complaints: list[str] = field(default_factory=list)

    def open(
        self, path: str, *, language: str = "zh", width: int = 1280, large: bool = False, scripts: bool = True
    ) -> Page:
        """Open a path in a fresh browser context (no cookies but the type size)."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, locale=LOCALES[language], java_script_enabled=scripts
        )
        if large:
            context.add_cookies([{"name": "type_size", "value": "large", "url": self.base_url}])
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.base_url + path)
        return page


@contextmanager
def browser_pages(base_url: str) -> Iterator[Pages]:
    """Start chromium for the pages of one server; at most for one test module.

    Playwright keeps an event loop in this thread for as long as it runs. Beside it Django refuses queries unless told
    otherwise, keeps a second set of connections, and no other test could start a loop.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            yield Pages(browser, base_url)
        finally:
            browser.close()
            connections.close_all()
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def violations(page: Page) -> list[str]:
    """Run axe (WCAG 2.2 A and AA) on the page; list rule, impact and the first places."""
    # The CSP forbids a script element; evaluating goes through the debugger instead.
    page.evaluate(AXE.read_text())
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    result = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{rule['id']} ({rule['impact']}): {[node['target'] for node in rule['nodes'][:3]]}"
        for rule in result["violations"]
    ]


def overflow_px(page: Page) -> int:
    """Return by how much the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def screenshot(page: Page, path: Path) -> Path:
    """Save a picture of the whole page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[str], url: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise ServerFailed(process.communicate()[0])
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 - our own address
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    process.kill()
    raise ServerFailed(process.communicate()[0])
