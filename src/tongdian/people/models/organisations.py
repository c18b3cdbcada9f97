"""Organisations and the areas they supply."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, IntegerRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from tongdian.people.models.history import is_division_code, tracked


@tracked
class Organisation(models.Model):
    """A utility, agency, bureau, firm, contractor or the regulator; a unit has a parent of the same kind."""

    class Kind(models.TextChoices):
        UTILITY = "utility", _("供电企业")
        AGENCY = "agency", _("审批部门")
        BUREAU = "bureau", _("能源主管部门")
        FIRM = "firm", _("用电企业")
        CONTRACTOR = "contractor", _("设计施工单位")
        REGULATOR = "regulator", _("监管机构")

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    credit_code = models.CharField(max_length=18, unique=True, null=True, blank=True)
    territory_code = models.CharField(max_length=6, validators=[is_division_code])
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="units")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="organisation_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def top_id(self) -> int:
        """The organisation itself, or the one it is a unit of: what cases and grants are compared by."""
        return self.parent_id or self.pk


class DateRange(models.Func):
    function = "daterange"
    output_field = DateRangeField()


class NumberRange(models.Func):
    function = "int4range"
    output_field = IntegerRangeField()


class BigNumberRange(models.Func):
    function = "int8range"
    output_field = BigIntegerRangeField()


def _single(expression: models.Expression) -> NumberRange:
    # Ranges alone need no extension: `btree_gist` is not in the embedded build.
    return NumberRange(expression, expression, models.Value("[]"))


def never_twice(*keys: str, period: models.Func, name: str, condition: models.Q | None = None) -> ExclusionConstraint:
    """Refuse two rows with equal keys [names of columns of whole numbers] whose periods overlap."""
    same = [(BigNumberRange(key, key, models.Value("[]")), RangeOperators.OVERLAPS) for key in keys]
    return ExclusionConstraint(name=name, expressions=[*same, (period, RangeOperators.OVERLAPS)], condition=condition)


@tracked
class SupplyArea(models.Model):
    """The utility that supplies a county, or one numbered zone of it, from a day until before a day.

    Zone 0 is the county at large; an incremental distribution company has its own zone inside a county.
    """

    utility = models.ForeignKey(Organisation, models.PROTECT, related_name="supply_areas")
    county_code = models.CharField(max_length=6, validators=[is_division_code])
    zone = models.PositiveSmallIntegerField(default=0)
    zone_name = models.CharField(max_length=80, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["county_code", "zone", "valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="supply_area_period_not_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(county_code__regex=r"^[1-9]\d{5}$"), name="supply_area_county_is_a_code"
            ),
            ExclusionConstraint(
                name="supply_area_one_utility_at_a_time",
                expressions=[
                    (_single(Cast("county_code", models.IntegerField())), RangeOperators.OVERLAPS),
                    (_single(Cast("zone", models.IntegerField())), RangeOperators.OVERLAPS),
                    (DateRange("valid_from", "valid_until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county_code}/{self.zone}"
