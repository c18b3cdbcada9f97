"""What the components show. Matters build these values; the templates only lay them out.

Words are given already translated (or lazily); days and instants as `date` and aware `datetime`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongdian.kernel.calendar import DayStep

Words = str | Promise
StageState = Literal["done", "late", "current", "overdue", "waiting", "future"]
Owner = Literal["utility", "customer", "agency", "force_majeure"]
LampColour = Literal["on_track", "due_soon", "overdue", "waiting"]

STAGE_WORDS: dict[str, Words] = {
    "done": _("已完成"),
    "late": _("超期完成"),
    "current": _("进行中"),
    "overdue": _("已超期"),
    "waiting": _("等待中"),
    "future": _("未开始"),
}
OWNER_WORDS: dict[str, Words] = {
    "utility": _("供电企业办理"),
    "customer": _("等待客户"),
    "agency": _("等待审批部门"),
    "force_majeure": _("不可抗力"),
}
LAMP_WORDS: dict[str, Words] = {
    "on_track": _("正常"),
    "due_soon": _("临期"),
    "overdue": _("超期"),
    "waiting": _("等待他方"),
}


@dataclass(frozen=True)
class Stage:
    """One stage of the stage bar; `due_date` is that of the running instance, `attempts` counts instances.

    `limit_url` leads to the rule behind the limit; `is_calendar` says that its days are calendar days.
    """

    title: Words
    state: StageState
    owner: Owner = "utility"
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    due_date: date | None = None
    is_provisional: bool = False
    used_days: int | None = None
    limit_days: int | None = None
    attempts: int = 1
    url: str = ""
    limit_url: str = ""
    is_calendar: bool = False

    @property
    def word(self) -> Words:
        return STAGE_WORDS[self.state]


@dataclass(frozen=True)
class Wait:
    """A pause or gap: whose time it was, why, from when until when (None = still open)."""

    owner: Owner
    reason: Words
    started_at: datetime
    stopped_at: datetime | None = None
    days: int | None = None
    url: str = ""

    @property
    def owner_word(self) -> Words:
        return OWNER_WORDS[self.owner]


@dataclass(frozen=True)
class Clock:
    """The clock panel: working days by owner, the whole time, the next due date and how it came about.

    `owner` is whose turn it is now; None when the case is closed. `clause` cites the limit behind the due date.
    `calendar` is the working of the due date as `WorkingCalendar.explain` gives it. `limit_url` leads to the rule of
    the whole limit, `clause_url` to that of the clause; `is_calendar` says that the days are calendar days.
    """

    utility_days: int
    limit_days: int | None = None
    customer_days: int = 0
    agency_days: int = 0
    force_majeure_days: int = 0
    whole_days: int | None = None
    owner: Owner | None = None
    lamp: LampColour | None = None
    due_date: date | None = None
    due_ordinal: int | None = None
    is_provisional: bool = False
    waits: Sequence[Wait] = ()
    calendar: Sequence[DayStep] = ()
    calendar_version: str = ""
    clause: Words = ""
    as_of: datetime | None = None
    limit_url: str = ""
    clause_url: str = ""
    is_calendar: bool = False

    @property
    def shares(self) -> list[tuple[str, Words, int]]:
        """Owner, word and days of those whose time is part of this case; the utility is always named."""
        days = {
            "utility": self.utility_days,
            "customer": self.customer_days,
            "agency": self.agency_days,
            "force_majeure": self.force_majeure_days,
        }
        return [(owner, OWNER_WORDS[owner], n) for owner, n in days.items() if n or owner != "force_majeure"]

    @property
    def bar(self) -> list[tuple[str, str, str]]:
        """Owner, left edge and width of each part of the share bar, as SVG percentages; empty before day one."""
        total = sum(days for _owner, _word, days in self.shares)
        parts, left = [], 0.0
        for owner, _word, days in self.shares:
            width = 100 * days / total if total else 0.0
            if width:
                parts.append((owner, f"{left:.2f}%", f"{width:.2f}%"))
            left += width
        return parts

    @property
    def owner_word(self) -> Words:
        return OWNER_WORDS[self.owner] if self.owner else ""


@dataclass(frozen=True)
class TimelineEntry:
    """One event: what, who by role, through which channel, and both times.

    `occurred_at` is shown only where it differs from `recorded_at`; `corrected_by` is the seq of a later correction.
    """

    seq: int
    title: Words
    actor: Words
    recorded_at: datetime
    channel: Words = ""
    occurred_at: datetime | None = None
    detail: Words = ""
    event_hash: str = ""
    url: str = ""
    corrects: int | None = None
    corrected_by: int | None = None

    @property
    def short_hash(self) -> str:
        return self.event_hash[:12]


@dataclass(frozen=True)
class SummaryRow:
    """One answer of a check page; `change_url` leads back to the question."""

    label: Words
    value: Words
    change_url: str = ""
    note: Words = ""


@dataclass(frozen=True)
class Task:
    """One line of a task list; without a url it cannot be started yet."""

    title: Words
    status: Literal["done", "todo", "started", "blocked", "error"]
    url: str = ""
    hint: Words = ""

    @property
    def word(self) -> Words:
        return TASK_WORDS[self.status]


TASK_WORDS: dict[str, Words] = {
    "done": _("已完成"),
    "todo": _("待填写"),
    "started": _("填写中"),
    "blocked": _("暂不能开始"),
    "error": _("需要改正"),
}


@dataclass(frozen=True)
class Tab:
    label: Words
    url: str
    is_current: bool = False
    count: int | str | None = None


@dataclass(frozen=True)
class Change:
    """What somebody else changed while this form was open."""

    actor: Words
    what: Words
    changed_at: datetime


@dataclass(frozen=True)
class Figure:
    """A big number with its small label, unit and the evidence behind it."""

    value: Words | int
    label: Words
    unit: Words = ""
    note: Words = ""
    url: str = ""
