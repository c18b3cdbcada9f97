"""A security key from first use to signing in, with a virtual authenticator; the policy forbids inline code."""

import itertools
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import Page

from support import people
from support.browser import Pages, overflow_px, violations
from tongdian.people.models import User
from tongdian.people.rules import Role

PASSWORD = "a long enough password"
WORDS = {
    "zh": {"user": "用户名", "password": "密码", "sign_in": "登录", "add": "添加", "key": "用安全密钥登录"},
    "en": {
        "user": "User name",
        "password": "Password",
        "sign_in": "Sign in",
        "add": "Add",
        "key": "Sign in with a security key",
    },
}
LEFT_BEHIND = (
    "mfa_authenticator", "usersessions_usersession", "django_session", "gateway_counter", "people_grant",
)  # fmt: skip
numbers = itertools.count(1)


@pytest.fixture
def clerk(site: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[User]:
    """A clerk the server can see, who has a password and no second factor yet."""
    with django_db_blocker.unblock():
        user = people.staff(Role.COUNTER_CLERK, at=people.organisation(f"keys{next(numbers)}"))
        # The server hashes as in production.
        User.objects.filter(pk=user.pk).update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1))
        try:
            yield user
        finally:
            with connection.cursor() as cursor:
                for table in LEFT_BEHIND:
                    cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
                cursor.execute("DELETE FROM people_user WHERE id = %s", [user.pk])
                cursor.execute("DELETE FROM people_organisation WHERE code LIKE 'keys%'")
            connection.close()


def plug_in(page: Page) -> None:
    """Give the browser a security key that needs no touch."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})


def sign_in(page: Page, user: User, words: dict[str, str], home: str) -> None:
    page.goto(f"{home}/accounts/login/staff/")
    page.get_by_label(words["user"]).fill(user.username)
    page.get_by_label(words["password"]).fill(PASSWORD)
    page.locator("main").get_by_role("button", name=words["sign_in"], exact=True).click()


def looks_right(page: Page) -> None:
    assert violations(page) == []
    assert overflow_px(page) == 0


@pytest.mark.django_db
class TestKeysPage:
    def test_is_for_who_is_signed_in(self, pages: Pages) -> None:
        assert "/accounts/login/" in pages.open("/accounts/second-factor/keys/").url


class TestSecurityKey:
    @pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 360)])
    def test_is_added_and_then_signs_in(self, clerk: User, pages: Pages, language: str, width: int) -> None:
        words = WORDS[language]
        # A key belongs to a name, and an address of numbers is none.
        home = pages.base_url.replace("127.0.0.1", "localhost")
        page = pages.open("/", language=language, width=width)
        plug_in(page)

        sign_in(page, clerk, words, home)
        page.goto(f"{home}/accounts/second-factor/keys/add/")
        looks_right(page)
        page.get_by_role("button", name=words["add"], exact=True).click()
        page.wait_for_url("**/second-factor/recovery/")
        page.goto(f"{home}/accounts/second-factor/keys/")
        looks_right(page)
        page.goto(f"{home}/accounts/second-factor/")
        looks_right(page)
        assert Authenticator.objects.filter(user=clerk, type=Authenticator.Type.WEBAUTHN).count() == 1

        page.context.clear_cookies()
        sign_in(page, clerk, words, home)
        page.wait_for_url("**/login/second-factor/")
        looks_right(page)
        page.get_by_role("button", name=words["key"]).click()
        page.wait_for_url(f"{home}/accounts/")

        assert page.locator(".signed-in").inner_text() == clerk.username

    def test_says_so_when_the_browser_has_none(self, clerk: User, pages: Pages) -> None:
        home = pages.base_url.replace("127.0.0.1", "localhost")
        page = pages.open("/", language="zh")
        sign_in(page, clerk, WORDS["zh"], home)
        page.goto(f"{home}/accounts/second-factor/keys/add/")
        # As when the person presses "cancel" in the browser's own window.
        cancelled = "navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
        page.evaluate(f"() => {{ {cancelled} }}")

        page.get_by_role("button", name="添加", exact=True).click()

        page.get_by_role("alert").filter(has_text="浏览器没有完成").wait_for()
        looks_right(page)
