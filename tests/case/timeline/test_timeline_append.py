"""Appending: what the trigger writes, what Python recomputes, what the database refuses."""

import pytest

from tongdian.case.models import Event
from tongdian.case.operations import append
from tongdian.case.timeline.hashing import HASHED_COLUMNS, EventFields, event_hash

pytestmark = pytest.mark.django_db


def recomputed(event: Event) -> bytes:
    fresh = Event.objects.get(pk=event.pk)
    return event_hash(EventFields(**{name: getattr(fresh, name) for name in HASHED_COLUMNS}))


class TestAppend:
    def test_numbers_and_chains_the_events_of_a_case(self, case):
        first = append(case, kind="application.submitted", actor=case.opened_by, channel="portal", body={"step": 1})
        second = append(case, kind="application.accepted", actor=None, channel="desk", body={"说": 1} and {"step": 2})

        assert (first.seq, second.seq) == (1, 2)
        assert second.prev_hash == first.hash
        assert recomputed(first) == first.hash
        assert recomputed(second) == second.hash
