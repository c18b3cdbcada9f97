"""One act on many cases: chosen, looked at, confirmed once, and what became of each case."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.frame import Case


class BulkRun(models.Model):
    """An act on many cases.

    Its state goes one way, chosen → ready → running → done; only the step from ready to running starts any work, and it
    is taken once, so a second click or a second worker finds nothing to do.
    """

    class Act(models.TextChoices):
        ASSIGN = "assign", _("批量分派")
        NOTE = "note", _("批量备注")

    class State(models.TextChoices):
        CHOSEN = "chosen", _("已选办件")
        READY = "ready", _("待确认")
        RUNNING = "running", _("正在办理")
        DONE = "done", _("已完成")

    class Column(models.TextChoices):
        ACCOUNT = "assignee", _("客户经理")
        PROJECT = "project_manager", _("项目经理")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    act = models.CharField(max_length=8, choices=Act)
    state = models.CharField(max_length=8, choices=State, default=State.CHOSEN)
    column = models.CharField(max_length=16, choices=Column, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=500, blank=True)
    query = models.CharField(max_length=600, blank=True)
    chosen_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-chosen_at", "id"]
        indexes = [models.Index(fields=["actor", "-chosen_at"], name="case_bulk_by_actor")]
        constraints = [
            models.CheckConstraint(
                name="case_bulk_done_is_dated", condition=~Q(state="done") | Q(finished_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.id}"


class BulkRow(models.Model):
    """One case of a run: the version its preview showed, and what became of it; `event_seq` names the event."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("未办理")
        DONE = "done", _("已办理")
        REFUSED = "refused", _("未办成")

    class Reason(models.TextChoices):
        STALE = "stale", _("预览之后有变化，请重新预览")
        CLOSED = "closed", _("办件已办结")
        SAME = "same", _("已由此人负责")
        OUT_OF_REACH = "out_of_reach", _("不在您的权限范围内")
        ROLE = "role", _("所选人员在该区县没有相应角色")
        ABSENT = "absent", _("所选人员不在岗")
        ILLEGAL = "illegal", _("办件当前状态不能这样办理")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    seen_version = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    event_seq = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(name="case_bulk_row_once", fields=["run", "case"]),
            models.CheckConstraint(
                name="case_bulk_refused_says_why",
                condition=~Q(outcome="refused") | (Q(event_seq__isnull=True) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="case_bulk_done_names_its_event", condition=~Q(outcome="done") | Q(event_seq__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.outcome}"
