"""Load the demonstration: two years of cases in the order of their events, while the installation's clock moves on.

Nothing is written but by operations. Fifty steps share a transaction, so a stop at any moment leaves whole cases.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from tongdian.case.operations import found_installation, move_clock_to, set_clock
from tongdian.case.operations.deadlines import keep_calendar
from tongdian.case.operations.sealing import seal
from tongdian.case.queries import calendar
from tongdian.case.queries.clock import local_date
from tongdian.case.queries.installation import installation_kind
from tongdian.connection import queries, rules
from tongdian.demo import dating, identities, province, sign_ins, state
from tongdian.demo.acts import Folder
from tongdian.demo.answers import answers
from tongdian.demo.courses import Limits
from tongdian.demo.plan import SCRIPTED_PEOPLE, Planned, plan
from tongdian.demo.province import HOME_CITY, INCREMENTAL_COUNTY, Province
from tongdian.demo.replay import Happening, Progress, replay
from tongdian.demo.sign_ins import LOADED, SignIn
from tongdian.gateway import jobs
from tongdian.gateway.log_keys import signing_keys
from tongdian.kernel.divisions import PROVINCE
from tongdian.people.models import User
from tongdian.people.operations import person_for_phone
from tongdian.policy import packaged_book

STARTED, STOPPED = "demonstration: history begins", "demonstration: interrupted"
BEFORE_FIRST_EVENT = timedelta(days=1)


class AlreadyLoaded(RuntimeError):
    """The demonstration is there; a second one would be mixed into it."""

    def __init__(self, contents: state.Contents) -> None:
        super().__init__(f"the demonstration is already here: {contents.cases} cases, {contents.events} events")
        self.contents = contents


def load(
    count: int,
    *,
    seed: int,
    now: datetime,
    home: Path,
    on_progress: Callable[[Progress], None],
    processes: int = 1,
) -> state.Contents:
    """Found the database as a demonstration if nobody has, and fill it with cases up to now.

    The same seed gives the same firms and statuses; dates follow `now`. Sign-ins are kept in a file under `home`.

    Raises AlreadyLoaded; state.NotADemonstration; state.Interrupted; ValueError when count is below plan.FEWEST.
    """
    if there := state.contents():
        raise AlreadyLoaded(there)
    if not installation_kind():
        found_installation(kind=state.KIND)
    with _clock_of_its_own(), _fast_commits():
        past = dating.past(now, zone=ZoneInfo(settings.TIME_ZONE), calendar=calendar())
        begins = past.opening(past.days[0]) - BEFORE_FIRST_EVENT
        move_clock_to(begins, reason=STARTED)
        password = sign_ins.new_password()
        founded = province.found(password=password, now=begins, on=local_date(now))
        keep_calendar(calendar())
        replay(_agenda(count, seed, past, founded), on_progress, processes=processes)
    sign_ins.keep((*founded.sign_ins, *_people()), home=home)
    seal(signing_keys())
    # The month that has ended is published by the first worker, not by who waits for the loading.
    jobs.enqueue("disclosure.publish_month")
    return state.counted()


@contextmanager
def _clock_of_its_own() -> Iterator[None]:
    """Whatever happens, live use goes on in real time afterwards; only a whole loading says that it is whole."""
    try:
        yield
    except BaseException:
        set_clock(timedelta(), reason=STOPPED)
        raise
    set_clock(timedelta(), reason=LOADED)


@contextmanager
def _fast_commits() -> Iterator[None]:
    """Don't wait for the disk after each event: a power cut here costs a demonstration, nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def _agenda(count: int, seed: int, past: dating.Past, founded: Province) -> list[Happening]:
    """Plan every case and put all their events into one line of time."""
    on = local_date(past.now)
    limits = {name: _limits(name, past) for name in rules.CUSTOMER_CLASSES}
    cases = plan(count, seed=seed, limits=limits, on=on, home_city=HOME_CITY, incremental_county=INCREMENTAL_COUNTY)
    people: dict[int, User] = {}
    folders: dict[int, Folder] = {}
    starts: dict[int, date] = {}
    spans: dict[int, tuple[datetime, datetime]] = {}
    happenings = []
    # Backwards: a case that was withdrawn ends before the one that takes it up again.
    for case in reversed(cases):
        moments = dating.moments(case.course, within=past, rng=case.rng, before=starts.get(case.serial))
        spans[case.serial] = (moments[0], moments[-1])
        if case.predecessor:
            starts[case.predecessor] = moments[0].date()
        folder = folders[case.serial] = _folder(case, founded, people, since=past.opening(past.days[0]))
        happenings += [Happening(at, folder, step) for at, step in zip(moments, case.course.steps, strict=True)]
    for case in cases:
        # Where the past begins nothing fits before: such a case takes up no other.
        if case.predecessor and spans[case.predecessor][1] < spans[case.serial][0]:
            folders[case.serial].predecessor = folders[case.predecessor]
    return sorted(happenings, key=lambda each: (each.at, each.folder.serial))


def _limits(customer_class: str, past: dating.Past) -> Limits:
    on, book = local_date(past.now), packaged_book()
    stages = queries.stages(customer_class, on=on, county_code=PROVINCE)
    ids = {stage: f"connection.stage_limit.{customer_class}.{stage}" for stage in stages}
    return {stage: int(book.lookup(id_, on=on, place=PROVINCE).value) for stage, id_ in ids.items()}


def _folder(case: Planned, founded: Province, people: dict[int, User], *, since: datetime) -> Folder:
    phone = identities.phone(case.person)
    if case.person not in people:
        people[case.person] = person_for_phone(phone, language="zh-hans", now=since)
    given = answers(
        case.person,
        customer_class=case.course.customer_class,
        county_code=case.county_code,
        phone=phone,
        rng=case.rng,
    )
    asks_for_more = any(step.event == "application.deficiency_notified" for step in case.course.steps)
    return Folder(
        serial=case.serial,
        answers=given,
        applicant=people[case.person],
        team=founded.team(case.county_code),
        rng=case.rng,
        prints_contract=case.person <= SCRIPTED_PEOPLE,
        hands_in_all=not asks_for_more,
    )


def _people() -> tuple[SignIn, ...]:
    return (SignIn("用电申请人", "Applicant", identities.phone(1)),)
