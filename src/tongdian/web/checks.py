"""What a production start refuses. `TONGDIAN_PRODUCTION=1` says that it is one; see docs/howto/production.md."""

import os
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from tongdian.case.queries.installation import installation_kind

TAG = "production"
LOCAL = {"localhost", "127.0.0.1", "::1"}


class UnsafeStart(ImproperlyConfigured):
    def __init__(self, errors: Sequence[CheckMessage]) -> None:
        super().__init__("production start refused:\n" + "\n".join(f"  {error.id}: {error.msg}" for error in errors))
        self.errors = errors


def require_safe_start() -> None:
    """Refuse to serve a production installation that is not fit for it; causes queries. Other starts pass.

    Raises UnsafeStart naming everything that is wrong, not only the first.
    """
    if not settings.PRODUCTION:
        return
    if errors := unfit_for_production():
        raise UnsafeStart(errors)


def unfit_for_production() -> list[CheckMessage]:
    """Return every reason not to serve the public from this installation; causes queries."""
    errors = run_checks(tags=[TAG], include_deployment_checks=True, databases=["default"])
    return sorted(errors, key=lambda error: error.id or "")


@register(TAG, deploy=True)
def check_settings(app_configs: Sequence[AppConfig] | None = None, **_options: object) -> list[CheckMessage]:
    """Look at the settings and the account only; no query."""
    return [Error(message, id=f"tongdian.{number}") for number, message in _wrong_settings()]


@register(TAG, deploy=True)
def check_installation(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_options: object
) -> list[CheckMessage]:
    """Look at what the database says of itself; only when asked to read it."""
    if not databases:
        return []
    return [Error(message, id=f"tongdian.{number}") for number, message in _wrong_rows()]


def _wrong_settings() -> Iterator[tuple[str, str]]:
    owner = unquote(urlsplit(settings.DATABASE_OWNER_URL).username or "")
    if settings.DEBUG:
        yield "E001", "TONGDIAN_DEBUG is on: error pages would show settings and rows"
    if not settings.HTTPS:
        yield "E002", "TONGDIAN_HTTPS is off: name the public hosts in TONGDIAN_HOSTS and serve them over HTTPS"
    if not settings.REQUIRE_TOTP:
        yield "E003", "TONGDIAN_REQUIRE_TOTP is off: staff would sign in by password alone"
    if os.geteuid() == 0:
        yield "E004", "started as root: use an account of its own"
    if settings.DATABASE_OWNER_URL != settings.DATABASE_URL or owner == "tongdian_owner":
        yield "E005", "the web process knows the database owner's address: give it DATABASE_URL alone"
    if urlsplit(settings.SMS_URL).hostname in LOCAL:
        yield "E006", "TONGDIAN_SMS_URL names this machine: that is the stand-in, no message would reach anyone"
    for provider in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
        if urlsplit(provider["settings"]["server_url"]).hostname in LOCAL:
            yield "E008", f"identity provider {provider['provider_id']!r} is on this machine: that is the stand-in"


def _wrong_rows() -> Iterator[tuple[str, str]]:
    if (kind := installation_kind()) != "production":
        yield (
            "E007",
            f"this database was founded as {kind or 'nothing yet'}: the passwords of a demonstration are public, "
            "only one founded as production may be served",
        )
