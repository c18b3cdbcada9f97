"""The people and organisations of a case; everything that names them is sealed and can be erased."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.frame import Case
from tongdian.ui.fields import EncryptedTextField, LookupField


class Party(models.Model):
    """One party of one case. Events name its id and a salted commitment; `salt` opens the commitment until erased."""

    class Role(models.TextChoices):
        APPLICANT = "applicant", _("申请人")
        AGENT = "agent", _("代办人")
        CONTACT = "contact", _("联系人")
        PAYER = "payer", _("付款人")
        OWNER = "owner", _("产权人")

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        ORGANISATION = "organisation", _("单位")

    class IdKind(models.TextChoices):
        RESIDENT = "resident", _("居民身份证")
        CREDIT_CODE = "credit_code", _("统一社会信用代码")
        OTHER = "other", _("其他证件")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=Role)
    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = EncryptedTextField(max_length=120, row="id", null=True)
    name_lookup = LookupField(of="name", null=True, db_index=True)
    id_kind = models.CharField(max_length=12, choices=IdKind, blank=True)
    id_number = EncryptedTextField(max_length=40, row="id", null=True)
    id_number_lookup = LookupField(of="id_number", null=True, db_index=True)
    phone = EncryptedTextField(max_length=20, row="id", null=True)
    phone_lookup = LookupField(of="phone", normalise="tongdian.people.rules.normalise_phone", null=True, db_index=True)
    address = EncryptedTextField(max_length=300, row="id", null=True)
    salt = EncryptedTextField(max_length=64, row="id", null=True)
    commitment = models.CharField(max_length=64)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "role", "id"]
        constraints = [
            models.CheckConstraint(
                name="case_party_erased_whole",
                condition=Q(erased_at__isnull=True, name__isnull=False)
                | Q(
                    erased_at__isnull=False,
                    name__isnull=True,
                    id_number__isnull=True,
                    phone__isnull=True,
                    address__isnull=True,
                    salt__isnull=True,
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"
