"""Courses of cases: which events come, who acts, how many working days lie between. Pure: a seed gives the same ones.

A course is first written out to the meter that turns, then cut where the case is to stand today. Low voltage signs its
contract in the moment of the application, so that no step of its own stands for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tongdian.connection.rules import TRANSITIONS

Lamp = Literal["on_track", "due_soon", "due_today", "overdue"]
# Working days of each timed stage of a class, in the order of its stages: from the policy book.
Limits = Mapping[str, int]


@dataclass(frozen=True)
class Step:
    """One event. `waits_days`: working days since the step before; `stage`: whose limit they count against, "" for the
    customer's own time; `detail`: the reason of a pause."""

    event: str
    waits_days: int
    stage: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Course:
    """What becomes of one case. `idle_days`: working days from its last event to today; None: anywhere in the past."""

    customer_class: str
    status: str
    steps: tuple[Step, ...]
    idle_days: int | None


@dataclass(frozen=True)
class _Pause:
    stage: str
    reason: str


PAUSES = (
    _Pause("scheme", "customer_request"),
    _Pause("scheme", "force_majeure"),
    _Pause("completion_inspection", "site_not_accessible"),
    _Pause("connect", "permit_pending"),
    _Pause("lv_whole", "site_not_accessible"),
    _Pause("lv_whole", "permit_pending"),
    _Pause("lv_whole", "customer_works_pending"),
)
REQUESTS = {
    "design_review": ("design.submitted", "design.approved", "design.rejected"),
    "interim_inspection": ("interim.requested", "interim.passed", "interim.failed"),
    "completion_inspection": ("completion.reported", "completion.passed", "completion.failed"),
}
# Working days a customer takes before it asks for a review: to design, to build, to finish.
CUSTOMER_DAYS = {"design_review": (4, 18), "interim_inspection": (6, 22), "completion_inspection": (3, 24)}
OPENED_BY = {
    "acceptance": {"application.submitted"},
    "scheme": {"application.accepted"},
    "design_review": {"design.submitted"},
    "interim_inspection": {"interim.requested"},
    "completion_inspection": {"completion.reported"},
    "connect": {"completion.passed", "contract.signed", "scheme.confirmed"},
    "lv_whole": {"application.accepted"},
}
WHOLE = "lv_whole"
# Where acceptance is no timed stage, as in low voltage, it takes no longer than this [working days].
ACCEPTANCE_DAYS = 1
SHARE_LATE, SHARE_PAUSED, SHARE_DEFICIENT, SHARE_FAILED, SHARE_SIGNED_LAST = 0.12, 0.08, 0.1, 0.13, 0.2
SHARE_WORKS = 0.35
LAMPS: Mapping[Lamp, int] = {"on_track": 45, "due_soon": 20, "due_today": 20, "overdue": 15}
NEEDS_FAILURE = {"rectifying": "completion_inspection"}
NEEDS_WORKS = frozenset({"in_works", "works_finished"})


def course(
    status: str,
    *,
    customer_class: str,
    limits: Limits,
    rng: Random,
    lamp: Lamp | None = None,
    is_plain: bool = False,
    share_late: float = SHARE_LATE,
) -> Course:
    """Make up the course of a case that stands in `status` today.

    lamp: how near its deadline an open case is, None for any. is_plain: without pause, failure or delay on the way.
    share_late: of the cases, how many exceed a limit.
    """
    wishes = _Wishes(status, limits, rng, share_late=0.0 if is_plain else share_late, is_plain=is_plain)
    route = tuple(wishes.route())
    at = _cut(route, status, rng)
    steps = route[: at + 1]
    if status == "withdrawn":
        steps = (*steps, Step("case.withdrawn", rng.randint(1, 2 if WHOLE in limits else 10)))
    is_closed = not TRANSITIONS[status]
    idle_days = None if is_closed else _idle_days(steps, route[at + 1], limits=limits, lamp=lamp, rng=rng)
    return Course(customer_class, status, steps, idle_days)


class _Wishes:
    """What one case meets on its way; drawn once, so that the route is written down in one go."""

    def __init__(self, status: str, limits: Limits, rng: Random, *, share_late: float, is_plain: bool) -> None:
        self.limits, self.rng = limits, rng
        share = 0.0 if is_plain else 1.0
        self.is_deficient = status == "incomplete" or (not self._is_low and rng.random() < SHARE_DEFICIENT * share)
        self.is_signed_last = rng.random() < SHARE_SIGNED_LAST * share
        self.has_works = status in NEEDS_WORKS or rng.random() < SHARE_WORKS * share
        self.failed = {stage for stage in REQUESTS if rng.random() < SHARE_FAILED * share}
        self.failed |= {NEEDS_FAILURE[status]} if status in NEEDS_FAILURE else set()
        self.late = rng.choice(list(limits)) if rng.random() < share_late else ""
        fitting = [each for each in PAUSES if limits.get(each.stage, 0) > 1 and each.stage not in self.failed]
        self.pause = rng.choice(fitting) if fitting and rng.random() < SHARE_PAUSED * share else None

    @property
    def _is_low(self) -> bool:
        return not self.limits.keys() & REQUESTS.keys()

    def route(self) -> Iterator[Step]:
        yield Step("application.submitted", 0)
        yield from self._acceptance()
        if WHOLE in self.limits:
            yield from self._whole()
            return
        yield from self._stage("scheme", "scheme.issued")
        yield Step("scheme.confirmed", self.rng.randint(1, 5))
        if not self._is_low:
            yield from self._customers_works()
        yield from self._stage("connect", "connection.energised")

    def _customers_works(self) -> Iterator[Step]:
        """The customer designs and builds, the utility reviews and inspects; the contract is signed on the way."""
        reviews = [stage for stage in self.limits if stage in REQUESTS]
        contract = [Step("contract.offered", self.rng.randint(0, 2)), Step("contract.signed", self.rng.randint(1, 4))]
        for stage in reviews[:-1]:
            yield from self._review(stage)
        if self.is_signed_last:
            yield contract[0]
            yield from self._review(reviews[-1])
            yield contract[1]
        else:
            yield from contract
            yield from self._review(reviews[-1])

    def _whole(self) -> Iterator[Step]:
        """Low voltage: one interval, with the utility's own works inside it where the net has to be extended."""
        if not self.has_works or self.limits[WHOLE] <= 1:
            yield from self._stage(WHOLE, "connection.energised")
            return
        days = self._days(WHOLE)
        yield Step("works.started", days // 3, WHOLE)
        yield Step("works.finished", days - days // 3 - days // 4, WHOLE)
        yield Step("connection.energised", days // 4, WHOLE)

    def _acceptance(self) -> Iterator[Step]:
        if "acceptance" not in self.limits:
            # The next-day product counts from the application: it is accepted the same day.
            most = ACCEPTANCE_DAYS if self.limits[WHOLE] > 1 else 0
            yield Step("application.accepted", self.rng.randint(0, most), "acceptance")
            return
        if not self.is_deficient:
            yield from self._stage("acceptance", "application.accepted")
            return
        days = self._days("acceptance")
        yield Step("application.deficiency_notified", days, "acceptance")
        yield Step("application.completed", self.rng.randint(1, 8))
        yield Step("application.accepted", 0, "acceptance")

    def _review(self, stage: str) -> Iterator[Step]:
        request, passed, failed = REQUESTS[stage]
        yield Step(request, self.rng.randint(*CUSTOMER_DAYS[stage]))
        if stage in self.failed:
            # Both attempts count against the total, so each takes half.
            yield Step(failed, self._days(stage) // 2, stage)
            yield Step(request, self.rng.randint(2, 9))
            yield Step(passed, self._days(stage) // 2, stage)
        else:
            yield from self._stage(stage, passed)

    def _stage(self, stage: str, stop: str) -> Iterator[Step]:
        days = self._days(stage)
        if self.pause and self.pause.stage == stage:
            before = days // 2
            yield Step("clock.paused", before, stage, self.pause.reason)
            yield Step("clock.resumed", self.rng.randint(2, 12))
            days -= before
        yield Step(stop, days, stage)

    def _days(self, stage: str) -> int:
        limit = self.limits[stage]
        if stage == self.late:
            return limit + self.rng.randint(1, 1 + limit // 2)
        # The day on which a pause begins or ends may count for both sides of it.
        most = limit - 1 if self.pause and self.pause.stage == stage else limit
        return self.rng.randint(most // 3, most)


def _cut(route: Sequence[Step], status: str, rng: Random) -> int:
    """Choose the step after which the case stands in the status; for a withdrawal one where it is allowed."""
    now, reached = "new", []
    for step in route:
        now = TRANSITIONS[now].get(step.event, now)
        reached.append(now)
    if status == "withdrawn":
        found = [at for at, each in enumerate(reached) if "case.withdrawn" in TRANSITIONS[each]]
    else:
        found = [at for at, each in enumerate(reached) if each == status]
    return rng.choice(found)


def _idle_days(steps: Sequence[Step], following: Step, *, limits: Limits, lamp: Lamp | None, rng: Random) -> int:
    """Return for how many working days nothing has happened: near the deadline where the utility is at work."""
    if following.event == "clock.resumed":
        return rng.randint(1, 6)
    if not following.stage:
        return rng.randint(1, 25)
    left = limits.get(following.stage, ACCEPTANCE_DAYS) - _used_days(steps, following.stage)
    chosen = lamp or rng.choices(list(LAMPS), weights=list(LAMPS.values()))[0]
    match chosen:
        case "due_today":
            return max(0, left)
        case "due_soon":
            return max(0, left - 1)
        case "overdue":
            return max(0, left + rng.randint(1, 3))
        case "on_track":
            return rng.randint(0, max(0, left - 2))


def _used_days(steps: Sequence[Step], stage: str) -> int:
    used = 0
    for step in reversed(steps):
        if step.stage == stage:
            used += step.waits_days
        if step.event in OPENED_BY[stage]:
            break
    return used
