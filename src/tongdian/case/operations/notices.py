"""Write holiday notices: one person enters, another confirms; from then on the calendar counts by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction

from tongdian.case.models import CalendarNotice
from tongdian.case.queries.calendar import notice_of
from tongdian.gateway import jobs
from tongdian.people.models import User


class SamePerson(PermissionError):
    """A notice was to be confirmed by who entered it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"notice {number} was entered by the same person; a second one has to compare it")
        self.number = number


class AlreadyConfirmed(ValueError):
    def __init__(self, number: str) -> None:
        super().__init__(f"notice {number} is confirmed and in force; enter a later notice to change it")
        self.number = number


@dataclass(frozen=True)
class NoticeFacts:
    """A State Council notice. `days`: date, whether it is worked, holiday name; `settles`: first and last day decided
    for good, None when the notice only changes another."""

    number: str
    title: str
    address: str
    announced_date: date
    days: Sequence[tuple[date, bool, str]]
    settles: tuple[date, date] | None = None


def enter_notice(facts: NoticeFacts, *, actor: User, now: datetime) -> CalendarNotice:
    """Enter a notice; it changes nothing until it is confirmed.

    Raises NoticeContradiction when one day is both worked and off; ValueError when it sets no day; IntegrityError when
    its number is entered already.
    """
    if not facts.days:
        raise ValueError(f"notice {facts.number} sets no day")
    notice = CalendarNotice(
        number=facts.number,
        title=facts.title,
        address=facts.address,
        announced_date=facts.announced_date,
        settles_from=facts.settles[0] if facts.settles else None,
        settles_until=facts.settles[1] if facts.settles else None,
        days=[
            {"date": day.isoformat(), "is_working": is_working, "name": name} for day, is_working, name in facts.days
        ],
        entered_by=actor,
        entered_at=now,
    )
    notice_of(notice)
    with pghistory.context(actor=actor.pk, reason="notice.entered"):
        notice.save(force_insert=True)
    return notice


def confirm_notice(notice: CalendarNotice, *, actor: User, now: datetime) -> CalendarNotice:
    """Put a notice into force and order the recomputation of all open cases.

    Raises AlreadyConfirmed; SamePerson.
    """
    with transaction.atomic():
        held = CalendarNotice.objects.select_for_update().get(pk=notice.pk)
        if held.confirmed_at:
            raise AlreadyConfirmed(held.number)
        if held.entered_by_id == actor.pk:
            raise SamePerson(held.number)
        held.confirmed_by, held.confirmed_at = actor, now
        with pghistory.context(actor=actor.pk, reason="notice.confirmed"):
            held.save(update_fields=["confirmed_by", "confirmed_at"])
        jobs.enqueue("case.recompute_deadlines")
    return held


def discard_notice(notice: CalendarNotice, *, actor: User) -> None:
    """Delete a notice that was entered wrongly and never confirmed; its history stays.

    Raises AlreadyConfirmed.
    """
    with transaction.atomic():
        held = CalendarNotice.objects.select_for_update().get(pk=notice.pk)
        if held.confirmed_at:
            raise AlreadyConfirmed(held.number)
        with pghistory.context(actor=actor.pk, reason="notice.discarded"):
            held.delete()
