import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.utils import timezone

from support.demo_databases import unfound
from support.frame_cases import happen, new_case
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.verifying import verify_and_keep
from tongdian.case.queries.state import last_verification, timeline_state, witness_states
from tongdian.case.queries.timeline import NotFounded
from tongdian.case.queries.tree import latest_checkpoint

KEY = Ed25519PrivateKey.from_private_bytes(b"a key of these tests, 32 bytes :")


@pytest.mark.django_db
class TestTimelineState:
    def test_counts_what_waits_for_the_tree(self, django_assert_num_queries):
        before = timeline_state()
        event = happen(new_case(), "application.submitted")

        with django_assert_num_queries(1):
            after = timeline_state()

        assert after.unsealed == before.unsealed + 1
        assert after.events == before.events + 1
        assert after.oldest_unsealed_at <= event.recorded_at <= after.now

    def test_names_the_last_checkpoint(self):
        happen(new_case(), "application.submitted")
        seal([KEY])

        state = timeline_state()

        assert state.checkpoint == latest_checkpoint().note
        assert (state.unsealed, state.oldest_unsealed_at) == (0, None)
        assert state.sealed_leaves == state.leaves == state.events

    def test_needs_an_installation(self):
        unfound()

        with pytest.raises(NotFounded):
            timeline_state()


@pytest.mark.django_db
class TestWitnessStates:
    def test_is_empty_before_anybody_answered(self):
        assert witness_states() == []


@pytest.mark.django_db
class TestLastVerification:
    def test_is_none_before_the_first(self):
        assert last_verification() is None

    def test_is_what_was_found_last(self):
        happen(new_case(), "application.submitted")
        kept = verify_and_keep(now=timezone.now())

        assert last_verification() == kept
        assert kept.fault == ""
        assert kept.events == timeline_state().events

    def test_holds_the_first_fault(self):
        happen(new_case(), "application.submitted")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE case_event DISABLE TRIGGER USER")
            cursor.execute("UPDATE case_event SET channel = 'api'")

        assert verify_and_keep(now=timezone.now()).fault.startswith("case_event")
