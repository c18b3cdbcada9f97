"""Decides who must have a second factor before doing anything else."""

from collections import Counter

from allauth.mfa.models import Authenticator
from django.conf import settings

from tongdian.people.models import User
from tongdian.people.queries import holds_staff_role
from tongdian.ui import sealing

# What the sealed secrets of authenticators are bound to.
PLACE = "mfa.authenticator.data"
SEALED_TYPES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def must_enrol(user: User) -> bool:
    """Tell whether a holder of a staff role still has to enrol a one-time password; at most two queries."""
    if not settings.REQUIRE_TOTP or not holds_staff_role(user):
        return False
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def count_authenticator_keys() -> dict[str, int]:
    """Count the sealed secrets of authenticators per key id; one query, reads all of them."""
    rows = Authenticator.objects.filter(type__in=SEALED_TYPES).order_by("pk").values_list("data", flat=True)
    secrets = [bytes.fromhex(value) for data in rows for value in data.values() if isinstance(value, str)]
    return dict(Counter(sealing.key_of(secret, place=PLACE) for secret in secrets))
