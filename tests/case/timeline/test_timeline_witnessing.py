"""Showing checkpoints to witnesses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongdian.case.models import Case, WitnessAnswer
from tongdian.case.operations.sealing import seal
from tongdian.case.operations.witnessing import present
from tongdian.case.queries.tree import origin, with_cosignatures
from tongdian.gateway.standin import witness as standin
from tongdian.gateway.witness import Witness, WitnessUnreachable
from tongdian.kernel.signed_note import Note, is_signed_by, verifier_key

from .conftest import KEY, note, notes

pytestmark = pytest.mark.django_db


@pytest.fixture
def witness(db: None, tmp_path: Path) -> Iterator[Witness]:
    with standin.running(tmp_path, logs=[verifier_key(origin(), KEY)]) as server:
        yield Witness(server.url, server.memory.verifier_key)


class TestPresent:
    def test_keeps_each_cosignature_of_a_growing_log(self, case: Case, witness: Witness) -> None:
        for count in (3, 300, 1):
            notes(case, count)
            checkpoint = seal([KEY])
            present([witness])

        assert WitnessAnswer.objects.filter(outcome="cosigned").count() == 3
        assert is_signed_by(Note.parse(with_cosignatures(checkpoint)), witness.key)

    def test_asks_nobody_twice(self, case: Case, witness: Witness) -> None:
        note(case)
        seal([KEY])

        assert [len(present([witness])), len(present([witness]))] == [1, 0]

    def test_has_nothing_to_show_before_the_first_seal(self, witness: Witness) -> None:
        assert present([witness]) == []

    def test_catches_up_when_an_answer_was_lost(self, case: Case, witness: Witness) -> None:
        note(case)
        first = seal([KEY])
        present([witness])
        with_lost_answer = WitnessAnswer.objects.filter(checkpoint=first)
        stranger = Witness(witness.url, verifier_key("stranger", KEY, algorithm=b"\x04"))
        note(case)
        seal([KEY])

        # Asked under a key it never answered with, the witness still has the size it saw, not the zero we begin with.
        with pytest.raises(WitnessUnreachable, match="no valid cosignature"):
            present([stranger])
        assert with_lost_answer.count() == 1
        assert present([witness])[0].outcome == "cosigned"

    def test_asks_the_others_when_one_is_silent(self, case: Case, witness: Witness) -> None:
        note(case)
        seal([KEY])
        silent = Witness("http://127.0.0.1:1", verifier_key("silent", KEY, algorithm=b"\x04"))

        with pytest.raises(WitnessUnreachable):
            present([silent, witness])

        assert WitnessAnswer.objects.get().witness == str(witness.key)
