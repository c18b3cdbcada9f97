"""Tokens of machine accounts: issue, revoke, note their use."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from tongdian.people.models import AccessToken, TokenUse, User
from tongdian.people.queries.tokens import digest_of

MARK = "tdk_"
SHOWN_CHARACTERS = 10
# A use is written at most once in this time, so that reading by the API stays reading.
USE_NOTED_EVERY = timedelta(minutes=1)

_NOTE = f"""
INSERT INTO {TokenUse._meta.db_table} AS use (token_id, used_at) VALUES (%s, %s)
ON CONFLICT (token_id) DO UPDATE SET used_at = excluded.used_at WHERE use.used_at <= %s
"""  # noqa: S608 - the table name is ours


class NotAMachine(ValueError):
    def __init__(self, username: str) -> None:
        super().__init__(f"{username!r} is no machine account; only those call the API")
        self.username = username


class AlreadyRevoked(RuntimeError):
    def __init__(self, token: AccessToken) -> None:
        super().__init__(f"token {token} was revoked at {token.revoked_at}")
        self.token = token


def issue_token(
    user: User, *, name: str, scopes: Collection[str], expires_at: datetime, by: User
) -> tuple[AccessToken, str]:
    """Create a token and return it with its secret, which is kept nowhere and cannot be shown again.

    Raises NotAMachine when the account is a person's; IntegrityError without a scope or with a past end.
    """
    if user.kind != User.Kind.MACHINE:
        raise NotAMachine(user.username)
    secret = MARK + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        digest=digest_of(secret),
        scopes=sorted(scopes),
        created_by=by,
        expires_at=expires_at,
    )
    return token, secret


def revoke_token(token: AccessToken, *, now: datetime) -> AccessToken:
    """End a token at once.

    Raises AlreadyRevoked.
    """
    if not AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise AlreadyRevoked(AccessToken.objects.get(pk=token.pk))
    token.revoked_at = now
    return token


def note_use(token: AccessToken, *, now: datetime) -> None:
    """Keep when the token was last used, at the minute. Causes one statement, which seldom writes."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [token.pk, now, now - USE_NOTED_EVERY])
