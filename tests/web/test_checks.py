import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django.fixtures import Settings

from tongdian.web.checks import UnsafeStart, check_installation, check_settings, require_safe_start

pytestmark = pytest.mark.django_db

STANDIN = {"provider_id": "standin", "settings": {"server_url": "http://127.0.0.1:8523"}}


@pytest.fixture
def fit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings nothing is wrong with, on an account that is not root."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    settings.PRODUCTION = settings.HTTPS = settings.REQUIRE_TOTP = True
    settings.DEBUG = False
    settings.DATABASE_URL = settings.DATABASE_OWNER_URL = "postgresql://tongdian_app@db/tongdian"
    settings.SMS_URL = "https://sms.example.com"
    return settings


class TestCheckSettings:
    def test_finds_nothing_wrong_with_a_fit_one(self, fit: Settings) -> None:
        assert check_settings() == []

    @pytest.mark.parametrize(
        ("name", "value", "number"),
        [
            ("DEBUG", True, "E001"),
            ("HTTPS", False, "E002"),
            ("REQUIRE_TOTP", False, "E003"),
            ("DATABASE_OWNER_URL", "postgresql://tongdian_owner@db/tongdian", "E005"),
            ("SMS_URL", "http://127.0.0.1:8521", "E006"),
            ("SOCIALACCOUNT_PROVIDERS", {"openid_connect": {"APPS": [STANDIN]}}, "E008"),
        ],
    )
    def test_names_what_is_wrong(self, fit: Settings, name: str, value: object, number: str) -> None:
        setattr(fit, name, value)

        assert [error.id for error in check_settings()] == [f"tongdian.{number}"]

    def test_refuses_root(self, fit: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("os.geteuid", lambda: 0)

        assert [error.id for error in check_settings()] == ["tongdian.E004"]


class TestCheckInstallation:
    def test_refuses_one_that_is_not_production(self) -> None:
        (error,) = check_installation(databases=["default"])

        assert error.id == "tongdian.E007"
        assert "founded as test" in error.msg

    def test_reads_no_row_unless_asked_to(self) -> None:
        assert check_installation(databases=None) == []


class TestRequireSafeStart:
    def test_names_everything_that_is_wrong(self, fit: Settings) -> None:
        fit.DEBUG = True

        with pytest.raises(UnsafeStart, match=r"E001[\s\S]*E007"):
            require_safe_start()

    def test_lets_other_starts_pass(self, settings: Settings) -> None:
        settings.PRODUCTION = False

        require_safe_start()


class TestManageCheck:
    def test_reports_the_same_to_django(self, fit: Settings) -> None:
        fit.DEBUG = True

        with pytest.raises(SystemCheckError, match="E001"):
            call_command("check", "--tag", "production", "--deploy")
