"""What was found each time the whole timeline was proven."""

import pgtrigger
from django.db import models


class Verification(models.Model):
    """One proof of the whole timeline: how much was read, and the first fault, empty when everything holds."""

    append_only = True

    verified_at = models.DateTimeField()
    events = models.BigIntegerField()
    leaves = models.BigIntegerField()
    checkpoints = models.BigIntegerField()
    fault = models.TextField(blank=True)

    class Meta:
        ordering = ["-verified_at", "-id"]
        indexes = [models.Index(fields=["-verified_at", "-id"], name="case_verification_latest")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.fault or f"{self.events}"
