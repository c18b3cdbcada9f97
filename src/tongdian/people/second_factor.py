"""Decides who must have a second factor before doing anything else."""

from collections import Counter

from allauth.mfa.models import Authenticator
from django.conf import settings

from tongdian.people.models import User
from tongdian.people.queries import holds_staff_role
from tongdian.ui import sealing

# What the sealed secrets of authenticators are bound to.
PLACE = "mfa.authenticator.data"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
SEALED_TYPES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def must_enrol(user: User) -> bool:
    """Tell whether a holder of a staff role still lacks one-time password and security key; at most two queries."""
    return is_required(user) and not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def is_required(user: User) -> bool:
    """Tell whether the account must have a second factor; at most one query."""
    return bool(settings.REQUIRE_TOTP) and holds_staff_role(user)


def is_last(authenticator: Authenticator) -> bool:
    """Tell whether the account would have no second factor without this one; recovery codes alone are none."""
    others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
    return authenticator.type in FACTORS and not others.exists()


def count_authenticator_keys() -> dict[str, int]:
    """Count the sealed secrets of authenticators per key id; one query, reads all of them."""
    rows = Authenticator.objects.filter(type__in=SEALED_TYPES).order_by("pk").values_list("data", flat=True)
    secrets = [bytes.fromhex(value) for data in rows for value in data.values() if isinstance(value, str)]
    return dict(Counter(sealing.key_of(secret, place=PLACE) for secret in secrets))
