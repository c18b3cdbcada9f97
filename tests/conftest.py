import os

import pytest

# Tests own their database: they migrate it and probe what the application role may not do.
os.environ.setdefault("TONGDIAN_AS_OWNER", "1")
# Sign-in of staff in tests is the password alone; the tests of the second factor ask for it.
os.environ.setdefault("TONGDIAN_REQUIRE_TOTP", "0")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Found the test database's installation once: without it nothing can be appended to a timeline."""
    # Models can be imported only once pytest-django has set Django up.
    from tongdian.case.models import Installation  # noqa: PLC0415
    from tongdian.case.operations import found_installation  # noqa: PLC0415

    with django_db_blocker.unblock():
        if not Installation.objects.exists():
            found_installation(kind="test")
