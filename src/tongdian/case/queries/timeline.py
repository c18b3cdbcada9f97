"""Read the timeline."""

from datetime import datetime

from django.db import connection


class NotFounded(LookupError):
    """The database has no installation row, so it has no clock and no timeline."""

    def __init__(self) -> None:
        super().__init__("this database has no installation row yet: run `tongdian installation found --kind …`")


def installation_now() -> datetime:
    """Return the installation's clock, database clock + offset. Causes one query.

    Raises NotFounded when the database has no installation row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + case_clock_offset_s() * interval '1 second'")
        moment: datetime | None = cursor.fetchone()[0]
    if moment is None:
        raise NotFounded
    return moment
