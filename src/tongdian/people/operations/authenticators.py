"""The secrets of authenticators lie in django-allauth's table, sealed by our adapter."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from tongdian.people.second_factor import PLACE, SEALED_TYPES
from tongdian.ui import sealing


def reseal_authenticators() -> int:
    """Seal the secrets of authenticators with the current key and return how many rows changed; one transaction.

    Security keys hold no secret of ours and are left alone.

    Raises UnknownKey when one is sealed with a key that is no longer in the ring.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(type__in=SEALED_TYPES).order_by("pk")
        return sum(_reseal(row) for row in rows)


def _reseal(row: Authenticator) -> bool:
    current = {name: _current(value) for name, value in row.data.items()}
    if current == row.data:
        return False
    row.data = current
    row.save(update_fields=["data"])
    return True


def _current(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    token = bytes.fromhex(value)
    if sealing.key_of(token, place=PLACE) == sealing.current_key_id():
        return value
    return sealing.seal(sealing.open_sealed(token, place=PLACE), place=PLACE).hex()
