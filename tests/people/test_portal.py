import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from support import people
from tongdian.gateway.models import Counter, Message
from tongdian.people import operations
from tongdian.people.models import PhoneCode, User

pytestmark = pytest.mark.django_db
PHONE = "13800001234"
PASSWORD = "a long pass phrase"


def code_sent(phone: str = PHONE) -> str:
    messages = [message for message in Message.objects.order_by("-id") if message.address == phone]
    return json.loads(messages[0].parameters)["code"]


def totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in_by_phone(client: Client, phone: str = PHONE, query: str = ""):
    client.post(f"/accounts/login/{query}", {"phone": phone, **dict([query[1:].split("=")] if query else [])})
    return client.post("/accounts/login/code/", {"code": code_sent(phone)})


def sign_in_by_password(client: Client, user: User, password: str = PASSWORD):
    return client.post("/accounts/login/staff/", {"login": user.username, "password": password})


class TestSignIn:
    def test_creates_the_account_at_the_first_code_and_opens_it(self, client):
        response = sign_in_by_phone(client)

        assert response.url == "/accounts/"
        assert User.objects.get(phone_lookup=PHONE).kind == "person"
        assert "138****1234" in client.get("/accounts/").content.decode()

    def test_finds_the_account_at_the_next_code(self, client):
        known = people.person(PHONE)

        sign_in_by_phone(client)

        assert client.session["_auth_user_id"] == str(known.pk)

    def test_returns_to_the_page_one_came_for(self, client):
        assert sign_in_by_phone(client, query="?next=/policy/").url == "/policy/"

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, client, target):
        assert sign_in_by_phone(client, query=f"?next={target}").url == "/accounts/"

    def test_answers_known_and_unknown_phones_alike(self):
        people.person(PHONE)

        known = Client().post("/accounts/login/", {"phone": PHONE}, follow=True)
        unknown = Client().post("/accounts/login/", {"phone": "13900009876"}, follow=True)

        assert known.redirect_chain == unknown.redirect_chain
        strip = [page.content.decode().split("<main")[1] for page in (known, unknown)]
        tokens = [str(page.context["csrf_token"]) for page in (known, unknown)]
        assert strip[0].replace("138****1234", "x").replace(tokens[0], "t") == strip[1].replace(
            "139****9876", "x"
        ).replace(tokens[1], "t")

    def test_names_the_mistake_in_a_number(self, client):
        page = client.post("/accounts/login/", {"phone": "12345"}).content.decode()

        assert "请输入 11 位手机号" in page
        assert not PhoneCode.objects.exists()

    def test_asks_for_patience_when_a_code_was_just_sent(self, client):
        client.post("/accounts/login/", {"phone": PHONE})

        page = client.post("/accounts/login/", {"phone": PHONE}).content.decode()

        assert "秒后再试" in page
        assert PhoneCode.objects.count() == 1

    def test_limits_the_codes_one_address_can_ask_for(self, client):
        for number in range(60):
            client.post("/accounts/login/", {"phone": f"137{number:08d}"})

        client.post("/accounts/login/", {"phone": PHONE})

        assert PhoneCode.objects.count() == 60

    def test_counts_visitors_behind_a_proxy_apart(self, client, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        for number in range(61):
            client.post(
                "/accounts/login/", {"phone": f"137{number:08d}"}, headers={"x-forwarded-for": f"192.0.2.{number % 2}"}
            )

        assert PhoneCode.objects.count() == 61

    def test_keeps_the_phone_out_of_the_session_store(self, client):
        client.post("/accounts/login/", {"phone": PHONE})

        assert PHONE not in json.dumps(dict(client.session))

    def test_leads_the_signed_in_onwards(self, client):
        client.force_login(people.person())

        assert client.get("/accounts/login/").url == "/accounts/"


class TestEnterCode:
    def test_needs_a_phone_first(self, client):
        assert client.get("/accounts/login/code/").url == "/accounts/login/"

    def test_says_how_many_attempts_are_left_and_then_that_the_code_is_burned(self, client):
        client.post("/accounts/login/", {"phone": PHONE})
        wrong = f"{(int(code_sent()) + 1) % 10**6:06d}"

        pages = [client.post("/accounts/login/code/", {"code": wrong}).content.decode() for _ in range(6)]

        assert "还可以再试 4 次" in pages[0]
        assert "验证码已失效" in pages[5]
        assert "_auth_user_id" not in client.session

    def test_sends_again_after_a_minute_and_keeps_where_one_wants_to_go(self, client):
        client.post("/accounts/login/?next=/policy/", {"phone": PHONE, "next": "/policy/"})
        Counter.objects.all().delete()

        client.post("/accounts/login/code/", {"again": "1"})

        assert PhoneCode.objects.count() == 2
        assert client.post("/accounts/login/code/", {"code": code_sent()}).url == "/policy/"

    def test_says_when_it_is_too_early_to_send_again(self, client):
        client.post("/accounts/login/", {"phone": PHONE})

        assert "秒后再试" in client.post("/accounts/login/code/", {"again": "1"}).content.decode()

    def test_does_not_open_a_closed_account(self, client):
        operations.deactivate(people.person(PHONE))

        response = sign_in_by_phone(client)

        assert response.url == "/accounts/login/"
        assert "_auth_user_id" not in client.session

    def test_carries_language_and_type_size_to_the_browser(self, client):
        operations.set_preferences(people.person(PHONE), language="en", has_large_type=True)

        response = sign_in_by_phone(client)

        assert (response.cookies["django_language"].value, response.cookies["type_size"].value) == ("en", "large")

    def test_lets_the_browser_speak_where_nobody_chose(self, client):
        client.post("/accounts/login/", {"phone": PHONE})

        response = client.post("/accounts/login/code/", {"code": code_sent()})

        assert "django_language" not in response.cookies


class TestSwitches:
    def test_keep_language_and_type_size_with_the_account(self, client):
        user = people.person()
        client.force_login(user)

        client.post("/language/", {"language": "en"})
        client.post("/type-size/", {"size": "large"})

        user.refresh_from_db()
        assert (user.language, user.has_large_type) == ("en", True)

    def test_work_without_an_account(self, client):
        client.post("/language/", {"language": "en"})

        assert "Sign in by mobile number" in client.get("/accounts/login/").content.decode()

    def test_ignore_what_is_no_language(self, client):
        user = people.person()
        client.force_login(user)

        client.post("/language/", {"language": "fr"})

        user.refresh_from_db()
        assert user.language == "zh-hans"


class TestStaffSignIn:
    def test_opens_with_user_name_and_password(self, client):
        assert sign_in_by_password(client, people.staff(password=PASSWORD)).url == "/accounts/"

    def test_answers_unknown_names_and_wrong_passwords_alike(self, client):
        user = people.staff(password=PASSWORD)

        wrong = client.post("/accounts/login/staff/", {"login": user.username, "password": "not this one"})
        unknown = client.post("/accounts/login/staff/", {"login": "nobody", "password": "not this one"})

        assert [page.context["form"].errors["__all__"] for page in (wrong, unknown)] == [["用户名或密码不正确。"]] * 2

    def test_stops_after_five_wrong_passwords_even_for_the_right_one(self, client):
        user = people.staff(password=PASSWORD)
        for _ in range(5):
            sign_in_by_password(client, user, "not this one")

        page = sign_in_by_password(client, user)

        assert page.context["form"].errors["__all__"] == ["尝试次数过多，请稍后再试。"]

    def test_forgets_wrong_passwords_after_the_right_one(self, client):
        user = people.staff(password=PASSWORD)
        for _ in range(4):
            sign_in_by_password(client, user, "not this one")

        sign_in_by_password(client, user)

        assert Counter.objects.count() == 1

    def test_is_no_way_in_for_a_closed_account(self, client):
        user = people.staff(password=PASSWORD)
        User.objects.filter(pk=user.pk).update(is_active=False)

        assert sign_in_by_password(client, user).context["form"].errors

    def test_is_no_way_in_for_the_public(self, client):
        assert sign_in_by_password(client, people.person(), "").context["form"].errors


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.REQUIRE_TOTP = True

    def enrol(self, client: Client, user: User) -> str:
        sign_in_by_password(client, user)
        secret = client.get("/accounts/second-factor/enrol/").context["form"].secret
        response = client.post("/accounts/second-factor/enrol/", {"code": totp(secret)})
        assert response.url == "/accounts/second-factor/recovery/"
        return secret

    def test_is_enrolled_at_the_first_sign_in_before_anything_else(self, client):
        user = people.staff(password=PASSWORD)
        sign_in_by_password(client, user)
        assert client.get("/accounts/").url == "/accounts/second-factor/enrol/"

        self.enrol(client, user)

        assert client.get("/accounts/").status_code == 200

    def test_gives_ten_recovery_codes_as_page_and_file(self, client):
        self.enrol(client, people.staff(password=PASSWORD))

        codes = client.get("/accounts/second-factor/recovery/").context["unused_codes"]
        file = client.get("/accounts/second-factor/recovery/file/").content.decode()

        assert len(codes) == 10
        assert file.split() == codes

    def test_keeps_secrets_sealed(self, client):
        secret = self.enrol(client, people.staff(password=PASSWORD))

        assert all(secret not in json.dumps(kept.data) for kept in Authenticator.objects.all())

    def test_is_asked_for_at_the_next_sign_in(self, client):
        user = people.staff(password=PASSWORD)
        secret = self.enrol(client, user)
        fresh = Client()

        response = sign_in_by_password(fresh, user)

        assert response.url == "/accounts/login/second-factor/"
        assert "_auth_user_id" not in fresh.session
        # The code used for enrolling counts as used; the next one is still ahead within the tolerance.
        ahead = list(yield_hotp_counters_from_time())[-1]
        done = fresh.post("/accounts/login/second-factor/", {"code": format_hotp_value(hotp_value(secret, ahead))})
        assert done.url == "/accounts/"

    def test_can_be_a_recovery_code_once(self, client):
        user = people.staff(password=PASSWORD)
        self.enrol(client, user)
        code = client.get("/accounts/second-factor/recovery/").context["unused_codes"][0]

        outcomes = []
        for _ in range(2):
            fresh = Client()
            sign_in_by_password(fresh, user)
            outcomes.append(fresh.post("/accounts/login/second-factor/", {"code": code}).status_code)

        assert outcomes == [302, 200]

    def test_stops_after_five_wrong_codes(self, client):
        user = people.staff(password=PASSWORD)
        self.enrol(client, user)
        fresh = Client()
        sign_in_by_password(fresh, user)
        for _ in range(5):
            fresh.post("/accounts/login/second-factor/", {"code": "wrong"})

        page = fresh.post("/accounts/login/second-factor/", {"code": "wrong"})

        assert page.context["form"].errors["code"] == ["尝试次数过多，请稍后再试。"]

    def test_cannot_be_removed_by_those_who_must_have_it(self, client):
        self.enrol(client, people.staff(password=PASSWORD))

        page = client.post("/accounts/second-factor/remove/")

        assert "不能停用" in page.content.decode()
        assert Authenticator.objects.filter(type="totp").exists()

    def test_can_be_removed_where_it_is_optional(self, client, settings):
        self.enrol(client, people.staff(password=PASSWORD))
        settings.REQUIRE_TOTP = False

        client.post("/accounts/second-factor/remove/")

        assert not Authenticator.objects.exists()

    def test_new_recovery_codes_replace_the_old(self, client):
        self.enrol(client, people.staff(password=PASSWORD))
        before = client.get("/accounts/second-factor/recovery/").context["unused_codes"]

        client.post("/accounts/second-factor/recovery/new/")

        assert not set(before) & set(client.get("/accounts/second-factor/recovery/").context["unused_codes"])

    def test_asks_again_who_it_is_before_a_change_long_after_sign_in(self, client, time_machine):
        self.enrol(client, people.staff(password=PASSWORD))
        time_machine.move_to(timezone.now() + timedelta(minutes=10))

        response = client.get("/accounts/second-factor/recovery/new/")
        assert response.url.startswith("/accounts/confirm/")
        client.post("/accounts/confirm/", {"password": PASSWORD})

        assert client.get("/accounts/second-factor/recovery/new/").status_code == 200

    def test_counts_wrong_passwords_there_too(self, client, time_machine):
        self.enrol(client, people.staff(password=PASSWORD))
        time_machine.move_to(timezone.now() + timedelta(minutes=10))

        for _ in range(5):
            client.post("/accounts/confirm/", {"password": "not this one"})
        page = client.post("/accounts/confirm/", {"password": PASSWORD})

        assert page.context["form"].errors["password"] == ["尝试次数过多，请稍后再试。"]

    def test_shows_what_is_enrolled(self, client):
        self.enrol(client, people.staff(password=PASSWORD))

        page = client.get("/accounts/second-factor/").content.decode()

        assert "还有 10 个可用" in page


class TestProfile:
    def test_saves_preferences_and_speaks_the_new_language_at_once(self, client):
        user = people.person(PHONE)
        client.force_login(user)

        response = client.post(
            "/accounts/",
            {"display_name": "张三", "language": "en", "has_large_type": "on", "contact_by": "site"},
        )

        user.refresh_from_db()
        assert (user.display_name, user.language, user.has_large_type, user.contact_by, user.has_quiet_hours) == (
            "张三",
            "en",
            True,
            "site",
            False,
        )
        assert response.cookies["django_language"].value == "en"
        assert 'lang="en"' in client.get("/accounts/").content.decode()

    def test_refuses_a_language_it_does_not_have(self, client):
        client.force_login(people.person())

        assert client.post("/accounts/", {"language": "fr", "contact_by": "sms"}).context["form"].errors["language"]

    def test_lists_the_devices_and_signs_out_the_others(self, client):
        people.person(PHONE)
        sign_in_by_phone(client)
        Counter.objects.all().delete()
        other = Client(headers={"user-agent": "other browser"})
        sign_in_by_phone(other)
        assert "other browser" in client.get("/accounts/").content.decode()

        client.post("/accounts/sessions/end/")

        assert other.get("/accounts/").status_code == 302
        assert client.get("/accounts/").status_code == 200
        assert UserSession.objects.count() == 1

    def test_costs_a_fixed_number_of_queries(self, client, django_assert_max_num_queries):
        people.person(PHONE)
        sign_in_by_phone(client)

        with django_assert_max_num_queries(14):
            client.get("/accounts/")


class TestSignOut:
    def test_takes_a_post(self, client):
        client.force_login(people.person())

        assert client.get("/accounts/logout/").status_code == 405
        assert client.post("/accounts/logout/").url == "/"
        assert "_auth_user_id" not in client.session


class TestChangePhone:
    def test_moves_the_account_after_the_new_phone_is_proven(self, client):
        user = people.person(PHONE)
        client.force_login(user)
        client.post("/accounts/phone/", {"phone": "13900009876"})

        client.post("/accounts/phone/code/", {"code": code_sent("13900009876")})

        assert User.objects.get(phone_lookup="13900009876") == user

    def test_refuses_a_phone_of_somebody_else_only_to_who_proved_to_hold_it(self, client):
        people.person("13900009876")
        client.force_login(people.person(PHONE))
        assert client.post("/accounts/phone/", {"phone": "13900009876"}).url == "/accounts/phone/code/"

        page = client.post("/accounts/phone/code/", {"code": code_sent("13900009876")}, follow=True)

        assert "已用于另一个账号" in page.content.decode()
        assert User.objects.filter(phone_lookup=PHONE).exists()

    def test_does_not_accept_a_code_for_signing_in(self, client):
        client.post("/accounts/login/", {"phone": PHONE})
        client.force_login(people.person())

        assert client.get("/accounts/phone/code/").url == "/accounts/phone/"

    def test_is_nothing_for_staff(self, client):
        client.force_login(people.staff())

        assert client.get("/accounts/phone/").url == "/accounts/"


class TestChangePassword:
    NEW = "another long phrase"

    def change(self, client: Client, old: str = PASSWORD, new: str = NEW):
        return client.post("/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": new})

    def test_ends_the_other_sessions_and_keeps_this_one(self, client):
        user = people.staff(password=PASSWORD)
        other = Client()
        for browser in (client, other):
            sign_in_by_password(browser, user)

        assert self.change(client).url == "/accounts/"

        assert client.get("/accounts/").status_code == 200
        assert other.get("/accounts/").status_code == 302

    @pytest.mark.parametrize(("old", "new"), [("not this one", NEW), (PASSWORD, "short")])
    def test_refuses(self, client, old, new):
        sign_in_by_password(client, people.staff(password=PASSWORD))

        assert self.change(client, old, new).context["form"].errors
