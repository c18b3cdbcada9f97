"""Grants: the only source of rights."""

from django.db import models

from tongdian.people.models.accounts import User
from tongdian.people.models.history import is_division_code, tracked
from tongdian.people.models.organisations import Organisation
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role

ROLE_CHOICES = [(role.value, ROLE_TITLES[role]) for role in Role]


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
