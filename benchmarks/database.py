"""A database of its own for cases that write: made from the migrations, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from tongdian.web.database import database_in_use


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make a founded test installation and point Django, here and in child processes, to it; yield its address.

    The server is the one of DATABASE_OWNER_URL, or the embedded one. Its settings decide what a commit costs.
    """
    with database_in_use(as_owner=True) as urls:
        from django.core.management import call_command
        from django.db import connection

        from tongdian.case.operations import found_installation

        name = f"bench_{uuid4().hex[:12]}"
        url = urlsplit(urls.owner)._replace(path=f"/{name}").geturl()
        _maintain(urls.owner, "CREATE DATABASE {}", name)
        kept = os.environ["DATABASE_OWNER_URL"]
        try:
            _point_to(connection, name, url)
            call_command("migrate", interactive=False, verbosity=0)
            found_installation(kind="test")
            yield url
        finally:
            _point_to(connection, urlsplit(kept).path.lstrip("/"), kept)
            _maintain(urls.owner, "DROP DATABASE {} WITH (FORCE)", name)


def _point_to(connection: object, name: str, url: str) -> None:
    connection.close()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name  # type: ignore[attr-defined]
    os.environ["DATABASE_OWNER_URL"] = url


def _maintain(url: str, statement: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
