"""What a person does with what they were told: read it, and say how they want to be told."""

from datetime import datetime

from django.db import transaction

from tongdian.oversight.models import NoticePreference, Reminder
from tongdian.oversight.queries.notices import UNREAD
from tongdian.people.models import User


def mark_read(user: User, reminder_id: int, *, now: datetime) -> Reminder:
    """Note that a person has read a reminder; the first time stays. Returns it with its case loaded.

    Raises Reminder.DoesNotExist when there is none of that id, or it was told to somebody else.
    """
    reminder = Reminder.objects.select_related("case").get(pk=reminder_id, recipient=user)
    if reminder.read_at is None:
        Reminder.objects.filter(pk=reminder.pk, read_at=None).update(read_at=now)
        reminder.read_at = now
    return reminder


def mark_all_read(user: User, *, now: datetime) -> int:
    """Note that a person has read everything they were told; return how many were unread."""
    return Reminder.objects.filter(UNREAD, recipient=user).update(read_at=now)


def set_preference(user: User, *, wants_digest: bool, work_phone: str, now: datetime) -> NoticePreference:
    """Keep how a member of staff wants to be told; an empty phone means on this site only."""
    with transaction.atomic():
        wish, _ = NoticePreference.objects.update_or_create(
            user=user,
            defaults={"wants_digest": wants_digest, "work_phone": work_phone or None, "changed_at": now},
        )
    return wish
