"""What the journeys share: the running installation and how its people sign in."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page

from support.running import OURS
from tongdian.demo.sign_ins import SignIn

# A phone also gets notices, and there are other numbers in those.
CODE = re.compile(r"(?:验证码|code)\D{0,4}(\d{6})", re.IGNORECASE)
MOST_LOOKS = 4


@dataclass(frozen=True)
class Site:
    """The running installation: its address, where its short messages arrive, who may sign in."""

    url: str
    inbox: str
    sign_ins: tuple[SignIn, ...]
    home: Path

    def command(self, *arguments: str) -> str:
        """Run a `tongdian` command beside the running site and return what it says."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return subprocess.run(
            [sys.executable, "-m", "tongdian.web.cli", *arguments],
            env={**inherited, "TONGDIAN_HOME": str(self.home)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def latest_code(self, phone: str, *, count: int) -> str:
        """Return the six digits of the newest code sent to a phone, once so many codes have come."""
        messages: list[str] = []
        for _ in range(MOST_LOOKS):
            messages = self._messages(phone, at_least=max(count, len(messages) + 1))
            codes = [found[0] for text in messages if (found := CODE.findall(text))]
            if len(codes) >= count:
                return codes[0]
        raise AssertionError(f"no {count} codes came to {phone}: {messages}")

    def _messages(self, phone: str, *, at_least: int) -> list[str]:
        """Return the messages to a phone, newest first; waits a while for so many."""
        with urlopen(f"{self.inbox}/inbox.json?phone={phone}&at_least={at_least}", timeout=30) as answer:  # noqa: S310 - the stand-in's own address
            return [message["text"] for message in json.load(answer)]

    def staff(self, title: str) -> SignIn:
        """Return the first sign-in whose English title contains a word."""
        return next(each for each in self.sign_ins if title in each.title_en and each.password)


def sign_in_staff(page: Page, site: Site, title: str) -> None:
    """Sign a member of staff in by password."""
    who = site.staff(title)
    page.goto(f"{site.url}/accounts/login/staff/")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", who.password)
    page.locator("main .btn-primary").click()
