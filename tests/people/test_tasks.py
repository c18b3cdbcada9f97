from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from tongdian.people import tasks
from tongdian.people.models import PhoneCode


def code(issued_at) -> PhoneCode:
    return PhoneCode.objects.create(
        phone_digest=b"x", purpose="sign_in", issued_at=issued_at, expires_at=issued_at + timedelta(minutes=5)
    )


@pytest.mark.django_db
class TestForgetCodes:
    def test_deletes_codes_older_than_two_days(self):
        now = timezone.now()
        code(now - tasks.KEPT - timedelta(minutes=1))
        kept = code(now - tasks.KEPT + timedelta(minutes=1))

        tasks.forget_codes()

        assert list(PhoneCode.objects.all()) == [kept]


@pytest.mark.django_db
class TestClearSessions:
    def test_deletes_expired_sessions_only(self):
        now = timezone.now()
        Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
        Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))

        tasks.clear_sessions()

        kept = Session.objects.filter(session_key__in=["old", "new"])
        assert [session.session_key for session in kept] == ["new"]
