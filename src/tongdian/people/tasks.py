"""Jobs of people: forget what has no use any more."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from tongdian.gateway import jobs
from tongdian.people import operations

KEPT = timedelta(days=2)


@jobs.task("people.forget_codes", every="27 3 * * *")
def forget_codes() -> None:
    operations.forget_codes(before=timezone.now() - KEPT)


@jobs.task("people.clear_sessions", every="37 3 * * *")
def clear_sessions() -> None:
    SessionStore.clear_expired()
