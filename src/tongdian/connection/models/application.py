"""An application: the answers so far, then what was applied for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models import Case, Document
from tongdian.ui.fields import EncryptedTextField


class Draft(models.Model):
    """Answers of an application that is not yet submitted; erased into the case on submission."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answers = EncryptedTextField()
    form_version = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    case = models.OneToOneField(Case, models.PROTECT, null=True, blank=True, related_name="+")
    # The withdrawn case this application takes up again, where the applicant says so.
    predecessor = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-updated_at", "id"]


class DraftFile(models.Model):
    """A file handed in while drafting, kept by document id until submission moves it to the case."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=60)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class Application(models.Model):
    """What was applied for, as submitted; before acceptance staff may correct who applies and what is needed."""

    class Use(models.TextChoices):
        INDUSTRY = "industry", _("工业")
        COMMERCE = "commerce", _("商业")
        AGRICULTURE = "agriculture", _("农业")
        RESIDENTIAL = "residential", _("居民生活")
        CHARGING = "charging", _("充电设施")
        OTHER = "other", _("其他")

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    customer = models.CharField(max_length=20)
    load_kw = models.DecimalField(max_digits=12, decimal_places=2)
    transformer_kva = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    voltage_kv = models.DecimalField(max_digits=6, decimal_places=2)
    source_count = models.PositiveSmallIntegerField()
    # Whether the utility has to build anything first; None until somebody knows.
    needs_works = models.BooleanField(null=True, blank=True)
    use = models.CharField(max_length=20, choices=Use)
    wanted_on = models.DateField(null=True, blank=True)
    class_trace = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="application_load_positive", condition=Q(load_kw__gt=0)),
            models.CheckConstraint(name="application_source_positive", condition=Q(source_count__gte=1)),
        ]
