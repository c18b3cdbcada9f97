"""Corrections of the timeline on their way: proposed by one person, decided by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.documents import Document
from tongdian.case.models.frame import Case


class CorrectionProposal(models.Model):
    """What should stand in the place of one event, why, and who agreed. Nothing changes before a second person does."""

    class Change(models.TextChoices):
        VOID = "void", _("不应记录，作废")
        KIND = "kind", _("应为另一种事件")
        TIME = "time", _("发生时间不对，有佐证")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("等待批准")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")

    case = models.ForeignKey(Case, models.PROTECT, related_name="corrections")
    seq = models.PositiveBigIntegerField()
    change = models.CharField(max_length=8, choices=Change)
    kind = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    evidence_kind = models.CharField(max_length=40, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_role = models.CharField(max_length=32)
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.PENDING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal = models.TextField(blank=True)
    event_seq = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["case", "proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="case_correction_one_pending", fields=["case", "seq"], condition=Q(outcome="pending")
            ),
            models.CheckConstraint(
                name="case_correction_two_persons",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="case_correction_decided_whole",
                condition=Q(outcome="pending", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(outcome="pending") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.change}: {self.outcome}"

    @property
    def replacement(self) -> dict[str, object]:
        """What is to stand in the event's place, as a correction holds it."""
        if self.change == self.Change.KIND:
            return {"kind": self.kind}
        if self.change == self.Change.TIME and self.occurred_at is not None:
            return {"occurred_at": self.occurred_at, "facts": {"evidence_kind": self.evidence_kind}}
        return {}
