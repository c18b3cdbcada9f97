"""The secrets of authenticators lie in django-allauth's table, sealed by our adapter."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from tongdian.people.second_factor import PLACE
from tongdian.ui import sealing


def reseal_authenticators() -> int:
    """Seal the secrets of authenticators with the current key and return how many rows changed; one transaction.

    Raises UnknownKey when one is sealed with a key that is no longer in the ring.
    """
    with transaction.atomic():
        return sum(_reseal(row) for row in Authenticator.objects.select_for_update().order_by("pk"))


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
