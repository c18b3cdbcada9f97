"""The case: frame facts only. What a kind of case knows beyond them lives in that kind's own rows."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongdian.people.models import Organisation


class Case(models.Model):
    """One matter from its opening to its end.

    `version` is the seq of the case's last event. The columns from `accepted_at` on are a cache of the last replay:
    the truth is the timeline, and each of them can be rebuilt from it. `judged_date` is the day whose rules hold for
    the case: that of acceptance, before it that of submission.
    """

    class WaitingFor(models.TextChoices):
        UTILITY = "utility", _("供电企业")
        CUSTOMER = "customer", _("客户")
        AGENCY = "agency", _("审批部门")
        FORCE_MAJEURE = "force_majeure", _("不可抗力")
        CLOSED = "closed", _("已办结")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    status = models.CharField(max_length=40)
    customer_class = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    county_code = models.CharField(max_length=6)
    zone = models.CharField(max_length=40, blank=True)
    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # The account manager; the project manager answers for the works.
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    project_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The withdrawn case this one takes up again, whose clock it inherits.
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveBigIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    judged_date = models.DateField(null=True, blank=True)
    policy_digest = models.CharField(max_length=64, blank=True)
    calendar_version = models.CharField(max_length=64, blank=True)
    total_limit_days = models.PositiveSmallIntegerField(null=True, blank=True)
    next_due_date = models.DateField(null=True, blank=True)
    next_is_provisional = models.BooleanField(default=False)
    next_stage = models.CharField(max_length=40, blank=True)
    waiting_for = models.CharField(max_length=16, choices=WaitingFor, default=WaitingFor.CUSTOMER)
    has_been_late = models.BooleanField(default=False)
    # No column: the events and deadlines this object was last read with (queries.clock.History).
    history: Any = None

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_accepted_before_closed",
                condition=Q(accepted_at__isnull=True) | Q(closed_at__isnull=True) | Q(accepted_at__lte=F("closed_at")),
            ),
            models.CheckConstraint(name="case_number_form", condition=Q(number__regex=r"^\d{6}-\d{4}-\d{6}-\d$")),
            models.CheckConstraint(name="case_county_code_form", condition=Q(county_code__regex=r"^[1-9]\d{5}$")),
            models.CheckConstraint(
                name="case_closed_waits_for_nobody",
                condition=Q(closed_at__isnull=True) | Q(waiting_for="closed", next_due_date__isnull=True),
            ),
        ]
        indexes = [
            # The queue: in the order of a page, the reach read from the index itself, for a wide reach …
            models.Index(
                fields=["next_due_date", "opened_at", "id"],
                include=["county_code", "utility", "kind", "waiting_for"],
                name="case_queue_by_due",
                condition=Q(closed_at__isnull=True),
            ),
            # … and for a county or city. The pattern class serves a code and the beginning of codes, by any collation.
            models.Index(
                fields=["county_code", "next_due_date", "opened_at", "id"],
                opclasses=["varchar_pattern_ops", "date_ops", "timestamptz_ops", "uuid_ops"],
                include=["utility", "kind", "waiting_for"],
                name="case_queue_by_county",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["applicant"], name="case_by_applicant", condition=Q(applicant__isnull=False)),
            models.Index(fields=["assignee", "next_due_date"], name="case_by_assignee"),
            models.Index(
                fields=["project_manager", "next_due_date"],
                name="case_by_project_manager",
                condition=Q(project_manager__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class NumberCounter(models.Model):
    """The last number given in a county and year; the row's lock makes the numbers unique and without gaps."""

    county_code = models.CharField(max_length=6)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="case_number_counter", fields=["county_code", "year"])]

    def __str__(self) -> str:
        return f"{self.county_code} {self.year}: {self.last}"


class Deadline(models.Model):
    """One version of the deadline of one stage instance, with what it was computed with.

    A new calendar, a new rule or a hold makes a new version; the old one keeps its date and is marked superseded.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    stage = models.CharField(max_length=40)
    instance = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=16, choices=Case.WaitingFor)
    started_at = models.DateTimeField()
    limit_days = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    is_provisional = models.BooleanField()
    calendar_version = models.CharField(max_length=64)
    policy_digest = models.CharField(max_length=64)
    event_seq = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "started_at", "stage", "instance", "revision"]
        constraints = [
            models.UniqueConstraint(name="case_deadline_revision", fields=["case", "stage", "instance", "revision"]),
            models.UniqueConstraint(
                name="case_deadline_one_in_force",
                fields=["case", "stage", "instance"],
                condition=Q(superseded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.instance}.{self.revision}: {self.due_date}"
