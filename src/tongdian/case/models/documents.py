"""Documents of a case: what was handed in (a row each) and the stored content (once per content)."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.frame import Case
from tongdian.ui.fields import EncryptedTextField


class StoredFile(models.Model):
    """Content, named by its SHA-256 in hex. It lies in the default storage, outside the web root."""

    class ScanState(models.TextChoices):
        PENDING = "pending", _("待检")
        CLEAN = "clean", _("通过")
        REJECTED = "rejected", _("拒绝")
        UNSCANNED = "unscanned", _("未配置查毒")

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
    scan_state = models.CharField(max_length=10, choices=ScanState, default=ScanState.PENDING)
    scanner = models.CharField(max_length=100, blank=True)
    scan_finding = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="case_file_sha256_form", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="case_file_scan_dated",
                condition=Q(scan_state="pending", scanned_at__isnull=True)
                | (~Q(scan_state="pending") & Q(scanned_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def storage_name(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    @property
    def is_released(self) -> bool:
        """Whether anybody may open it: scanned and clean, or known to be unscanned because no scanner is set up."""
        return self.scan_state in {self.ScanState.CLEAN, self.ScanState.UNSCANNED}


class Document(models.Model):
    """One document as handed in; `kind` is its id in the policy's document list.

    Before a case exists it belongs to who uploaded it. `received_sha256` is the hash of what arrived, which differs
    from that of the stored file when an image was re-encoded.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="documents")
    kind = models.CharField(max_length=80)
    stage = models.CharField(max_length=40, blank=True)
    name = EncryptedTextField(max_length=200, row="id")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    received_sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    class Meta:
        ordering = ["uploaded_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="case_document_not_its_own_successor", condition=~Q(supersedes=F("id")) | Q(supersedes=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ViewRecord(models.Model):
    """Somebody looked at personal data: who, what, when, on which page. Never changed, never deleted."""

    append_only = True

    class Matter(models.TextChoices):
        DOCUMENT = "document", _("材料")
        PARTY = "party", _("当事人信息")

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    viewed_at = models.DateTimeField()
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    matter = models.CharField(max_length=10, choices=Matter)
    object_id = models.UUIDField()
    purpose = models.CharField(max_length=200)

    class Meta:
        ordering = ["-viewed_at", "-id"]
        indexes = [models.Index(fields=["-viewed_at", "-id"], name="case_view_latest")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.matter} {self.object_id}"
