"""What a replay says: stage instances, spans of time by owner, both clocks, verdicts and what is due next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tongdian.engine.clock.days import Deadline
from tongdian.engine.clock.definition import ClockDefinition
from tongdian.engine.clock.event import Finding

if TYPE_CHECKING:
    from tongdian.engine.clock.inheritance import Inherited

# Every word a verdict can be. no_limit: finished, and nothing to be measured against; unclear: finished, but the
# events do not prove it was on time (see the findings); withdrawn: taken back while still in time.
VERDICTS = ("not_started", "running", "on_time", "late", "withdrawn", "unclear", "no_limit")
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Hold:
    """Time inside a stage that is not the stage owner's: who holds it, why, and the days it takes out of the count."""

    owner: str
    label: str
    started_at: datetime
    stopped_at: datetime | None
    days: int


@dataclass(frozen=True, slots=True)
class StageInstance:
    """One instance of one stage. A re-review is a further instance with the next `number`.

    outcome: open, passed, failed, or cut (the case ended first). verdict: running, on_time, late, withdrawn, unclear
    or no_limit; a running instance past its deadline is late. `due` of an instance held now is as if it went on today.
    `carried_days` are those of `used_days` that a withdrawn predecessor had used; they make `due` come earlier.
    """

    stage: str
    number: int
    owner: str
    started_at: datetime
    stopped_at: datetime | None
    start_seq: int
    stop_seq: int | None
    outcome: str
    used_days: int
    is_provisional: bool
    limit_days: int | None
    due: Deadline | None
    verdict: str
    holds: tuple[Hold, ...]
    carried_days: int = 0

    @property
    def is_held(self) -> bool:
        """Whether the time is somebody else's right now."""
        return bool(self.holds) and self.stopped_at is None and self.holds[-1].stopped_at is None


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the calendar axis that belongs to one owner. `label` is a stage, a gap or a pause reason.

    The spans of a reading follow each other without gap or overlap; owner `unassigned` = nothing in the events says
    whose time it is. `days` counts in the clock's unit, `calendar_days` whole days; both add up over the spans.
    """

    owner: str
    label: str
    started_at: datetime
    stopped_at: datetime | None
    days: int
    calendar_days: int
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class OwnerDays:
    """Everything one owner held, summed over its spans."""

    days: int
    calendar_days: int
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class NextDue:
    """The nearest deadline of a stage that runs now."""

    date: date
    is_provisional: bool
    stage: str
    number: int
    owner: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A case at one moment, derived from its events alone.

    `utility_days` is the utility clock (电网环节): the sum over all instances of utility stages. `whole_days` is the
    whole clock (全过程): acceptance to energised, None before acceptance. The other day counts come from the spans.
    `verdict`: late as soon as one instance or the total is; on_time only with every instance and the total in time.
    `inherited` are the days of a withdrawn predecessor, which utility and whole days contain.
    `by_recorded` is the reading with recorded times only, `before_corrections` the one without corrections; each is
    None where it could not differ.
    """

    state: str
    verdict: str
    total_verdict: str
    as_of: datetime
    stages: tuple[StageInstance, ...]
    spans: tuple[Span, ...]
    owners: Mapping[str, OwnerDays]
    utility_days: int
    whole_days: int | None
    total_limit_days: int | None
    is_provisional: bool
    accepted_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    next_due: NextDue | None
    waiting_for: str
    findings: tuple[Finding, ...]
    is_sound: bool
    definition: ClockDefinition
    calendar_version: str
    inherited: Inherited | None = None
    by_recorded: Reading | None = None
    before_corrections: Reading | None = None

    @property
    def gaps(self) -> tuple[Span, ...]:
        """The spans that are not the utility's."""
        return tuple(span for span in self.spans if span.owner != "utility")

    @property
    def customer_days(self) -> int:
        """Days that were the customer's."""
        return self.days_of("customer")

    @property
    def agency_days(self) -> int:
        """Days that were an approving agency's."""
        return self.days_of("agency")

    @property
    def force_majeure_days(self) -> int:
        """Days lost to force majeure."""
        return self.days_of("force_majeure")

    def days_of(self, owner: str) -> int:
        """Return the days of the spans of one owner, 0 when it held none."""
        return self.owners[owner].days if owner in self.owners else 0

    def attempts(self, stage: str) -> int:
        """Return how many instances a stage has had; more than one is a re-review."""
        return sum(instance.stage == stage for instance in self.stages)

    def current(self, stage: str) -> StageInstance | None:
        """Return the last instance of a stage, None if it never started."""
        found = [instance for instance in self.stages if instance.stage == stage]
        return found[-1] if found else None
