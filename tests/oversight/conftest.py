from collections.abc import Iterator

import pytest
from django.db import connection, connections

from support import alerts
from tongdian.case import operations
from tongdian.case.models import Installation


@pytest.fixture
def manager(db):
    """An account manager of the county and utility of these cases."""
    return alerts.manager()


@pytest.fixture
def case(manager):
    """A case with a deadline in the manager's hands."""
    return alerts.running_case(manager)


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A copy of the test database whose rows are really committed, for tests with threads."""
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}_copy" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')
        connection.settings_dict["NAME"] = f"{name}_copy"
        try:
            if not Installation.objects.exists():
                operations.found_installation(kind="test")
            yield
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = name
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}_copy" WITH (FORCE)')
