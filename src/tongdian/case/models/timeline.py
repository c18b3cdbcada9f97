"""The timeline: what happened, in order, in a form nobody can quietly change.

The database writes seq, recorded_at, clock_offset_s, prev_hash and hash itself (migration 0003); a value given
for them in Python is overwritten. All tables here refuse UPDATE, DELETE and TRUNCATE, the pending list excepted.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.frame import Case
from tongdian.case.timeline import canonical
from tongdian.people.models import Organisation

DIGEST_BYTES = 32
# Stands in the INSERT until the trigger replaces it; `db_default` makes Django read the result back.
UNSET = b""


class Installation(models.Model):
    """This database, once and for ever: what it is for, and the hash every case's chain starts from."""

    append_only = True

    class Kind(models.TextChoices):
        PRODUCTION = "production", _("正式环境")
        DEMONSTRATION = "demonstration", _("演示环境")
        TEST = "test", _("测试环境")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    clock_offset_s = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    genesis_hash = models.BinaryField(db_default=UNSET, max_length=DIGEST_BYTES)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_installation_kind_known",
                condition=models.Q(kind__in=["production", "demonstration", "test"]),
            ),
            models.CheckConstraint(
                name="case_installation_offset_not_in_production",
                condition=~models.Q(kind="production") | models.Q(clock_offset_s=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.kind})"


class ClockChange(models.Model):
    """The installation's clock was moved; refused in production. The latest row holds the offset in force."""

    append_only = True

    installation = models.ForeignKey(Installation, models.PROTECT, related_name="+")
    clock_offset_s = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.clock_offset_s:+d} s"


class Event(models.Model):
    """One thing that happened in one case. The hash covers every column but `id`."""

    append_only = True

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField(db_default=0, editable=False)
    kind = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    role = models.CharField(max_length=32, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=16)
    occurred_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    clock_offset_s = models.BigIntegerField(db_default=0, editable=False)
    # NULL, not "": an event without a source must not be one of the source named "".
    source_system = models.CharField(max_length=64, null=True)
    source_event_id = models.CharField(max_length=128, null=True)
    source_recorded_at = models.DateTimeField(null=True)
    evidence = models.BinaryField(default=b"")
    body = models.BinaryField()
    prev_hash = models.BinaryField(db_default=UNSET, max_length=DIGEST_BYTES)
    hash = models.BinaryField(db_default=UNSET, max_length=DIGEST_BYTES)

    class Meta:
        ordering = ["case_id", "seq"]
        indexes = [models.Index(fields=["recorded_at", "id"], name="case_event_recorded")]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq"),
            models.UniqueConstraint(fields=["hash"], name="case_event_hash"),
            models.UniqueConstraint(fields=["source_system", "source_event_id"], name="case_event_source"),
            models.CheckConstraint(
                name="case_event_source_whole",
                condition=models.Q(source_system__isnull=True, source_event_id__isnull=True, source_recorded_at=None)
                | models.Q(source_system__isnull=False, source_event_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.kind}"

    @property
    def facts(self) -> dict[str, Any]:
        """The body as a mapping."""
        return canonical.parse(bytes(self.body))

    @property
    def evidence_hashes(self) -> tuple[str, ...]:
        """SHA-256 of each piece of evidence, in hex."""
        whole = bytes(self.evidence)
        return tuple(whole[start : start + DIGEST_BYTES].hex() for start in range(0, len(whole), DIGEST_BYTES))

    @property
    def hash_hex(self) -> str:
        return bytes(self.hash).hex()

    @property
    def claimed_at(self) -> datetime:
        """When it happened as far as anybody says: the claimed time, else the recorded one."""
        return self.occurred_at or self.recorded_at


class Pending(models.Model):
    """An event the sealer has not yet put into the tree; written by a trigger, emptied by the sealer."""

    event_id = models.BigIntegerField(primary_key=True)


class Leaf(models.Model):
    """The place of one event in the Merkle tree (RFC 6962): its leaf hash, SHA-256(0x00 ‖ event hash)."""

    append_only = True

    index = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf")
    hash = models.BinaryField(max_length=DIGEST_BYTES)


class Node(models.Model):
    """The root of one full tile: 256 leaves (level 1), 65 536 leaves (level 2) and so on."""

    append_only = True

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=DIGEST_BYTES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="case_node_place")]


class LogKey(models.Model):
    """A public key that has signed checkpoints; rotation adds a row."""

    append_only = True

    name = models.CharField(max_length=100)
    key_id = models.CharField(max_length=8, unique=True)
    public_key = models.BinaryField(max_length=32)
    first_used_at = models.DateTimeField(db_default=Now(), editable=False)


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root; `note` is the exact text that was signed and published."""

    append_only = True

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=DIGEST_BYTES)
    sealed_at = models.DateTimeField()
    clock_offset_s = models.BigIntegerField()
    key_id = models.CharField(max_length=8)
    note = models.TextField()

    class Meta:
        ordering = ["size"]

    def __str__(self) -> str:
        return f"{self.size} {bytes(self.root).hex()}"


class WitnessAnswer(models.Model):
    """What an outside witness said to a checkpoint: its cosignature line, or why it refused."""

    append_only = True

    class Outcome(models.TextChoices):
        COSIGNED = "cosigned", _("已见证")
        REFUSED = "refused", _("拒绝见证")

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="answers")
    witness = models.CharField(max_length=200)
    outcome = models.CharField(max_length=12, choices=Outcome)
    line = models.TextField()
    answered_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
