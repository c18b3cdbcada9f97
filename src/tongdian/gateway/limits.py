"""One counter for everything that must not be tried too often: codes, sign-in, submissions, look-ups.

    limits.take("code.request", phone, limit=limits.Limit(5, timedelta(hours=1)))

Counts are rows of PostgreSQL changed by a single statement, so they hold across processes and hosts. Call it before
the transaction it guards, not inside: a rolled-back transaction takes its counts back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tongdian.gateway.models import Counter
from tongdian.ui import sealing

NOW = "COALESCE(%(now)s, clock_timestamp())"
_TAKE = f"""
INSERT INTO {Counter._meta.db_table} AS counter (key, window_started_at, taken)
VALUES (%(key)s, {NOW}, 1)
ON CONFLICT (key) DO UPDATE SET
    taken = CASE WHEN counter.window_started_at <= {NOW} - %(window)s THEN 1 ELSE counter.taken + 1 END,
    window_started_at = CASE WHEN counter.window_started_at <= {NOW} - %(window)s THEN {NOW}
                             ELSE counter.window_started_at END
RETURNING taken, window_started_at
"""  # noqa: S608 - the table name is ours


@dataclass(frozen=True)
class Limit:
    """So many times within a window that begins with the first."""

    times: int
    window: timedelta


class LimitReached(RuntimeError):
    def __init__(self, what: str, limit: Limit, retry_at: datetime) -> None:
        super().__init__(f"{what}: more than {limit.times} times within {limit.window}; possible again at {retry_at}")
        self.what, self.limit, self.retry_at = what, limit, retry_at


def take(what: str, who: str, *, limit: Limit, now: datetime | None = None) -> int:
    """Count one more of `what` by `who` and return how many are left in the window.

    `who` (a phone, a user name, an address) is stored as a digest only; `now` None is the database's clock.

    Raises LimitReached when the window is already full.
    """
    values: dict[str, Any] = {"key": _key(what, who), "now": now, "window": limit.window}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken, started_at = cursor.fetchone()
    if taken > limit.times:
        raise LimitReached(what, limit, started_at + limit.window)
    return int(limit.times - taken)


def release(what: str, who: str) -> None:
    """Forget the counts of `what` by `who`, as after a right password."""
    Counter.objects.filter(key=_key(what, who)).delete()


def forget_before(oldest: datetime) -> int:
    """Delete the counters whose window began before a time and return how many."""
    return Counter.objects.filter(window_started_at__lt=oldest).delete()[0]


def _key(what: str, who: str) -> bytes:
    return sealing.digest(who, place=f"limit {what}")
