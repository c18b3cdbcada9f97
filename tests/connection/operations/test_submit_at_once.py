"""Two presses of one button, on committed rows: a double click is not an error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as databases
from tests.case.conftest import committed  # noqa: F401 - a fixture

from support import connections
from tongdian.case.queries import installation_now
from tongdian.connection import operations


class TestSubmitTwice:
    @pytest.mark.django_db
    def test_leads_the_second_press_to_the_case(self):
        draft = connections.draft()
        case = press(draft)

        assert press(draft) == case

    def test_leads_presses_at_once_to_the_one_case(self, committed):  # noqa: F811 - pytest's way of asking for it
        draft = connections.draft()
        start = threading.Barrier(3)

        def press_at_once(_):
            try:
                start.wait(timeout=10)
                return press(draft)
            finally:
                databases.close_all()

        with ThreadPoolExecutor(3) as pool:
            led_to = set(pool.map(press_at_once, range(3)))

        assert len(led_to) == 1


def press(draft):
    """Submit the draft as its page does; return the id of the case one is led to."""
    try:
        return operations.submit(
            draft.pk, owner=draft.owner, expected_version=draft.version, channel="web", now=installation_now()
        ).pk
    except operations.AlreadySubmitted as error:
        return error.case.pk
