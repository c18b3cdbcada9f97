"""Test databases that nobody has founded yet.

A demonstration that is to last longer than one test is committed, and the timeline refuses to be emptied: it goes into
a copy of the test database, which is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections


def unfound() -> None:
    """Take away the row that says what the database is for; only its owner can, and only past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE case_installation DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM case_installation")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE case_installation ENABLE TRIGGER USER")


@contextmanager
def unfounded_copy(suffix: str) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}_{suffix}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}_{suffix}" TEMPLATE "{name}"')
    connection.settings_dict["NAME"] = f"{name}_{suffix}"
    try:
        unfound()
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}_{suffix}" WITH (FORCE)')
