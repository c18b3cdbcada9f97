"""Service cells (网格): a county or a part of it, and the managers who look after it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongdian.people.models.accounts import User
from tongdian.people.models.history import is_division_code, tracked
from tongdian.people.models.organisations import DateRange, Organisation, never_twice


@tracked
class ServiceCell(models.Model):
    """A part of a utility's county, from a day until before another.

    A cell with words takes the addresses that contain one of them, a cell with zones the cases in one of these; the
    cell without either takes the rest of the county.
    """

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="cells")
    county_code = models.CharField(max_length=6, validators=[is_division_code])
    address_words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    zones = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["county_code", "code", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="service_cell_period_not_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(county_code__regex=r"^[1-9]\d{5}$"), name="service_cell_county_is_a_code"
            ),
            models.UniqueConstraint(fields=["utility", "code"], name="service_cell_code_once"),
        ]
        indexes = [models.Index(fields=["county_code", "utility"], name="service_cell_by_county")]

    def __str__(self) -> str:
        return self.code


@tracked
class CellMember(models.Model):
    """A manager of a cell, from a day until before another."""

    class Role(models.TextChoices):
        ACCOUNT_MANAGER = "account_manager", _("客户经理")
        PROJECT_MANAGER = "project_manager", _("项目经理")

    cell = models.ForeignKey(ServiceCell, models.PROTECT, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["cell", "role", "valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="cell_member_period_not_empty",
            ),
            *(
                never_twice(
                    "cell_id",
                    "user_id",
                    period=DateRange("valid_from", "valid_until"),
                    name=f"cell_member_once_as_{role}",
                    condition=models.Q(role=role),
                )
                for role in ("account_manager", "project_manager")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.role} {self.user_id}"
