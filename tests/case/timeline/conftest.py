"""Cases to write events in, an attacker who owns the database, and a database of its own for committed work."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from tongdian.case.models import Case, Event
from tongdian.case.operations import append
from tongdian.people.models import Organisation, User

numbers = itertools.count(1)
KEY = Ed25519PrivateKey.from_private_bytes(b"timeline tests' key, 32 bytes :)")
PROTECTED = ("installation", "clockchange", "event", "leaf", "node", "logkey", "checkpoint", "witnessanswer")


def new_user() -> User:
    return User.objects.create(username=f"timeline-{next(numbers)}")


def new_case(opened_by: User | None = None) -> Case:
    utility, _ = Organisation.objects.get_or_create(
        code="timeline-grid", defaults={"kind": "utility", "name": "示例供电", "territory_code": "370000"}
    )
    return Case.objects.create(
        kind="connection",
        status="open",
        county_code="370102",
        utility=utility,
        opened_by=opened_by or new_user(),
        opened_at=timezone.now(),
    )


def note(case: Case, **body: object) -> Event:
    return append(case, kind="note.added", actor=None, channel="desk", body=body or {"text_id": 1})


def notes(case: Case, count: int) -> list[Event]:
    return [note(case, number=number) for number in range(count)]


@contextmanager
def attacker() -> Iterator[CursorWrapper]:
    """Somebody with the owner's rights: switches the triggers off, does the deed, switches them on again."""
    with connection.cursor() as cursor:
        _switch(cursor, "DISABLE")
        yield cursor
        _switch(cursor, "ENABLE")


def _switch(cursor: CursorWrapper, verb: str) -> None:
    # Django's foreign keys wait until commit; tables with waiting checks cannot be altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in PROTECTED:
        cursor.execute(f"ALTER TABLE case_{table} {verb} TRIGGER USER")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def case(db: None) -> Case:
    return new_case()


@pytest.fixture
def other_case(db: None) -> Case:
    return new_case()


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the test database, for work that is committed: a timeline cannot be emptied afterwards."""
    settings = connections["default"].settings_dict
    template, name = settings["NAME"], f"{settings['NAME']}_{uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        connection.close()
        _maintain(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        settings["NAME"] = name
        try:
            yield name
        finally:
            connection.close()
            settings["NAME"] = template
            _maintain(f'DROP DATABASE "{name}" WITH (FORCE)')


def _maintain(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
