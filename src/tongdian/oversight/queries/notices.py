"""Read what one person was told."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from tongdian.oversight.models import Digest, NoticePreference, Reminder, Sweep
from tongdian.people.models import User

UNREAD = Q(read_at=None) & (Q(is_news=True) | Q(settled_at=None))
MOST_COUNTED = 100


def inbox(user: User, *, show: str = "", rule: str = "") -> QuerySet[Reminder]:
    """Return a person's reminders, the newest sweep first and in it the earliest deadline, with the case loaded.

    show: `open` keeps what still has to be done, `unread` what was not read; anything else keeps all.
    """
    rows = Reminder.objects.filter(recipient=user).select_related("case", "in_place_of")
    if rule:
        rows = rows.filter(rule=rule)
    if show == "open":
        rows = rows.filter(settled_at=None)
    elif show == "unread":
        rows = rows.filter(UNREAD)
    return rows.order_by("-raised_at", F("due_date").asc(nulls_last=True), "-id")


def unread_count(user: User) -> int:
    """Count what a person has not read, up to 100: a header says 99+ beyond that. Causes one query."""
    return Reminder.objects.filter(UNREAD, recipient=user).order_by()[:MOST_COUNTED].count()


def open_counts(user: User) -> dict[str, int]:
    """Count a person's open cases by rule. Causes one query."""
    rows = Reminder.objects.filter(recipient=user, settled_at=None).order_by()
    counted = rows.values("rule").annotate(cases=Count("case", distinct=True)).order_by("-cases", "rule")
    return {row["rule"]: row["cases"] for row in counted}


def rules_told(user: User) -> list[str]:
    """List the rules by which a person was ever told something. Causes one query."""
    return list(Reminder.objects.filter(recipient=user).order_by("rule").values_list("rule", flat=True).distinct())


def digest_of(user: User, on: date) -> Digest | None:
    """Return a person's digest of a day, None when there is none. Causes one query."""
    return Digest.objects.filter(recipient=user, date=on).first()


def preference_facts(user: User) -> dict[str, Any]:
    """Return how a member of staff wants to be told, or the defaults. Causes one query."""
    wish = NoticePreference.objects.filter(user=user).first() or NoticePreference(user=user)
    return {"wants_digest": wish.wants_digest, "work_phone": wish.work_phone or ""}


def last_sweep() -> Sweep | None:
    """Return the latest sweep, None before the first. Causes one query."""
    return Sweep.objects.order_by("-id").first()
