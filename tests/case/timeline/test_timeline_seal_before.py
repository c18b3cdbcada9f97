"""What a paper carries of the log: the checkpoint signed before its event, whatever comes later."""

from datetime import timedelta

import pytest

from tongdian.case.models import Case
from tongdian.case.operations import set_clock
from tongdian.case.operations.sealing import seal
from tongdian.case.queries.log import seal_before
from tongdian.case.queries.tree import origin
from tongdian.kernel.signed_note import verifier_key

from .conftest import KEY, note


@pytest.mark.django_db
class TestSealBefore:
    def test_is_none_before_the_first_checkpoint(self, case: Case) -> None:
        event = note(case)
        seal([KEY])

        assert seal_before(event) is None

    def test_names_size_root_and_key_of_the_checkpoint_before(self, case: Case) -> None:
        note(case)
        checkpoint = seal([KEY])
        event = note(case)

        carried = seal_before(event)

        assert checkpoint is not None
        assert carried is not None
        assert (carried.size, carried.root) == (1, bytes(checkpoint.root).hex())
        assert carried.key == str(verifier_key(origin(), KEY))

    def test_stays_the_same_when_more_is_sealed(self, case: Case) -> None:
        note(case)
        seal([KEY])
        event = note(case)
        before = seal_before(event)

        note(case)
        seal([KEY])

        assert seal_before(event) == before

    def test_does_not_mind_that_the_clock_was_moved(self, case: Case) -> None:
        set_clock(timedelta(days=-30), reason="history")
        note(case)
        seal([KEY])
        set_clock(timedelta(days=-10), reason="history")
        event = note(case)
        set_clock(timedelta(), reason="history")
        note(case)
        seal([KEY])

        carried = seal_before(event)

        assert carried is not None
        assert carried.size == 1
