"""Users and organisations."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A utility, agency, bureau, firm, contractor or the regulator."""

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

    class Meta:
        ordering = ["code", "id"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in, or a machine account."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
