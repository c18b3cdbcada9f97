"""Case numbers: made, read back, and wrong ones found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongdian.kernel.identifiers import InvalidIdentifier, case_number, parse_case_number

NUMBER = "370102-2026-000123-6"


class TestCaseNumber:
    def test_has_county_year_serial_and_check_digit(self) -> None:
        assert case_number("370102", 2026, 123) == NUMBER

    @pytest.mark.parametrize(
        ("county_code", "year", "serial", "message"),
        [
            ("37010", 2026, 1, "six digits"),
            ("37010A", 2026, 1, "six digits"),
            ("370102", 26, 1, "four digits"),
            ("370102", 20260, 1, "four digits"),
            ("370102", 2026, 0, "serial"),
            ("370102", 2026, 1_000_000, "1,000,000"),
        ],
    )
    def test_raises_for_parts_that_do_not_fit(self, county_code: str, year: int, serial: int, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            case_number(county_code, year, serial)


class TestParseCaseNumber:
    @given(county=st.integers(0, 999_999), year=st.integers(1000, 9999), serial=st.integers(1, 999_999))
    def test_undoes_case_number(self, county: int, year: int, serial: int) -> None:
        made = case_number(f"{county:06}", year, serial)

        found = parse_case_number(made)

        assert (found.text, found.county_code, found.year, found.serial) == (made, f"{county:06}", year, serial)

    @pytest.mark.parametrize(
        "text", ["37010220260001236", " 370102 2026 000123 6 ", "３７０１０２－２０２６－０００１２３－６"]
    )
    def test_reads_what_people_type(self, text: str) -> None:
        assert parse_case_number(text).text == NUMBER

    @given(position=st.integers(0, 16), digit=st.sampled_from("0123456789"))
    def test_finds_every_single_wrong_digit(self, position: int, digit: str) -> None:
        digits = NUMBER.replace("-", "")
        altered = digits[:position] + digit + digits[position + 1 :]

        if altered == digits:
            assert parse_case_number(altered).text == NUMBER
        else:
            with pytest.raises(InvalidIdentifier):
                parse_case_number(altered)

    @pytest.mark.parametrize(
        ("text", "reason", "position", "expected"),
        [
            ("370102-2026-000123", "length", None, "17"),
            ("370102-2026-00O123-6", "character", 13, "0-9"),
            ("370102-2026-000123-7", "check_digit", 17, "6"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, reason: str, position: int | None, expected: str) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            parse_case_number(text)

        assert (caught.value.reason, caught.value.position, caught.value.expected) == (reason, position, expected)
