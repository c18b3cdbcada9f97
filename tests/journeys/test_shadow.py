"""A utility's own system is connected; its staff see next week's breaches and settle what contradicts, in a browser."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from support.browser import Pages, overflow_px, violations
from support.journeys import Site, sign_in_staff
from support.mirrors import MAPPING, record
from tongdian.gateway.standin.marketing import Server

SECRET = "a secret of the journeys"
LATE = 30
SETTINGS = [{"language": "zh", "width": 1280, "scripts": True}, {"language": "en", "width": 360, "scripts": False}]


@pytest.fixture(scope="module")
def mirrored(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Connect a stand-in with three cases, one of them told differently later; return the cases' titles."""
    server = Server(0, SECRET)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    at = datetime.now(UTC) - timedelta(days=LATE)
    for number in range(3):
        told = {"case_id": f"YX-{number}", "title": f"影子示例厂{number}"}
        server.records.append(record("submit", id=f"s{number}", at=at, **told))
        server.records.append(record("accept", id=f"a{number}", at=at + timedelta(hours=2), **told))
    server.records.append(record("accept", id="again", at=at + timedelta(days=1), case_id="YX-0", title="影子改名厂"))
    _connect(site, f"http://127.0.0.1:{server.server_address[1]}", tmp_path_factory.mktemp("source"))
    yield "影子示例厂"
    server.shutdown()
    server.server_close()
    thread.join()


def _connect(site: Site, url: str, folder: Path) -> None:
    (folder / "mapping.yaml").write_text(yaml.safe_dump(MAPPING, allow_unicode=True))
    (folder / "secret").write_text(SECRET)
    where = ("--url", url, "--key-id", "tongdian", "--secret-file", str(folder / "secret"))
    site.command(
        *("source", "add", "yx", "--name", "营销系统", "--utility", "demo-grid"),
        *(*where, "--mapping", str(folder / "mapping.yaml")),
    )
    assert json.dumps(7) in site.command("source", "read", "yx")


@pytest.mark.parametrize("setting", SETTINGS, ids=["zh-1280", "en-360-no-script"])
class TestShadow:
    def test_shows_what_is_late_and_settles_what_contradicts(
        self, pages: Pages, site: Site, mirrored: str, setting: dict[str, Any]
    ) -> None:
        staff = pages.open("/", **setting)
        sign_in_staff(staff, site, "Account manager")

        staff.goto(f"{site.url}/desk/shadow/")
        # The first one is renamed on the way.
        for number in (1, 2):
            expect(staff.locator("main")).to_contain_text(f"{mirrored}{number}")
        assert overflow_px(staff) == 0

        staff.get_by_role("link", name=f"{mirrored}1").click()
        expect(staff.locator(".stage-bar")).to_be_visible()
        expect(staff.locator("main")).to_contain_text("YX-1")
        assert overflow_px(staff) == 0
        if setting["scripts"]:
            assert violations(staff) == []
            self._settle(staff, site)

    @staticmethod
    def _settle(staff: Page, site: Site) -> None:
        staff.goto(f"{site.url}/desk/shadow/conflicts/")
        staff.locator("main tbody a").first.click()
        staff.locator(".summary-change a").first.click()
        staff.check("[name=resolution][value=theirs]")
        staff.fill("[name=reason]", "按营业执照核对")
        staff.locator("main form .btn-primary").click()
        expect(staff.locator("h1")).to_contain_text("影子改名厂")
