"""Contacts and threads: one contact, two acceptances at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as database_connections

from support import connections, people
from tongdian.case.models import ContactLink
from tongdian.case.operations import timeline
from tongdian.case.operations.contacts import carry_guide_result, join_contacts, log_contact
from tongdian.case.queries import installation_now


class TestJoinContacts:
    def test_gives_a_contact_to_one_of_two_acceptances_at_once(self, committed) -> None:
        utility, now = connections.utility(), installation_now()
        log_contact(
            kind="call",
            channel="supply_hotline",
            topic="connection",
            county_code=connections.COUNTY,
            utility_id=utility.pk,
            by=people.staff(at=utility),
            now=now,
            phone=connections.WHO["contact_phone"],
        )
        walks = [connections.submitted(), connections.submitted()]
        start = threading.Barrier(2)

        def accept(walk: connections.Walk) -> None:
            try:
                start.wait(timeout=10)
                walk.accepted()
            finally:
                database_connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(accept, walks))

        assert ContactLink.objects.count() == 1

    def test_needs_a_transaction(self, committed) -> None:
        case = connections.submitted().case

        with pytest.raises(timeline.NotInTransaction):
            join_contacts(case, now=installation_now())
        with pytest.raises(timeline.NotInTransaction):
            carry_guide_result(case, code="", now=installation_now())
