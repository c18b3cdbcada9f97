"""Exports of cases: who took which cases out of the system, in which form, and every time the file was fetched."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """One export and its file. The row is the record of it and is never deleted; the file is, once it has expired.

    `case_ids` are the cases as chosen, in their order; those out of reach when the file is made are left out of it.
    """

    class Format(models.TextChoices):
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"
        XES = "xes", "XES"
        OCEL = "ocel", "OCEL 2.0 JSON"

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("生成中")
        READY = "ready", _("可下载")
        FAILED = "failed", _("生成失败")
        EXPIRED = "expired", _("已过期")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    format = models.CharField(max_length=8, choices=Format)
    language = models.CharField(max_length=10)
    case_ids = ArrayField(models.UUIDField())
    wanted = models.PositiveIntegerField()
    written = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    as_of = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-requested_at", "id"]
        indexes = [models.Index(fields=["requested_by", "-requested_at"], name="case_export_by_person")]
        constraints = [
            models.CheckConstraint(
                name="case_export_ready_whole",
                condition=~Q(state="ready")
                | Q(as_of__isnull=False, ready_at__isnull=False, expires_at__isnull=False, size_bytes__isnull=False),
            )
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.format} {self.id}"

    @property
    def storage_name(self) -> str:
        return f"exports/{self.id}.{self.extension}"

    @property
    def extension(self) -> str:
        return "json" if self.format == self.Format.OCEL else self.format

    @property
    def is_unfinished(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}


class ExportFetch(models.Model):
    """The file of an export was fetched: by whom, when. Never changed, never deleted."""

    append_only = True

    export = models.ForeignKey(Export, models.PROTECT, related_name="fetches")
    fetched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["-fetched_at", "-id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
