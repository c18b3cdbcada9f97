"""Reads for signing in through an organisation's identity provider."""

from allauth.socialaccount.models import SocialAccount

from tongdian.people.models import User


def staff_named(username: str) -> User | None:
    """Find the active account of staff of that user name, whatever its case; None for the public and for machines."""
    if not username:
        return None
    found = User.objects.filter(username__iexact=username, kind=User.Kind.STAFF, is_active=True).order_by("pk")[:2]
    # Two names that differ in their case only are two persons: neither may come in by the other's.
    return found[0] if len(found) == 1 else None


def has_identity(user: User, *, provider: str) -> bool:
    """Tell whether the account is linked to somebody at that provider already."""
    return bool(SocialAccount.objects.filter(user=user, provider=provider).exists())
