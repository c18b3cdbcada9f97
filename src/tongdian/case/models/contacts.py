"""Contacts before a case exists: enquiries, calls, visits, appointments, saved results of the guide."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models.frame import Case
from tongdian.people.models import Organisation
from tongdian.ui.fields import EncryptedTextField, LookupField


class Contact(models.Model):
    """One contact, as it was when it happened. Nothing of it changes any more, but its phone can be erased.

    A saved result of the guide names nobody; its `code` finds its `answers` until it expires. `by` is the member of
    staff who wrote it down, None where people did so themselves.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("来电")
        VISIT = "visit", _("到营业厅")
        ENQUIRY = "enquiry", _("书面咨询")
        APPOINTMENT = "appointment", _("预约")
        GUIDE = "guide", _("保存的指引结果")

    class Channel(models.TextChoices):
        SUPPLY_HOTLINE = "supply_hotline", _("供电服务热线")
        REGULATOR_HOTLINE = "regulator_hotline", _("能源监管热线")
        COUNTER = "counter", _("营业厅")
        DESK = "desk", _("客户经理")
        WEB = "web", _("网上")

    class Topic(models.TextChoices):
        CONNECTION = "connection", _("新装用电")
        CAPACITY = "capacity", _("增加容量")
        COST = "cost", _("费用和投资")
        PROGRESS = "progress", _("办理进度")
        PERMIT = "permit", _("施工手续")
        OTHER = "other", _("其他")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    channel = models.CharField(max_length=20, choices=Channel)
    topic = models.CharField(max_length=12, choices=Topic)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    county_code = models.CharField(max_length=6)
    utility = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    phone = EncryptedTextField(max_length=20, row="id", null=True)
    phone_lookup = LookupField(of="phone", normalise="tongdian.people.rules.normalise_phone", null=True, db_index=True)
    note = models.CharField(max_length=500, blank=True)
    code = models.CharField(max_length=8, unique=True, null=True, blank=True)
    answers = models.JSONField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "id"]
        constraints = [
            models.CheckConstraint(
                name="case_contact_guide_whole",
                condition=Q(kind="guide", code__isnull=False, answers__isnull=False, expires_at__isnull=False)
                | (~Q(kind="guide") & Q(code__isnull=True, answers__isnull=True, expires_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="case_contact_guide_nameless", condition=~Q(kind="guide") | Q(phone__isnull=True)
            ),
            models.CheckConstraint(
                name="case_contact_erased_whole", condition=Q(erased_at__isnull=True) | Q(phone__isnull=True)
            ),
            models.CheckConstraint(name="case_contact_not_ahead", condition=Q(at__lte=models.F("recorded_at"))),
            models.CheckConstraint(name="case_contact_county_form", condition=Q(county_code__regex=r"^[1-9]\d{5}$")),
        ]
        indexes = [models.Index(fields=["county_code", "-at"], name="case_contact_by_county")]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            # A phone can be erased, and sealed anew under another key.
            pgtrigger.ReadOnly(name="as_it_was", exclude=["phone", "phone_lookup", "erased_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    @property
    def spoken_code(self) -> str:
        """The code in two halves, as one reads it out; "" without one."""
        return f"{self.code[:4]}-{self.code[4:]}" if self.code else ""


class ContactLink(models.Model):
    """A contact joined to the case it led to, once and for good."""

    append_only = True

    class How(models.TextChoices):
        PHONE = "phone", _("电话相同")
        GUIDE = "guide", _("申请时带入的指引编号")
        STAFF = "staff", _("经办人认定")

    contact = models.OneToOneField(Contact, models.PROTECT, related_name="link")
    case = models.ForeignKey(Case, models.PROTECT, related_name="contact_links")
    how = models.CharField(max_length=8, choices=How)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        ordering = ["linked_at", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.contact_id} → {self.case_id}"
