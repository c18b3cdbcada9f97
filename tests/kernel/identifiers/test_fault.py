"""Faults as data, with an English sentence for logs and commands."""

import pytest

from tongdian.kernel.identifiers import Fault, InvalidIdentifier


class TestFault:
    @pytest.mark.parametrize(
        ("fault", "text"),
        [
            (Fault("uscc", "length", "18", "913"), "uscc: has 3 characters, expected 18"),
            (Fault("uscc", "character", "0-9", "91A", 3), "uscc: character 3 ('A') is not allowed there, expected 0-9"),
        ],
    )
    def test_reads_as_a_sentence(self, fault: Fault, text: str) -> None:
        assert str(fault) == text
        assert str(InvalidIdentifier(fault)) == text

    def test_keeps_the_value_out_of_its_representation(self) -> None:
        assert "secret" not in repr(Fault("uscc", "length", "18", "secret"))
