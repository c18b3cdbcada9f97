"""Reads of the outbox."""

from datetime import datetime

from django.db.models import Min, Q

from tongdian.gateway.models import Message


def due_messages(now: datetime, *, at_most: int = 500) -> list[int]:
    """List the ids of messages that could be sent now, the longest waiting first; one query."""
    return list(
        Message.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), state__in=Message.OPEN_STATES)
        .filter(not_before__lte=now)
        .order_by("not_before", "id")
        .values_list("id", flat=True)[:at_most]
    )


def oldest_unsent(now: datetime) -> datetime | None:
    """Find since when the oldest due message waits, None when nothing waits; for the health page."""
    waiting = Message.objects.filter(state__in=Message.OPEN_STATES, not_before__lte=now)
    oldest: datetime | None = waiting.aggregate(oldest=Min("not_before"))["oldest"]
    return oldest
