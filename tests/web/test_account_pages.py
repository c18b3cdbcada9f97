"""Signing in with a real browser, without JavaScript, as the application role."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection

from support.browser import Pages, overflow_px, violations
from tongdian.gateway.models import Counter, Message
from tongdian.people.models import PhoneCode, User

PHONE = "13700009321"
PAGES = ("/accounts/login/", "/accounts/login/staff/")


@pytest.fixture
def committed(site: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Read what the server wrote, and take it out again."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM usersessions_usersession")
                cursor.execute("DELETE FROM django_session")
                cursor.execute("DELETE FROM procrastinate_jobs")
            for model in (PhoneCode, Message, Counter):
                model.objects.all().delete()
            User.objects.filter(phone_lookup=PHONE).delete()
            connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
class TestSignInPages:
    @pytest.mark.parametrize("language", ["zh", "en"])
    @pytest.mark.parametrize(("width", "large"), [(1280, False), (320, True)])
    def test_are_accessible_and_fit(self, pages: Pages, path: str, language: str, width: int, large: bool) -> None:
        page = pages.open(path, language=language, width=width, large=large)

        assert violations(page) == []
        assert overflow_px(page) == 0


class TestSignInByPhone:
    def test_leads_from_the_number_to_the_account(self, committed: None, pages: Pages) -> None:
        page = pages.open("/accounts/", scripts=False, width=320)
        page.get_by_label("手机号").fill(PHONE)
        page.get_by_role("button", name="发送验证码").click()
        message = next(kept for kept in Message.objects.order_by("-id") if kept.address == PHONE)

        page.get_by_label("验证码").fill(json.loads(message.parameters)["code"])
        page.locator("main").get_by_role("button", name="登录").click()

        assert page.url.endswith("/accounts/")
        assert page.locator(".signed-in").inner_text() == "137****9321"
        assert overflow_px(page) == 0

    def test_signs_out_again(self, committed: None, pages: Pages) -> None:
        page = pages.open("/accounts/login/", scripts=False)
        page.get_by_label("手机号").fill(PHONE)
        page.get_by_role("button", name="发送验证码").click()
        message = next(kept for kept in Message.objects.order_by("-id") if kept.address == PHONE)
        page.get_by_label("验证码").fill(json.loads(message.parameters)["code"])
        page.locator("main").get_by_role("button", name="登录").click()

        page.get_by_role("button", name="退出").click()

        assert page.get_by_role("link", name="登录").is_visible()
