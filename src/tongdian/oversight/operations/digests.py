"""Write the digest of a working morning: one for each member of staff with something open, and its message."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import override

from tongdian.gateway.models import Message
from tongdian.gateway.operations import Outgoing, queue_messages
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.oversight import rules
from tongdian.oversight.models import Digest, NoticePreference, Reminder
from tongdian.oversight.operations.messages import HOLDS_FOR, local, preferences, reach_of, sent_from
from tongdian.oversight.queries import book
from tongdian.people.models import User
from tongdian.ui import formats


@dataclass
class Summary:
    """What one person has open: cases in all, cases by rule, and the most urgent ones as the digest keeps them."""

    total: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    urgent: list[dict[str, Any]] = field(default_factory=list)


def write_digests(*, as_of: datetime, now: datetime, calendar: WorkingCalendar) -> tuple[frozenset[int], int]:
    """Write the day's digests that are due and not written yet; return whose, and how many messages they made.

    None before the hour of the book, on a day off, for the public, or for who does not want one. Causes a fixed
    number of queries.
    """
    today, hours = local(as_of).date(), book.hours(local(as_of).date())
    if not rules.is_digest_time(local(as_of), hours, calendar):
        return frozenset(), 0
    waiting = _waiting(today)
    summaries = _summaries(waiting, most=book.most_urgent(today))
    people = {user.pk: user for user in User.objects.filter(pk__in=summaries)}
    wishes = preferences(list(people))
    wanted = {pk: each for pk, each in summaries.items() if reach_of(people[pk], wishes.get(pk)).has_digest}
    Digest.objects.bulk_create(
        [
            Digest(recipient_id=pk, date=today, counts=each.counts, urgent=each.urgent, written_at=as_of)
            for pk, each in wanted.items()
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )
    outgoing = _messages(wanted, people, wishes, today=today, hours=hours, now=now)
    return frozenset(wanted), queue_messages(outgoing, channel=Message.Channel.SMS)


def _waiting(today: date) -> QuerySet[Reminder]:
    """Return what is open and belongs to members of staff who have had no digest today."""
    told = Digest.objects.filter(date=today).values("recipient")
    return Reminder.objects.filter(
        settled_at=None, is_news=False, recipient__kind=User.Kind.STAFF, recipient__is_active=True
    ).exclude(recipient__in=told)


def _summaries(waiting: QuerySet[Reminder], *, most: int) -> dict[int, Summary]:
    summaries: defaultdict[int, Summary] = defaultdict(Summary)
    by_rule = waiting.order_by().values("recipient", "rule").annotate(cases=Count("case", distinct=True))
    for row in by_rule.order_by("recipient_id", "rule"):
        summaries[row["recipient"]].counts[row["rule"]] = row["cases"]
    in_all = waiting.order_by().values_list("recipient").annotate(cases=Count("case", distinct=True))
    for recipient, cases in in_all:
        summaries[recipient].total = cases
    for recipient, case in _most_urgent(waiting, most=most):
        summaries[recipient].urgent.append(case)
    return summaries


def _most_urgent(waiting: QuerySet[Reminder], *, most: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield recipient and case, for each person the cases that are due first, each once."""
    first = F("due_date").asc(nulls_last=True)
    once = waiting.order_by("recipient_id", "case_id", first, "id").distinct("recipient_id", "case_id")
    place = Window(RowNumber(), partition_by="recipient_id", order_by=[first, "case_id"])
    ranked = Reminder.objects.filter(pk__in=once.values("pk")).annotate(place=place).filter(place__lte=most)
    rows = ranked.order_by("recipient_id", "place").values(
        "recipient", "case__number", "case__kind", "rule", "due_date", "case_id"
    )
    for row in rows:
        number = row["case__number"] or str(row["case_id"])
        due = row["due_date"].isoformat() if row["due_date"] else None
        said = {"kind": row["case__kind"], "number": number, "rule": row["rule"], "due": due}
        yield row["recipient"], {"case": str(row["case_id"]), **said}


def _messages(
    summaries: Mapping[int, Summary],
    people: Mapping[int, User],
    wishes: Mapping[int, NoticePreference],
    *,
    today: date,
    hours: rules.Hours,
    now: datetime,
) -> list[Outgoing]:
    found = []
    for pk, summary in summaries.items():
        user, phone = people[pk], reach_of(people[pk], wishes.get(pk)).phone
        if phone:
            not_before = sent_from(user, now, hours)
            found.append(
                Outgoing(
                    key=f"digest:{today}:{pk}",
                    address=phone,
                    template="oversight.digest",
                    parameters=_facts(summary, today, user.language),
                    language=user.language,
                    not_before=not_before,
                    expires_at=not_before + HOLDS_FOR,
                )
            )
    return found


def _facts(summary: Summary, today: date, language: str) -> dict[str, str]:
    counts = [f"{book.title(rule, language)} {count}" for rule, count in summary.counts.items()]
    with override(language):
        urgent = [_urgent(each, language) for each in summary.urgent]
        joint = ", " if formats.is_english() else "、"
        return {
            "day": formats.short_day(today),
            "total": str(summary.total),
            "counts": joint.join(counts),
            "urgent": joint.join(urgent),
        }


def _urgent(each: Mapping[str, Any], language: str) -> str:
    return f"{each['number']} {book.title(each['rule'], language)}"
