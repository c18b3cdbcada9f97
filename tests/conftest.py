"""Gives every run its database and sets Django up on it.

A database named by DATABASE_URL and DATABASE_OWNER_URL is used as it is. Without one the run starts an
embedded server of its own under var/test: once, by the process that starts the xdist workers, which inherit the
addresses and make one database each. TONGDIAN_TEST_BINARIES names the programs of another PostgreSQL for it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tongdian.web.embedded import Embedded

HOME = Path(__file__).resolve().parent.parent / "var" / "test"


def _start_server() -> Embedded | None:
    if "DATABASE_OWNER_URL" in os.environ:
        return None
    binaries = os.environ.get("TONGDIAN_TEST_BINARIES")
    home = HOME / (Path(binaries).parent.name if binaries else "embedded")
    server = Embedded(home, binaries=Path(binaries) if binaries else None, is_test=True)
    urls = server.start("a test run")
    os.environ.update(DATABASE_OWNER_URL=urls.owner, DATABASE_URL=urls.app, TONGDIAN_HOME=str(home))
    return server


_SERVER = _start_server()

# Tests own their database: they migrate it and probe what the application role may not do.
os.environ["TONGDIAN_AS_OWNER"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongdian.web.settings")
# A kept connection outlives its thread or server, and a database in use cannot be copied.
os.environ["TONGDIAN_DATABASE_KEEP_S"] = "0"

import django  # noqa: E402 - reads the addresses set above
from django.conf import settings  # noqa: E402

# The manifest is made by collectstatic, and a slow password hash proves nothing here.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Staff sign in by password alone; the tests of the second factor ask for it.
settings.REQUIRE_TOTP = False
django.setup()


def pytest_unconfigure() -> None:
    if _SERVER is not None:
        _SERVER.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Give the application role its rights on the test database, as `tongdian migrate` does, and a timeline."""
    from django.db import connection  # noqa: PLC0415

    from tongdian.case.models import Installation  # noqa: PLC0415
    from tongdian.case.operations import found_installation  # noqa: PLC0415
    from tongdian.web.grants import apply_grants  # noqa: PLC0415

    # Where every selected test is unmarked, pytest-django makes no test database and this is the real one.
    if not connection.settings_dict["NAME"].startswith("test_"):
        return
    with django_db_blocker.unblock():
        apply_grants(settings.DATABASE_APP_ROLE)
        if not Installation.objects.exists():
            found_installation(kind="test")


@pytest.fixture
def app_connection(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A connection of its own to the test database, signed in as the application role."""
    name = settings.DATABASES["default"]["NAME"]
    with psycopg.connect(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()) as connection:
        yield connection
