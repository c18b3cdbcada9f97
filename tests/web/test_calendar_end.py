from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from support import connections
from tongdian.case.models import Case
from tongdian.case.operations.timeline import move_clock_to

pytestmark = pytest.mark.django_db


class TestCalendarEndMiddleware:
    def test_says_so_and_keeps_nothing_of_a_submission(self) -> None:
        draft = connections.draft()
        move_clock_to(datetime(2028, 12, 29, 2, tzinfo=UTC), reason="test")
        client = Client()
        client.force_login(draft.owner)

        page = client.post(reverse("apply_check", args=[draft.pk]), {"version": draft.version})

        assert page.status_code == 503
        assert "工作日历还没有录到这一天" in page.content.decode()
        assert not Case.objects.filter(applicant=draft.owner).exists()
