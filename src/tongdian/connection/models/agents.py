"""Agents: who may act for an applicant, in what, until when, by which written authority."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tongdian.case.models import Case, Document
from tongdian.connection.models.application import Draft
from tongdian.connection.rules.agents import allowed_events
from tongdian.people.models import tracked


@tracked
class AgentAuthority(models.Model):
    """What an applicant lets an agent do in one application or case.

    Given online by a code to the applicant's phone it counts at once; an uploaded authorisation counts for applying and
    handing in at once, for the rest when staff have read it (`verified_at`), which acceptance waits for.
    """

    class Proof(models.TextChoices):
        CODE = "code", _("申请人手机验证码")
        DOCUMENT = "document", _("授权委托书")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")
    draft = models.OneToOneField(Draft, models.SET_NULL, null=True, blank=True, related_name="+")
    principal = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    scopes = ArrayField(models.CharField(max_length=12))
    valid_until = models.DateTimeField()
    proof = models.CharField(max_length=8, choices=Proof)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at", "id"]
        verbose_name_plural = "agent authorities"
        constraints = [
            models.CheckConstraint(
                name="agent_authority_not_to_oneself", condition=~models.Q(agent=models.F("principal"))
            ),
            models.CheckConstraint(
                name="agent_authority_ends", condition=models.Q(valid_until__gt=models.F("given_at"))
            ),
            models.CheckConstraint(
                name="agent_authority_proven",
                condition=models.Q(proof="code", verified_at__isnull=False)
                | models.Q(proof="document", document__isnull=False),
            ),
            models.UniqueConstraint(
                name="agent_authority_once",
                fields=["case", "agent"],
                condition=models.Q(revoked_at=None, case__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agent", "valid_until"], name="agent_authority_by_agent")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def covered_events(self) -> frozenset[str]:
        """What it covers: less before staff have read it."""
        return allowed_events(self.scopes, is_checked=self.verified_at is not None)

    @property
    def last_date(self) -> date:
        """Its last whole day here."""
        return timezone.localtime(self.valid_until - timedelta(seconds=1)).date()
