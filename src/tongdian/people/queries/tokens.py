"""Tokens of machine accounts."""

import hashlib
from datetime import datetime

from tongdian.people.models import AccessToken, User


def digest_of(secret: str) -> bytes:
    """Return what is kept of a token's secret. The secret is random, so a plain digest cannot be searched."""
    return hashlib.sha256(secret.encode()).digest()


def token_of(secret: str, *, now: datetime) -> AccessToken | None:
    """Find the token in force of a secret, with its account; None when there is none. Causes one query."""
    return (
        AccessToken.objects.filter(digest=digest_of(secret), revoked_at=None, expires_at__gt=now)
        .filter(user__is_active=True)
        .select_related("user")
        .first()
    )


def machines(organisation_ids: list[int]) -> list[User]:
    """List the machine accounts of organisations, by name. Causes one query."""
    wanted = User.objects.filter(kind=User.Kind.MACHINE, organisation__in=organisation_ids)
    return list(wanted.select_related("organisation").order_by("username"))
