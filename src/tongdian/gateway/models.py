"""The outbox of messages and the counters of limits."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tongdian.ui.fields import EncryptedTextField


class Message(models.Model):
    """A message to one address: written in the transaction of its cause, sent by a job.

    Address and parameters are sealed; `key` says what the message is about and stands once.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("短信")

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        UNCLEAR = "unclear", _("结果不明")
        SENT = "sent", _("已发送")
        REFUSED = "refused", _("被拒绝")
        EXPIRED = "expired", _("已过期")
        FAILED = "failed", _("发送失败")

    OPEN_STATES = (State.QUEUED, State.SENDING, State.UNCLEAR)

    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=8, choices=Channel)
    address = EncryptedTextField()
    template = models.CharField(max_length=60)
    parameters = EncryptedTextField()
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="message_open",
                condition=models.Q(state__in=["queued", "sending", "unclear"]),
            )
        ]

    def __str__(self) -> str:
        return self.key


class Counter(models.Model):
    """How often something was done in the current window; the key is a digest."""

    key = models.BinaryField(max_length=32, primary_key=True)
    window_started_at = models.DateTimeField()
    taken = models.PositiveIntegerField()

    class Meta:
        ordering = ["key"]
        indexes = [models.Index(fields=["window_started_at"], name="counter_window")]

    def __str__(self) -> str:
        return self.key.hex()
