"""Cases mirrored from a utility's own system: the system, its records, the cases, what contradicts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models import Case
from tongdian.people.models import Organisation, User
from tongdian.ui.fields import EncryptedTextField


class SourceSystem(models.Model):
    """A system that is read; `cursor` is where the next reading goes on."""

    class Transport(models.TextChoices):
        HTTP = "http", _("接口读取")
        FOLDER = "folder", _("文件交换")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    # Events of mirrored cases are recorded by this account, which never signs in.
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    transport = models.CharField(max_length=8, choices=Transport)
    place = models.CharField(max_length=300)
    key_id = models.CharField(max_length=80, blank=True)
    secret = EncryptedTextField(blank=True, default="")
    mapping = models.JSONField()
    cursor = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class MirroredCase(models.Model):
    """The place of a mirrored case in its system."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    system = models.ForeignKey(SourceSystem, models.PROTECT, related_name="cases")
    source_case_id = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="mirrored_case_once", fields=["system", "source_case_id"]),
        ]

    def __str__(self) -> str:
        return self.source_case_id


class SourceRecord(models.Model):
    """A record as it was taken over, or why it was not; without anybody's name, whatever the system sent."""

    class State(models.TextChoices):
        APPLIED = "applied", _("已读入")
        REFUSED = "refused", _("未能读入")

    system = models.ForeignKey(SourceSystem, models.PROTECT, related_name="records")
    record_id = models.CharField(max_length=128)
    digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=8, choices=State)
    # What was sent, kept only while it could not be read, so that nobody has to send it again.
    sent = EncryptedTextField(blank=True, default="")
    field = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")
    source_recorded_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="source_record_once", fields=["system", "record_id"])]
        indexes = [
            models.Index(fields=["system", "-id"], name="source_record_refused", condition=Q(state="refused")),
        ]

    def __str__(self) -> str:
        return self.record_id


class SourceConflict(models.Model):
    """Two sources of one truth disagree; a person decides once, with a reason."""

    class Resolution(models.TextChoices):
        THEIRS = "theirs", _("采用对方系统的内容")
        OURS = "ours", _("保留本平台的内容")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    system = models.ForeignKey(SourceSystem, models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    ours = models.CharField(max_length=300, blank=True)
    theirs = models.CharField(max_length=300, blank=True)
    record_id = models.CharField(max_length=128)
    found_at = models.DateTimeField()
    resolution = models.CharField(max_length=8, choices=Resolution, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="source_conflict_one_open", fields=["case", "field"], condition=Q(resolved_at__isnull=True)
            ),
            models.CheckConstraint(
                name="source_conflict_resolved_whole",
                condition=Q(resolved_at__isnull=True, resolution="") | Q(resolved_at__isnull=False) & ~Q(resolution=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.field}"
