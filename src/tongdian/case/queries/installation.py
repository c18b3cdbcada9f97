"""Reads of the installation's one row, and of what every page that judges cases needs to know first."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tongdian.case.models import CalendarNotice, Installation
from tongdian.case.queries.calendar import calendar
from tongdian.case.queries.timeline import NotFounded
from tongdian.kernel.calendar import WorkingCalendar

_STATE = f"""
SELECT clock_timestamp() + s * interval '1 second', (SELECT kind FROM {Installation._meta.db_table} LIMIT 1),
    (SELECT count(*) FROM {CalendarNotice._meta.db_table} WHERE confirmed_at IS NOT NULL)
FROM (SELECT case_clock_offset_s()) AS o (s)
"""  # noqa: S608 - the table names are ours


@dataclass(frozen=True)
class State:
    """The installation's clock, what it is for, the calendar in force."""

    now: datetime
    kind: str
    calendar: WorkingCalendar


def installation_kind() -> str:
    """Return what this database is for (production, demonstration, test), "" before it is founded. Causes a query."""
    return Installation.objects.values_list("kind", flat=True).order_by("pk").first() or ""


def installation_state() -> State:
    """Return clock, kind and calendar together. Causes one query, two when holiday notices were entered.

    Raises NotFounded when the database has no installation row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        now, kind, confirmed = cursor.fetchone()
    if now is None:
        raise NotFounded
    return State(now, kind, calendar(confirmed=confirmed))
