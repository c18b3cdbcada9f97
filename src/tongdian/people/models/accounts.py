"""Users, organisations, supply areas and grants."""

from typing import ClassVar, TypeVar, cast

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, IntegerRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role
from tongdian.ui.fields import EncryptedTextField, LookupField, mask_phone

is_division_code = RegexValidator(r"^[1-9]\d{5}$", _("行政区划代码是 6 位数字。"))
ROLE_CHOICES = [(role.value, ROLE_TITLES[role]) for role in Role]
M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Keep every version of the rows; operations say who and why in the context of the change."""
    track = pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return cast("M", track(model))


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


def _single(expression: models.Expression) -> NumberRange:
    # Ranges alone need no extension: `btree_gist` is not in the embedded build.
    return NumberRange(expression, expression, models.Value("[]"))


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


class UserManager(BaseUserManager["User"]):
    """What Django's own commands and sign-in call; the product creates users by operations."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of the public, of staff, or a machine account.

    Rights come from grants only: there is no superuser, no group, no second permission system.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("公众用户")
        STAFF = "staff", _("工作人员")
        MACHINE = "machine", _("系统接口账号")

    class ContactBy(models.TextChoices):
        SMS = "sms", _("短信")
        SITE = "site", _("仅站内查看")

    username = models.CharField(max_length=64, unique=True, validators=[ASCIIUsernameValidator()])
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    display_name = EncryptedTextField(max_length=60, blank=True, default="")
    phone = EncryptedTextField(max_length=20, null=True, blank=True)
    phone_lookup = LookupField(of="phone", normalise="tongdian.people.rules.normalise_phone", unique=True, null=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    has_large_type = models.BooleanField(default=False)
    contact_by = models.CharField(max_length=4, choices=ContactBy, default=ContactBy.SMS)
    has_quiet_hours = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]
        constraints = [
            # A phone code must never be a way into a staff account, so only the public's number is looked up.
            models.CheckConstraint(
                condition=models.Q(phone_lookup=None) | models.Q(kind="person"), name="user_phone_sign_in_public_only"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        return self.kind == self.Kind.STAFF

    def get_full_name(self) -> str:
        """How pages call the person: by name, else by masked phone, else by user name."""
        if self.display_name:
            return str(self.display_name)
        return mask_phone(self.phone) if self.phone else self.username


@tracked
class Grant(models.Model):
    """A role of a user, for an organisation, in a territory and below, maybe for one case, for a time."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="grants")
    territory_code = models.CharField(max_length=6, validators=[is_division_code])
    case_id = models.UUIDField(null=True, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user", "valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="grant_period_not_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(territory_code__regex=r"^[1-9]\d{5}$"), name="grant_territory_is_a_code"
            ),
            # A role bound to an organisation without one would reach every utility of the territory.
            models.CheckConstraint(
                condition=models.Q(role="agent") | models.Q(organisation__isnull=False), name="grant_organisation_named"
            ),
            models.CheckConstraint(
                condition=~models.Q(role__in=["agent", "designer_builder"]) | models.Q(case_id__isnull=False),
                name="grant_of_case_role_names_its_case",
            ),
            models.CheckConstraint(condition=~models.Q(role="applicant"), name="grant_applicant_is_implied"),
        ]
        indexes = [models.Index(fields=["case_id"], name="grant_case", condition=models.Q(case_id__isnull=False))]

    def __str__(self) -> str:
        return f"{self.role}@{self.territory_code}"


class PhoneCode(models.Model):
    """A code sent to a phone; neither the number nor the code can be read from the row."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("登录")
        CHANGE_PHONE = "change_phone", _("更换手机号")
        LOOK_UP = "look_up", _("查询办件进度")

    phone_digest = models.BinaryField(max_length=32)
    purpose = models.CharField(max_length=12, choices=Purpose)
    code_digest = models.BinaryField(max_length=32, default=b"")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["phone_digest", "purpose", "id"], name="phone_code_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
