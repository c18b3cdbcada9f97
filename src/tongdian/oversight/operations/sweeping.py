"""The sweep: look at every open case by every rule, settle what is over, raise what is new, tell who is to be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from tongdian.case.queries import alerts
from tongdian.case.queries import calendar as working_calendar
from tongdian.case.queries.clock import local_date
from tongdian.kernel.calendar import WorkingCalendar
from tongdian.oversight import rules
from tongdian.oversight.models import Reminder, Sweep
from tongdian.oversight.operations.digests import write_digests
from tongdian.oversight.operations.messages import queue_immediate
from tongdian.oversight.operations.reminding import raise_reminders, settle
from tongdian.oversight.queries import book
from tongdian.oversight.queries.found import rows_of
from tongdian.oversight.queries.recipients import directory
from tongdian.policy import current_book

# Arbitrary but fixed: two sweeps of one database take turns on it.
SWEEP_LOCK = 0x616C6572


def sweep(*, as_of: datetime, now: datetime) -> Sweep:
    """Bring every reminder up to date in one transaction, and return what came of it.

    as_of: the installation's clock, by which cases are judged. now: the clock on the wall, by which messages are sent
    and people sleep. The number of statements depends on the rules of the book, not on the number of cases.

    Raises rules.InvalidRule when a rule of the book cannot be carried out; CalendarEnds when the calendar does not
    reach far enough; NoRuling when the book says nothing on hours. Nothing is kept then.
    """
    calendar = working_calendar()
    in_force = book.alert_rules(local_date(as_of))
    with transaction.atomic():
        _take_turns()
        run = Sweep.objects.create(
            as_of=as_of, swept_at=now, policy_digest=current_book().digest, calendar_version=calendar.version
        )
        run.settled = _settle_withdrawn(in_force, as_of)
        _remind(in_force, run, calendar)
        summarised, messages = write_digests(as_of=as_of, now=now, calendar=calendar)
        run.digests = len(summarised)
        run.messages = messages + queue_immediate(run, now=now, calendar=calendar, summarised=summarised)
        run.save()
    return run


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWEEP_LOCK])


def _settle_withdrawn(in_force: Sequence[rules.AlertRule], now: datetime) -> int:
    gone = Reminder.objects.filter(settled_at=None).exclude(rule__in=[rule.name for rule in in_force])
    return gone.update(settled_at=now, settled_because=Reminder.Because.RULE_WITHDRAWN)


def _remind(in_force: Sequence[rules.AlertRule], run: Sweep, calendar: WorkingCalendar) -> None:
    today = local_date(run.as_of)
    places, chain = alerts.open_places(), book.chain(today)
    told = directory(_roles(in_force) | set(chain), places, on=today)
    since = run.as_of - timedelta(hours=book.news_hours(today))
    for rule in in_force:
        windows = rules.windows(rule, today=today, calendar=calendar)
        rows = rows_of(rule, since=since)
        if not rule.is_news:
            run.settled += settle(rule, rows, windows=windows, now=run.as_of)
        run.raised += raise_reminders(
            rule, rows, windows=windows, directory=told, chain=chain, places=places, sweep=run, now=run.as_of
        )


def _roles(in_force: Sequence[rules.AlertRule]) -> set[str]:
    told = {audience for rule in in_force for step in rule.steps for audience in step.audiences}
    return told - {rules.ASSIGNEE, rules.APPLICANT}
