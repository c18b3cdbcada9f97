"""The case."""

import uuid

from django.conf import settings
from django.db import models

from tongdian.people.models import Organisation


class Case(models.Model):
    """One matter from its opening to its end; its clocks are derived from its events."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    status = models.CharField(max_length=40)
    customer_class = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200, blank=True)
    county_code = models.CharField(max_length=6)
    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)
