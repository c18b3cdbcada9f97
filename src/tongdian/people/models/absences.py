"""Who is away, who stands in, and which rights somebody lends to a colleague for a time."""

from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tongdian.people.models.accounts import User
from tongdian.people.models.grants import Grant
from tongdian.people.models.history import is_division_code, tracked
from tongdian.people.models.organisations import DateRange, never_twice
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role


@tracked
class Absence(models.Model):
    """A user is away from a day until before another; the covers stand in, the first of them who is there."""

    class Reason(models.TextChoices):
        # No illness: who is to do the work need not know about anybody's health.
        LEAVE = "leave", _("休假")
        DUTY = "duty", _("公务外出")
        TRAINING = "training", _("培训")
        OTHER = "other", _("其他")

    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    valid_from = models.DateField()
    valid_until = models.DateField()
    reason = models.CharField(max_length=8, choices=Reason)
    covers = models.ManyToManyField(User, through="Cover", related_name="+")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="absence_period_not_empty"
            ),
            never_twice(
                "user_id",
                period=DateRange("valid_from", "valid_until"),
                name="absence_once_at_a_time",
                condition=models.Q(cancelled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.valid_from} – {self.valid_until}"

    @property
    def last_date(self) -> date:
        return self.valid_until - timedelta(days=1)


class Cover(models.Model):
    """One who stands in during an absence; the lowest rank who is there does."""

    absence = models.ForeignKey(Absence, models.CASCADE, related_name="cover_rows")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["absence", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["absence", "rank"], name="cover_rank_once"),
            models.UniqueConstraint(fields=["absence", "user"], name="cover_user_once"),
        ]

    def __str__(self) -> str:
        return f"{self.absence_id}.{self.rank}"


@tracked
class Delegation(models.Model):
    """A part of a grant its holder lends to a colleague for a time: in a territory inside it, maybe for one case.

    It counts only while the grant itself does, so it can never give more than the lender has.
    """

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(User, models.PROTECT, related_name="delegations")
    territory_code = models.CharField(max_length=6, validators=[is_division_code])
    case_id = models.UUIDField(null=True, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="delegation_period_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(territory_code__regex=r"^[1-9]\d{5}$"), name="delegation_territory_is_a_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} → {self.delegate_id}"

    @property
    def last_date(self) -> date:
        """Its last whole day here."""
        return timezone.localtime(self.valid_until - timedelta(seconds=1)).date()

    @property
    def role_title(self) -> str | Promise:
        return ROLE_TITLES[Role(self.grant.role)]
