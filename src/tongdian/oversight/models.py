"""Reminders and who was told, the sweeps that raised them, the daily digests, the wishes of each person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongdian.case.models import Case
from tongdian.ui.fields import EncryptedTextField


class Sweep(models.Model):
    """One look at every open case: as of which moment, by which rules, and what came of it."""

    as_of = models.DateTimeField()
    swept_at = models.DateTimeField()
    policy_digest = models.CharField(max_length=64)
    calendar_version = models.CharField(max_length=64)
    raised = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    digests = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.as_of}: +{self.raised} -{self.settled}"


class Reminder(models.Model):
    """One person told of one thing, once.

    What it is about is its identity: case, rule, stage instance, revision of the deadline (or the event that counts),
    step and recipient. A deadline that moves has a new revision, so it is told anew; the same is never told twice.
    It is settled with a reason when the case moves on, and never deleted. News are settled from the start: nothing
    remains to be done.
    """

    class Because(models.TextChoices):
        NEWS = "news", _("仅告知")
        CLOSED = "closed", _("办件已办结")
        DEADLINE_MOVED = "deadline_moved", _("到期日已变化")
        LAPSED = "lapsed", _("时限情形已变化")
        MOVED_ON = "moved_on", _("办件已进入下一步")
        REASSIGNED = "reassigned", _("已改由他人办理")
        RULE_WITHDRAWN = "rule_withdrawn", _("提醒规则已取消")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    stage = models.CharField(max_length=40, blank=True)
    instance = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(default=0)
    event_seq = models.PositiveBigIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    audience = models.CharField(max_length=20)
    due_date = models.DateField(null=True, blank=True)
    is_immediate = models.BooleanField()
    is_news = models.BooleanField()
    sweep = models.ForeignKey(Sweep, models.PROTECT, related_name="reminders", db_index=False)
    raised_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_because = models.CharField(max_length=16, choices=Because, blank=True)

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="reminder_identity",
                fields=["case", "rule", "stage", "instance", "revision", "event_seq", "step", "recipient"],
            ),
            models.CheckConstraint(
                name="reminder_settled_with_reason",
                condition=models.Q(settled_at=None, settled_because="")
                | models.Q(settled_at__isnull=False) & ~models.Q(settled_because=""),
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-raised_at", "-id"], name="reminder_inbox"),
            models.Index(
                fields=["recipient"],
                name="reminder_unread",
                condition=models.Q(read_at=None) & (models.Q(is_news=True) | models.Q(settled_at=None)),
            ),
            models.Index(fields=["rule"], name="reminder_open", condition=models.Q(settled_at=None)),
            models.Index(fields=["sweep"], name="reminder_immediate", condition=models.Q(is_immediate=True)),
        ]

    def __str__(self) -> str:
        return self.identity

    @property
    def identity(self) -> str:
        """Name the reminder for ever, as a text; also the key of its message."""
        version = f"{self.stage}.{self.instance}.{self.revision}" if self.stage else f"e{self.event_seq}"
        return f"alert:{self.case_id.hex}:{self.rule}:{version}:{self.step}:{self.recipient_id}"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None and (self.is_news or self.settled_at is None)


class Digest(models.Model):
    """The summary one person got on one working morning: how many cases by rule, and the most urgent ones."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    date = models.DateField()
    counts = models.JSONField()
    urgent = models.JSONField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-date", "id"]
        constraints = [models.UniqueConstraint(name="digest_once_a_day", fields=["recipient", "date"])]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.date}"


class NoticePreference(models.Model):
    """How a member of staff wants to be told; without a row the defaults hold: a digest, on this site only.

    The public's phone is in their account; staff accounts have none to sign in by, so the one for messages is here.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+")
    wants_digest = models.BooleanField(default=True)
    work_phone = EncryptedTextField(max_length=20, null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["user"]

    def __str__(self) -> str:
        return str(self.user_id)
