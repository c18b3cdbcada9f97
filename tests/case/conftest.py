from collections.abc import Iterator

import pytest
from django.db import connection, connections

from support.frame_cases import happen, new_case
from tongdian.case import operations
from tongdian.case.models import Installation


@pytest.fixture
def founded(db):
    """A test installation, so that events can be written."""
    if not Installation.objects.exists():
        operations.found_installation(kind="test")


@pytest.fixture
def case(founded):
    return new_case()


@pytest.fixture
def submitted(case):
    happen(case, "application.submitted")
    return case


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A copy of the test database whose rows are really committed, for tests with threads.

    The timeline refuses TRUNCATE, so what is committed cannot be flushed: the copy is dropped instead.
    """
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
