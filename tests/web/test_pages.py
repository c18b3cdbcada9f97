import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


class TestSetTypeSize:
    def test_is_remembered_and_leads_back(self, client: Client) -> None:
        response = client.post("/type-size/", {"size": "large", "next": "/ui/?page=2"})

        assert response["Location"] == "/ui/?page=2"
        assert 'class="type-large"' in client.get("/").content.decode()

    def test_goes_back_to_normal(self, client: Client) -> None:
        client.post("/type-size/", {"size": "large"})
        client.post("/type-size/", {"size": "normal"})

        assert "type-large" not in client.get("/").content.decode()

    @pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, client: Client, elsewhere: str) -> None:
        assert client.post("/type-size/", {"size": "large", "next": elsewhere})["Location"] == "/"

    def test_ignores_a_size_that_is_none(self, client: Client) -> None:
        assert "type_size" not in client.post("/type-size/", {"size": "huge"}).cookies

    def test_is_not_changed_by_a_link(self, client: Client) -> None:
        assert client.get("/type-size/?size=large").status_code == 405


class TestSetLanguage:
    def test_switches_the_page(self, client: Client) -> None:
        client.post("/language/", {"language": "en", "next": "/"})

        assert '<html lang="en"' in client.get("/").content.decode()


class TestHeaders:
    def test_forbid_everything_that_is_not_ours(self, client: Client) -> None:
        policy = dict(part.strip().split(" ", 1) for part in client.get("/")["Content-Security-Policy"].split(";"))

        assert policy == {
            "default-src": "'self'",
            "img-src": "'self' data:",
            "style-src": "'self'",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X-Frame-Options", "DENY"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ],
    )
    def test_are_on_every_page(self, client: Client, name: str, value: str) -> None:
        assert client.get("/")[name] == value
        assert client.get("/nothing-here/")[name] == value

    def test_ask_the_browser_for_no_device(self, client: Client) -> None:
        assert "geolocation=()" in client.get("/")["Permissions-Policy"]


class TestErrorPages:
    @pytest.mark.parametrize(("language", "heading"), [("zh-hans", "没有找到"), ("en", "Not found")])
    def test_404_speaks_the_readers_language(self, client: Client, language: str, heading: str) -> None:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

        response = client.get("/nothing-here/")

        assert response.status_code == 404
        assert f"<h1>{heading}</h1>" in response.content.decode()

    def test_a_form_without_its_token_is_refused_kindly(self) -> None:
        response = Client(enforce_csrf_checks=True).post("/type-size/", {"size": "large"})

        assert response.status_code == 403
        assert "<h1>页面已过期</h1>" in response.content.decode()

    @pytest.mark.parametrize("path", ["/nothing-here/", "/"])
    def test_show_both_hotlines(self, client: Client, path: str) -> None:
        page = client.get(path).content.decode()

        assert "95598" in page
        assert "12398" in page


class TestInstallation:
    def test_of_a_test_is_marked_on_every_page(self, client: Client) -> None:
        assert "测试系统" in client.get("/").content.decode()
