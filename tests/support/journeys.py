"""What the journeys share: the running installation and how its people sign in."""

import json
import re
from dataclasses import dataclass
from urllib.request import urlopen

from playwright.sync_api import Page

from tongdian.demo.sign_ins import SignIn


@dataclass(frozen=True)
class Site:
    """The running installation: its address, where its short messages arrive, who may sign in."""

    url: str
    inbox: str
    sign_ins: tuple[SignIn, ...]

    def latest_code(self, phone: str, *, count: int) -> str:
        """Return the six digits of the newest message to a phone, once so many have come."""
        with urlopen(f"{self.inbox}/inbox.json?phone={phone}&at_least={count}", timeout=30) as answer:  # noqa: S310 - the stand-in's own address
            messages = json.load(answer)
        return re.findall(r"\d{6}", messages[0]["text"])[0]

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
