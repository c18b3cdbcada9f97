"""Decides who must have a second factor before doing anything else."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from tongdian.people.models import User
from tongdian.people.queries import holds_staff_role

# What the sealed secrets of authenticators are bound to.
PLACE = "mfa.authenticator.data"


def must_enrol(user: User) -> bool:
    """Tell whether a holder of a staff role still has to enrol a one-time password; at most two queries."""
    if not settings.REQUIRE_TOTP or not holds_staff_role(user):
        return False
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
