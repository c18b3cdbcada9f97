"""The resident identity number; every number here is made up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.kernel.identifiers import InvalidIdentifier, check_resident_id
from tongdian.kernel.identifiers.check_characters import resident_check

VALID = "37010219900101001X"


def with_check(body: str) -> str:
    return body + resident_check(body)


class TestCheckResidentId:
    @pytest.mark.parametrize("text", [VALID, VALID.lower(), f" {VALID} ", "３７０１０２１９９００１０１００１Ｘ"])
    def test_reads_a_number_as_typed(self, text: str) -> None:
        found = check_resident_id(text)

        assert (found.text, found.region_code, found.birth_date) == (VALID, "370102", date(1990, 1, 1))

    @given(birth=st.dates(date(1900, 1, 1), date(2026, 11, 23)), order=st.integers(0, 999))
    def test_reads_every_real_birth_date(self, birth: date, order: int) -> None:
        assert check_resident_id(with_check(f"370102{birth:%Y%m%d}{order:03}")).birth_date == birth

    @pytest.mark.parametrize(
        ("text", "reason", "position", "character"),
        [
            (VALID[:15], "length", None, ""),
            ("3701021990010100AX", "character", 17, "A"),
            (VALID[:-1] + "Y", "character", 18, "Y"),
            ("99010219900101001X", "region", 1, "9"),
            ("38010219900101001X", "region", 2, "8"),
            (with_check("37010217990101001"), "date", 7, "1"),
            (with_check("37010219901301001"), "date", 11, "1"),
            (with_check("37010219900001001"), "date", 11, "0"),
            (with_check("37010219900230001"), "date", 13, "3"),
            (with_check("37010219000229001"), "date", 13, "2"),
            (VALID[:-1] + "1", "check_digit", 18, "1"),
        ],
    )
    def test_says_which_character_is_wrong(self, text: str, reason: str, position: int | None, character: str) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            check_resident_id(text)

        assert (caught.value.reason, caught.value.position, caught.value.character) == (reason, position, character)

    def test_knows_the_leap_day(self) -> None:
        assert check_resident_id(with_check("37010220000229001")).birth_date == date(2000, 2, 29)

    def test_does_not_print_the_number(self) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            check_resident_id(VALID[:-1] + "1")

        printed = f"{caught.value} {caught.value!r} {caught.value.fault!r} {check_resident_id(VALID)!r}"
        assert VALID[:-1] not in printed
        assert "1990" not in printed

    @given(position=st.integers(0, 17), digit=st.sampled_from("0123456789"))
    def test_finds_every_single_wrong_digit(self, position: int, digit: str) -> None:
        altered = VALID[:position] + digit + VALID[position + 1 :]

        if altered == VALID:
            assert check_resident_id(altered).text == VALID
        else:
            with pytest.raises(InvalidIdentifier):
                check_resident_id(altered)
