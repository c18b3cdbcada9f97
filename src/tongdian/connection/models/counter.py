"""Serving somebody at a counter: with whose consent a clerk may write for whom, and for how long."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongdian.people.models import Organisation, tracked


@tracked
class CounterVisit(models.Model):
    """One customer before one clerk. While it is open the clerk writes the customer's drafts and does their acts.

    An identity document is looked at and never copied: the row says of which kind it was, not what stood in it.
    """

    class Consent(models.TextChoices):
        PRESENT = "present", _("本人在场")
        CODE = "code", _("本人手机验证码")

    class Seen(models.TextChoices):
        RESIDENT = "resident", _("居民身份证")
        LICENCE = "licence", _("营业执照")
        OTHER = "other", _("其他有效证件")
        NONE = "none", _("未查看证件")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    consent = models.CharField(max_length=8, choices=Consent)
    seen = models.CharField(max_length=8, choices=Seen)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta:
        ordering = ["-opened_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="counter_visit_closes_after_opening", condition=models.Q(closes_at__gte=models.F("opened_at"))
            ),
            models.CheckConstraint(
                name="counter_visit_consent_proven", condition=models.Q(consent="code") | ~models.Q(seen="none")
            ),
        ]
        indexes = [models.Index(fields=["clerk", "closes_at"], name="counter_visit_by_clerk")]

    def __str__(self) -> str:
        return str(self.id)
