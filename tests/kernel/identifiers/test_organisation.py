"""The unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.kernel.identifiers import InvalidIdentifier, check_uscc
from tongdian.kernel.identifiers.check_characters import USCC_ALPHABET, uscc_check

VALID = "91370100MA0000000W"
FULL_WIDTH = "".join(chr(ord(one) + 0xFEE0) for one in VALID)


@st.composite
def valid_codes(draw: st.DrawFn) -> str:
    letters = st.sampled_from(USCC_ALPHABET)
    body = "".join(draw(st.tuples(letters, letters, st.from_regex(r"[0-9]{6}", fullmatch=True), *[letters] * 9)))
    return body + uscc_check(body)


class TestCheckUscc:
    @pytest.mark.parametrize("text", [VALID, "9137010000000000XK", "12370000000000000R"])
    def test_reads_the_known_codes(self, text: str) -> None:
        found = check_uscc(text)

        assert (found.text, found.registrar, found.region_code) == (text, text[:2], text[2:8])
        assert found.organisation_code == text[8:17]

    @pytest.mark.parametrize("text", [f"  {VALID}\n", VALID.lower(), FULL_WIDTH])
    def test_forgives_case_width_and_blanks_around(self, text: str) -> None:
        assert check_uscc(text).text == VALID

    @pytest.mark.parametrize(
        ("text", "reason", "position", "character", "expected"),
        [
            (VALID[:-1], "length", None, "", "18"),
            (VALID + "0", "length", None, "", "18"),
            ("", "length", None, "", "18"),
            ("I1370100MA0000000W", "character", 1, "I", "0-9 A-H J-N P-R T U W X Y"),
            ("91370100MAO000000W", "character", 11, "O", "0-9 A-H J-N P-R T U W X Y"),
            ("9137010AMA0000000W", "character", 8, "A", "0-9"),
            ("91370100MA00-0000W", "character", 13, "-", "0-9 A-H J-N P-R T U W X Y"),
            ("91370100MA0000000X", "check_digit", 18, "X", "W"),
            ("91370100MA0000001W", "check_digit", 18, "W", uscc_check("91370100MA0000001")),
        ],
    )
    def test_says_which_character_is_wrong(
        self, text: str, reason: str, position: int | None, character: str, expected: str
    ) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            check_uscc(text)

        error = caught.value
        assert (error.kind, error.reason, error.position) == ("uscc", reason, position)
        assert (error.character, error.expected) == (character, expected)

    @given(text=valid_codes(), position=st.integers(0, 17), character=st.sampled_from(USCC_ALPHABET))
    def test_finds_every_single_wrong_character(self, text: str, position: int, character: str) -> None:
        altered = text[:position] + character + text[position + 1 :]

        if altered == text:
            assert check_uscc(altered).text == text
        else:
            with pytest.raises(InvalidIdentifier):
                check_uscc(altered)
