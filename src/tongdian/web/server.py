"""What the database server says of itself."""

from dataclasses import dataclass

from django.db import connection

_STATE = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::int
"""


@dataclass(frozen=True)
class DatabaseState:
    """Version, size of this database, and connections of all databases against the most there may be."""

    version: str
    size_bytes: int
    connections: int
    max_connections: int


def database_state() -> DatabaseState:
    """Ask the server; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        version, *numbers = cursor.fetchone()
    return DatabaseState(version.split(" ")[0], *numbers)
