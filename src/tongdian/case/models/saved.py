"""Filters of the queue that somebody gave a name, and the one a person's queue opens with."""

from django.conf import settings
from django.db import models

from tongdian.people.models import Organisation


class SavedFilter(models.Model):
    """A named query string: its owner's alone, or, with an organisation, shared with the staff of that organisation."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=600)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["saved_at", "id"]
        constraints = [models.UniqueConstraint(name="case_saved_filter_name", fields=["owner", "name"])]

    def __str__(self) -> str:
        return self.name


class OpeningFilter(models.Model):
    """The filter a person's queue opens with."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    saved = models.ForeignKey(SavedFilter, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.saved_id}"
