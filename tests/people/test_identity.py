"""Signing in through an organisation's identity provider: the whole way over HTTP, with a stand-in."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from support import people
from tongdian.people import operations
from tongdian.people.models import Grant, User
from tongdian.people.queries.identities import has_identity, staff_named
from tongdian.people.rules import Role

pytestmark = pytest.mark.django_db


@dataclass
class Provider:
    """The stand-in, and a browser that goes there and back."""

    url: str
    browser: Client = field(default_factory=Client)

    def behave(self, **how: str) -> None:
        httpx.post(f"{self.url}/behaviour", json={"user": "staff", "wrong": ""} | how).raise_for_status()

    def answer_to(self, client: Client) -> str:
        """Go to the provider; return the address it sends the browser back to."""
        away = client.get(reverse("openid_connect_login", args=["example"]))
        assert away.status_code == 302, away.content.decode()
        back = httpx.get(away.url, follow_redirects=False)
        return back.headers["Location"].replace("http://testserver", "")

    def sign_in(self, **how: str):
        """Go there and come back."""
        self.behave(**how)
        return self.browser.get(self.answer_to(self.browser))

    @property
    def user(self) -> str | None:
        return self.browser.session.get("_auth_user_id")


@pytest.fixture(scope="module")
def standin() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tongdian.gateway.standin.identity", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def provider(standin: str, settings) -> Provider:
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "example",
                    "name": "示例单位统一登录",
                    "client_id": "tongdian",
                    "secret": "a secret",
                    "settings": {"server_url": standin, "claim": "preferred_username", "scope": ["openid", "profile"]},
                }
            ],
        }
    }
    return Provider(standin)


@pytest.fixture
def clerk() -> User:
    utility = people.organisation()
    user = operations.create_staff(username="wang.clerk", password=None, organisation=utility)
    people.give(user, Role.COUNTER_CLERK, at=utility)
    return user


class TestSignIn:
    def test_is_offered_on_the_page_of_staff(self, provider):
        page = Client().get(reverse("account_staff_login")).content.decode()

        assert "示例单位统一登录" in page
        assert reverse("openid_connect_login", args=["example"]) in page

    def test_links_the_account_the_claim_names_and_keeps_only_the_subject(self, provider, clerk):
        answer = provider.sign_in(user="Wang.Clerk")

        assert answer.status_code == 302
        assert provider.user == str(clerk.pk)
        (link,) = SocialAccount.objects.all()
        assert (link.user, link.uid, link.extra_data) == (clerk, "id of Wang.Clerk", {})

    def test_knows_the_subject_again_and_grants_nothing(self, provider, clerk):
        provider.sign_in(user="wang.clerk")
        before = Grant.objects.count()
        User.objects.filter(pk=clerk.pk).update(username="renamed")

        provider.browser = Client()
        provider.sign_in(user="wang.clerk")

        assert provider.user == str(clerk.pk)
        assert Grant.objects.count() == before

    def test_asks_for_the_one_time_password_all_the_same(self, provider, clerk):
        TOTP.activate(clerk, generate_totp_secret())

        answer = provider.sign_in(user="wang.clerk")

        assert answer.url == reverse("mfa_authenticate")
        assert provider.user is None

    def test_says_whom_to_ask_when_nobody_here_has_the_name(self, provider, clerk):
        answer = provider.sign_in(user="stranger")

        assert answer.status_code == 403
        assert "请联系本单位的平台管理员开通账号" in answer.content.decode()
        assert provider.user is None
        assert not User.objects.filter(username="stranger").exists()

    def test_leads_nobody_into_an_account_of_the_public(self, provider):
        person = people.person()

        assert provider.sign_in(user=person.username).status_code == 403

    def test_does_not_link_a_second_subject_to_a_linked_account(self, provider, clerk):
        provider.sign_in(user="wang.clerk")
        provider.browser = Client()

        answer = provider.sign_in(user="WANG.CLERK")

        assert answer.status_code == 403
        assert SocialAccount.objects.count() == 1

    def test_leads_nobody_into_a_closed_account(self, provider, clerk):
        provider.sign_in(user="wang.clerk")
        operations.deactivate(clerk)
        provider.browser = Client()

        provider.sign_in(user="wang.clerk")

        assert provider.user is None

    @pytest.mark.parametrize(
        "wrong", ["nonce", "issuer", "audience", "expired", "signature", "unsigned", "refuse", "fail"]
    )
    def test_refuses_an_answer_that_is_wrong_in(self, provider, clerk, wrong):
        answer = provider.sign_in(user="wang.clerk", wrong=wrong)

        assert answer.status_code == 403
        assert "没有登录成功" in answer.content.decode()
        assert provider.user is None
        assert not SocialAccount.objects.exists()

    def test_refuses_a_provider_that_calls_itself_something_else(self, provider):
        provider.behave(wrong="name")

        answer = provider.browser.get(reverse("openid_connect_login", args=["example"]))

        assert answer.status_code == 503

    def test_refuses_an_answer_to_somebody_elses_question(self, provider, clerk):
        provider.behave(user="wang.clerk")
        address = provider.answer_to(provider.browser)

        answer = Client().get(address)

        assert answer.status_code == 403
        assert "_auth_user_id" not in Client().session

    def test_refuses_the_same_answer_twice(self, provider, clerk):
        provider.behave(user="wang.clerk")
        address = provider.answer_to(provider.browser)
        provider.browser.get(address)

        assert provider.browser.get(address).status_code == 403

    def test_says_so_when_the_provider_is_down(self, provider, settings):
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"

        answer = provider.browser.get(reverse("openid_connect_login", args=["example"]))

        assert answer.status_code == 503
        assert "没有登录成功" in answer.content.decode()

    def test_never_links_to_who_is_signed_in_already(self, provider, clerk):
        provider.behave(user="stranger")
        provider.browser.force_login(clerk)
        away = provider.browser.get(reverse("openid_connect_login", args=["example"]), {"process": "connect"})

        provider.browser.get(httpx.get(away.url).headers["Location"].replace("http://testserver", ""))

        assert not SocialAccount.objects.exists()

    def test_of_a_provider_nobody_named_is_not_found(self, provider):
        assert provider.browser.get(reverse("openid_connect_login", args=["other"])).status_code == 404


class TestStaffNamed:
    def test_finds_nobody_where_two_names_differ_in_their_case_only(self, clerk):
        operations.create_staff(username="WANG.clerk", password=None, organisation=people.organisation())

        assert staff_named("wang.clerk") is None

    @pytest.mark.parametrize("name", ["", "nobody"])
    def test_finds_nobody(self, clerk, name):
        assert staff_named(name) is None


class TestHasIdentity:
    def test_is_of_one_provider(self, clerk):
        SocialAccount.objects.create(user=clerk, provider="example", uid="1")

        assert has_identity(clerk, provider="example")
        assert not has_identity(clerk, provider="other")
