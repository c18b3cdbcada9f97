"""Decides who must have a second factor before doing anything else."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from tongdian.people.models import User


def must_enrol(user: User) -> bool:
    """Tell whether a member of staff still has to enrol a one-time password; causes one query for staff."""
    if not settings.REQUIRE_TOTP or not user.is_staff:
        return False
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
