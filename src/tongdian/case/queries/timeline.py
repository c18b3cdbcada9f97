"""Read the timeline: the installation's clock, a case's events, one event by its hash."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tongdian.case.models import Event


class NotFounded(LookupError):
    """The database has no installation row, so it has no clock and no timeline."""

    def __init__(self) -> None:
        super().__init__("this database has no installation row yet: run `tongdian installation found KIND`")


@dataclass(frozen=True)
class Clock:
    """The installation's clock: database clock + offset [s]."""

    now: datetime
    offset_s: int


def installation_clock() -> Clock:
    """Return the installation's clock with its offset. Causes one query.

    Raises NotFounded when the database has no installation row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() + s * interval '1 second', s FROM (SELECT case_clock_offset_s()) AS o (s)"
        )
        now, offset_s = cursor.fetchone()
    if now is None:
        raise NotFounded
    return Clock(now, offset_s)


def installation_now() -> datetime:
    """Return the installation's clock, database clock + offset. Causes one query.

    Raises NotFounded when the database has no installation row.
    """
    return installation_clock().now


def events(case_id: UUID) -> QuerySet[Event]:
    """Return a case's events in order; actors and organisations are loaded with them."""
    return Event.objects.filter(case_id=case_id).select_related("actor", "organisation").order_by("seq")


def event_by_hash(digest: str) -> Event | None:
    """Return the event of a hash in hex, with its case, or None when there is none or it is no hash."""
    try:
        wanted = bytes.fromhex(digest)
    except ValueError:
        return None
    return Event.objects.filter(hash=wanted).select_related("case").first()
