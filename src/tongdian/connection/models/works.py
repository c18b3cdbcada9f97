"""From acceptance to the meter: what is missing, scheme, reviews, contract, meter."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongdian.case.models import Case, Document


class Deficiency(models.Model):
    """The one list of what is missing, told once and answered item by item."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    items = models.JSONField()
    remark = models.TextField(blank=True)
    told_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)


class Scheme(models.Model):
    """A supply scheme as answered to the customer."""

    class Wiring(models.TextChoices):
        OVERHEAD = "overhead", _("架空线路")
        CABLE = "cable", _("电缆线路")
        MIXED = "mixed", _("架空电缆混合")

    class Metering(models.TextChoices):
        HIGH = "high_high", _("高供高计")
        LOW = "high_low", _("高供低计")
        LOW_LOW = "low_low", _("低供低计")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    issue = models.PositiveSmallIntegerField()
    substation = models.CharField(max_length=80)
    feeder = models.CharField(max_length=80)
    access_point = models.CharField(max_length=120)
    wiring = models.CharField(max_length=20, choices=Wiring)
    voltage_kv = models.DecimalField(max_digits=6, decimal_places=2)
    # Transformers of the customer; low voltage has none.
    receiving_kva = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    metering = models.CharField(max_length=20, choices=Metering)
    property_boundary = models.CharField(max_length=200)
    customer_works = models.TextField(blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    valid_until = models.DateField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "issue"]
        constraints = [
            models.UniqueConstraint(name="scheme_one_issue", fields=["case", "issue"]),
            models.CheckConstraint(name="scheme_receiving_positive", condition=Q(receiving_kva__gt=0)),
        ]


class Inspection(models.Model):
    """One attempt of a design review, an interim or a completion inspection; all findings in one list."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("待办理")
        PASSED = "passed", _("合格")
        FAILED = "failed", _("需整改")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=40)
    attempt = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    findings = models.JSONField(default=list)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    inspector = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["case", "stage", "attempt"]
        constraints = [
            models.UniqueConstraint(name="inspection_one_attempt", fields=["case", "stage", "attempt"]),
            models.UniqueConstraint(
                name="inspection_one_pending", fields=["case", "stage"], condition=Q(outcome="pending")
            ),
        ]


class SupplyContract(models.Model):
    """The supply contract and who has signed it.

    High voltage: the utility signs and offers it, then the customer signs. Low voltage: the customer signs the
    utility's standard contract with the application, and the utility's signature comes with acceptance.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contract_has_a_signature", condition=Q(offered_at__isnull=False) | Q(signed_at__isnull=False)
            )
        ]


class SupportingWorks(models.Model):
    """The utility's own works that bring low voltage to the meter: they run inside the customer's clock."""

    class Scope(models.TextChoices):
        METER_BOX = "meter_box", _("表箱和进户线")
        LV_LINE = "lv_line", _("低压线路延伸或改造")
        TRANSFORMER = "transformer", _("新增或更换公用变压器")
        OTHER = "other", _("其他配套工程")

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    scope = models.CharField(max_length=20, choices=Scope)
    needs_permit = models.BooleanField(default=False)
    planned_finish_date = models.DateField(null=True, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="works_finished_after_start",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
            )
        ]


class MeterInstallation(models.Model):
    """The meter set at energisation."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    meter_number = models.CharField(max_length=40, unique=True)
    first_reading_kwh = models.DecimalField(max_digits=12, decimal_places=2)
    energised_at = models.DateTimeField()
    installed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="meter_first_reading_not_negative", condition=Q(first_reading_kwh__gte=0))
        ]
