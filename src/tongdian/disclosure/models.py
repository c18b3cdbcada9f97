"""What was published: the versions of each month's file, and the secret its pseudonyms are made with."""

import pgtrigger
from django.db import models
from django.db.models import Q

from tongdian.ui.fields import EncryptedTextField


class MonthSecret(models.Model):
    """The secret behind the pseudonyms of one month. Once it is destroyed, nobody can lead them back, not even we."""

    month = models.DateField(primary_key=True)
    secret = EncryptedTextField(row="month", null=True)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="disclosure_secret_or_destroyed",
                condition=Q(secret__isnull=False, destroyed_at__isnull=True)
                | Q(secret__isnull=True, destroyed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class MonthFile(models.Model):
    """One version of the public file of a month; `month` is its first day. Older versions stay as they were published.

    `csv_sha256` and `json_sha256` name the two files; `changes` says what differs from the version before and why.
    `withheld` is the number of cases when there were too few to publish any.
    """

    append_only = True

    month = models.DateField()
    version = models.PositiveSmallIntegerField()
    known_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    rows = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField(default=0)
    provisional = models.PositiveIntegerField()
    least = models.PositiveSmallIntegerField()
    policy_digest = models.CharField(max_length=64)
    calendar_version = models.CharField(max_length=64)
    log_size = models.BigIntegerField(null=True)
    log_root = models.CharField(max_length=64, blank=True)
    log_key = models.CharField(max_length=8, blank=True)
    csv_sha256 = models.CharField(max_length=64)
    csv_bytes = models.PositiveBigIntegerField()
    json_sha256 = models.CharField(max_length=64)
    json_bytes = models.PositiveBigIntegerField()
    groups = models.JSONField()
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-month", "-version"]
        constraints = [models.UniqueConstraint(name="disclosure_month_version", fields=["month", "version"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} v{self.version}"
