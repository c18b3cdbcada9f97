"""The case: frame facts only. What a kind of case knows beyond them lives in that kind's own rows."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongdian.people.models import Organisation


class Case(models.Model):
    """One matter from its opening to its end.

    `version` is the seq of the case's last event. The columns from `next_due_date` on are a cache of
    the last replay: the truth is the timeline, and any of them can be rebuilt from it.
    """

    class WaitingFor(models.TextChoices):
        UTILITY = "utility", _("供电企业")
        CUSTOMER = "customer", _("客户")
        AGENCY = "agency", _("审批部门")
        FORCE_MAJEURE = "force_majeure", _("不可抗力")
        CLOSED = "closed", _("已办结")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    status = models.CharField(max_length=40)
    customer_class = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    county_code = models.CharField(max_length=6)
    zone = models.CharField(max_length=40, blank=True)
    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    policy_digest = models.CharField(max_length=64, blank=True)
    calendar_version = models.CharField(max_length=64, blank=True)
    next_due_date = models.DateField(null=True, blank=True)
    next_is_provisional = models.BooleanField(default=False)
    next_stage = models.CharField(max_length=40, blank=True)
    waiting_for = models.CharField(max_length=16, choices=WaitingFor, default=WaitingFor.CUSTOMER)
    has_been_late = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_accepted_before_closed",
                condition=models.Q(accepted_at__isnull=True)
                | models.Q(closed_at__isnull=True)
                | models.Q(accepted_at__lte=models.F("closed_at")),
            ),
            models.CheckConstraint(name="case_county_code_form", condition=models.Q(county_code__regex=r"^37\d{4}$")),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)
