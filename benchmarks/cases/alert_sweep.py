"""A sweep of alerts over every open case, beside a loop that looks at one case after the other.

The cases lie in all counties of the province, with deadlines three weeks back to four weeks ahead; some wait for the
customer, some are paused, some are in nobody's hands. First every reminder is new, then nothing has changed. The peer
is what one writes first: for each case its deadline, its last events, the holders of the roles, then get_or_create for
each person; it is measured on a sample of the cases.
"""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from benchmarks.database import fresh_database
from benchmarks.runner import Ours, Question, Row, Size
from tongdian.kernel.calendar import packaged_calendar

if TYPE_CHECKING:
    from tongdian.case.models import Case
    from tongdian.oversight.models import Reminder

CASES = {"small": 2_000, "full": 100_000}
SAMPLE = {"small": 200, "full": 500}
SEED = 7
# Ten o'clock on a working day three weeks ahead: what begins to wait while the rows are written has waited by then.
AS_OF = datetime.combine(
    packaged_calendar().add(datetime.now(UTC).date(), 15).date, time(10), tzinfo=ZoneInfo("Asia/Shanghai")
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def run(size: Size) -> list[Row]:
    """Measure a sweep that raises everything, then one that finds nothing new."""
    with fresh_database():
        count = CASES[size]
        _fill(count)
        sample = _sample(SAMPLE[size])
        first = _question(size, f"{count:,} open cases, every reminder new").measure(lambda: _sweep(sample), repeats=1)
        note = f"{_raised():,} reminders"
        quiet = _question(size, f"{count:,} open cases, nothing new").measure(lambda: _sweep(sample), repeats=3)
        share = len(sample) / count
        return [_beside(first, sample, share, is_kept=False, note=note), _beside(quiet, sample, share, is_kept=True)]


def _question(size: Size, unit: str) -> Question:
    return Question("alert_sweep", size, unit, uses=("django", "psycopg"))


def _sweep(sample: "list[Case]") -> set[Any]:
    from tongdian.oversight.operations.sweeping import sweep

    sweep(as_of=AS_OF, now=AS_OF)
    return _identities(case.pk for case in sample)


def _beside(measured: Ours[Any], sample: "list[Case]", share: float, *, is_kept: bool, note: str = "") -> Row:
    return measured.against(
        "loop over cases", build=_loop(sample, is_kept=is_kept), same=set.__eq__, sample=share, note=note
    )


def _fill(count: int) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a repeatable mixture, not a secret
    utilities = _utilities()
    managers = _staff(utilities)
    places = [(county, utility) for county in managers for utility in utilities]
    _cases(count, chance, places, managers)


def _utilities() -> list[Any]:
    from tongdian.people.models import Organisation

    return [
        Organisation.objects.create(code=code, kind="utility", name=f"示例供电 {code}", territory_code="370000")
        for code in ("bench-grid", "bench-idc")
    ]


def _staff(utilities: list[Any]) -> dict[str, dict[int, list[int]]]:
    """Employ three account managers and a project manager per county and utility, and a supervisor at each level."""
    from tongdian.kernel.divisions import divisions
    from tongdian.people.models import Grant, Organisation, User

    bureau = Organisation.objects.create(code="bench-bureau", kind="bureau", name="示例局", territory_code="370000")
    users: list[User] = []
    grants: list[Grant] = []

    def employ(role: str, territory: str, at: Any) -> User:
        user = User(username=f"bench{len(users)}", kind="staff", organisation=at)
        users.append(user)
        grants.append(Grant(user=user, role=role, organisation=at, territory_code=territory, valid_from=LONG_AGO))
        return user

    placed: dict[str, dict[int, list[User]]] = {}
    for county in divisions(AS_OF.date(), level="county"):
        for utility in utilities:
            employ("project_manager", county.code, utility)
            managers = [employ("account_manager", county.code, utility) for _ in range(3)]
            placed.setdefault(county.code, {})[utility.pk] = managers
        employ("supervisor_county", county.code, bureau)
    for city in divisions(AS_OF.date(), level="city"):
        employ("supervisor_city", city.code, bureau)
    employ("supervisor_province", "370000", bureau)
    User.objects.bulk_create(users, batch_size=1000)
    Grant.objects.bulk_create(grants, batch_size=1000)
    return {county: {pk: [user.pk for user in some] for pk, some in of.items()} for county, of in placed.items()}


def _cases(count: int, chance: random.Random, places: list[Any], managers: dict[str, dict[int, list[int]]]) -> None:
    """Add open cases, each with a deadline in force or a wait that began with an event."""
    from django.db import connection

    from tongdian.case.models import Case, Deadline, Event
    from tongdian.case.timeline.canonical import canonical
    from tongdian.people.models import User

    actor = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    cases: list[Case] = []
    deadlines: list[Deadline] = []
    events: list[Event] = []
    for _ in range(count):
        case, happened = _case(chance, *chance.choice(places), managers, actor)
        cases.append(case)
        if case.next_due_date:
            deadlines.append(_deadline(case))
        events += [Event(case=case, kind=kind, channel="desk", body=canonical({})) for kind in happened]
    Case.objects.bulk_create(cases, batch_size=2000)
    Deadline.objects.bulk_create(deadlines, batch_size=2000)
    Event.objects.bulk_create(events, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _case(
    chance: random.Random, county: str, utility: Any, managers: dict[str, dict[int, list[int]]], actor: int
) -> "tuple[Case, list[str]]":
    from tongdian.case.models import Case

    case = Case(
        kind="connection", customer_class="hv10_single", county_code=county, utility=utility, opened_by_id=actor,
        opened_at=AS_OF - timedelta(days=60), applicant_id=actor, title="示例",
    )  # fmt: skip
    happened, lot = ["application.submitted"], chance.random()
    if lot > 0.1:
        case.assignee_id = chance.choice(managers[county][utility.pk])
        happened.append("application.accepted")
    if lot < 0.7:
        case.status, case.waiting_for, case.next_stage = "accepted", "utility", "scheme"
        case.next_due_date = AS_OF.date() + timedelta(days=chance.randrange(-21, 28))
    else:
        case.status, case.waiting_for = "scheme_issued", "customer"
        happened.append("clock.paused" if lot > 0.95 else "scheme.issued")
    return case, happened


def _deadline(case: "Case") -> Any:
    from tongdian.case.models import Deadline

    return Deadline(
        case=case, stage=case.next_stage, instance=1, revision=1, owner="utility", started_at=case.opened_at,
        limit_days=11, due_date=case.next_due_date, is_provisional=False, event_seq=1, computed_at=case.opened_at,
    )  # fmt: skip


def _sample(size: int) -> "list[Case]":
    from tongdian.case.models import Case

    return random.Random(SEED).sample(list(Case.objects.order_by("county_code", "pk")), size)  # noqa: S311 - repeatable


def _raised() -> int:
    from tongdian.oversight.models import Reminder

    return Reminder.objects.count()


def _identities(case_ids: Iterable[Any]) -> set[Any]:
    from tongdian.oversight.models import Reminder

    found = Reminder.objects.filter(case__in=list(case_ids))
    return {_identity(each) for each in found}


def _identity(reminder: "Reminder") -> tuple[Any, ...]:
    return (reminder.case_id, reminder.rule, reminder.stage, reminder.event_seq, reminder.step, reminder.recipient_id)


def _loop(sample: "list[Case]", *, is_kept: bool) -> Callable[[], Callable[[], set[Any]]]:
    """Build the peer; what it writes is taken back, so that it meets the same rows whenever it runs."""

    def build() -> Callable[[], set[Any]]:
        from django.db import transaction

        from benchmarks.alert_loop import remind
        from tongdian.oversight.models import Reminder

        def loop() -> set[Any]:
            with transaction.atomic():
                if not is_kept:
                    Reminder.objects.filter(case__in=[case.pk for case in sample]).delete()
                found = {_identity(reminder) for case in sample for reminder in remind(case, as_of=AS_OF)}
                transaction.set_rollback(True)
            return found

        return loop

    return build
