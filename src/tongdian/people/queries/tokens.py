"""Tokens of machine accounts."""

import hashlib
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from tongdian.people.models import AccessToken, Organisation, User
from tongdian.people.queries.scope import scope


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


def organisations_of(user: User, permission: str) -> QuerySet[Organisation]:
    """Return the active organisations a user manages under a permission that reaches organisations."""
    tops = [right.top_id for right in scope(user, permission).rights]
    return Organisation.objects.filter(Q(pk__in=tops) | Q(parent__in=tops), is_active=True).order_by("code")


def machines_for(user: User, *, now: datetime) -> QuerySet[User]:
    """Return the machine accounts a user manages, with their tokens in force and when one was last used."""
    in_force = Q(tokens__revoked_at=None, tokens__expires_at__gt=now)
    reached = scope(user, "machine.manage").filter(
        User.objects.filter(kind=User.Kind.MACHINE), organisation="organisation"
    )
    return reached.select_related("organisation").annotate(
        active_tokens=Count("tokens", filter=in_force, distinct=True),
        last_used_at=Max("tokens__use__used_at"),
    )


def tokens_of(user: User) -> list[AccessToken]:
    """List the tokens of a machine account, newest first, with their last use. Causes one query."""
    return list(AccessToken.objects.filter(user=user).select_related("use", "created_by").order_by("-id"))


def token_for(user: User, token_id: int) -> AccessToken:
    """Return one token of a machine account.

    Raises AccessToken.DoesNotExist.
    """
    return AccessToken.objects.get(pk=token_id, user=user)
