"""Queue the messages of a sweep: immediate ones by the reminder's identity, within what each person wishes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import override

from tongdian.gateway.models import Message
from tongdian.gateway.operations import Outgoing, queue_messages
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.oversight import rules
from tongdian.oversight.models import NoticePreference, Reminder, Sweep
from tongdian.oversight.queries import book
from tongdian.people.models import User
from tongdian.ui import formats
from tongdian.ui.hotlines import hotlines_on

# What is immediate is of no use a day later.
HOLDS_FOR = timedelta(days=1)
BATCH = 2000


@dataclass(frozen=True)
class Reach:
    """How one person can be reached by message; phone None: not at all."""

    phone: str | None
    has_digest: bool


def queue_immediate(
    sweep: Sweep, *, now: datetime, calendar: WorkingCalendar, summarised: Collection[int] = frozenset()
) -> int:
    """Queue a message for each immediate reminder of a sweep whose recipient wants one; return how many.

    At night it waits for the morning if the person has quiet hours; staff who get a digest are told outside working
    time by the next digest instead. `summarised` are those whose digest of this sweep has told them already.
    """
    reminders = Reminder.objects.filter(sweep=sweep, is_immediate=True).exclude(recipient__in=summarised)
    wishes = preferences(reminders.values_list("recipient", flat=True).distinct())
    hours = book.hours(local(sweep.as_of).date())
    told = reminders.select_related("case", "recipient").order_by("id").iterator(BATCH)
    outgoing = _messages(told, wishes, hours, calendar, now)
    return queue_messages(outgoing, channel=Message.Channel.SMS)


def preferences(users: Iterable[int]) -> dict[int, NoticePreference]:
    """Return the wishes of users by id. Causes one query."""
    return {each.user_id: each for each in NoticePreference.objects.filter(user__in=users)}


def reach_of(user: User, wish: NoticePreference | None) -> Reach:
    """Say how a person can be reached: the public by the phone of the account, staff by that for messages."""
    if user.kind == User.Kind.STAFF:
        phone = wish.work_phone if wish else None
        has_digest = wish.wants_digest if wish else True
    else:
        phone, has_digest = user.phone, False
    return Reach(phone if user.contact_by == User.ContactBy.SMS else None, has_digest)


def sent_from(user: User, moment: datetime, hours: rules.Hours) -> datetime:
    """Return when a message may go out: now, or after the person's quiet hours."""
    return rules.awake_from(local(moment), hours) if user.has_quiet_hours else moment


def local(moment: datetime) -> datetime:
    """Return an instant in the time of the place where cases are judged."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE))


def _messages(
    reminders: Iterator[Reminder],
    wishes: Mapping[int, NoticePreference],
    hours: rules.Hours,
    calendar: WorkingCalendar,
    now: datetime,
) -> Iterator[Outgoing]:
    for reminder in reminders:
        reach = reach_of(reminder.recipient, wishes.get(reminder.recipient_id))
        waits = rules.goes_with_digest(local(now), hours, calendar, has_digest=reach.has_digest)
        if reach.phone and not waits:
            yield _message(reminder, reach.phone, sent_from(reminder.recipient, now, hours))


def _message(reminder: Reminder, phone: str, not_before: datetime) -> Outgoing:
    language = reminder.recipient.language
    who = "applicant" if reminder.audience == rules.APPLICANT else "staff"
    facts = {"rule": book.title(reminder.rule, language), "number": str(reminder.case)}
    if reminder.due_date:
        with override(language):
            facts["due"] = formats.short_day(reminder.due_date)
    if who == "applicant":
        lines = hotlines_on(local(reminder.raised_at).date())
        facts |= {"supply": lines.supply, "regulator": lines.regulator}
    return Outgoing(
        key=reminder.identity,
        address=phone,
        template=f"oversight.{who}{'_due' if reminder.due_date else ''}",
        parameters=facts,
        language=language,
        not_before=not_before,
        expires_at=not_before + HOLDS_FOR,
    )
