"""The real-estate unit number."""

import pytest

from tongdian.kernel.identifiers import InvalidIdentifier, check_real_estate_unit

BUILDING = "370102001001GB00001F00010001"


class TestCheckRealEstateUnit:
    @pytest.mark.parametrize(
        "text", [BUILDING, BUILDING.lower(), "370102 001001 GB00001 F00010001", "370102-001001-GB00001-F00010001"]
    )
    def test_reads_a_number_with_or_without_groups(self, text: str) -> None:
        found = check_real_estate_unit(text)

        assert (found.text, found.county_code, found.has_fixture) == (BUILDING, "370102", True)
        assert (found.parcel, found.fixture) == ("370102001001GB00001", "F00010001")

    def test_reads_a_parcel_without_a_fixture(self) -> None:
        assert check_real_estate_unit("370102001001GB00001W00000000").has_fixture is False

    @pytest.mark.parametrize(
        ("text", "reason", "position", "character", "expected"),
        [
            (BUILDING[:-1], "length", None, "", "28"),
            ("37010A001001GB00001F00010001", "character", 6, "A", "0-9"),
            ("370102001001G100001F00010001", "character", 14, "1", "A-Z"),
            ("370102001001GB0000XF00010001", "character", 19, "X", "0-9"),
            ("370102001001GB00001100010001", "character", 20, "1", "A-Z"),
            ("370102001001GB00001F0001000A", "character", 28, "A", "0-9"),
            ("370102001001GB00001W00000020", "range", 27, "2", "0 after W"),
        ],
    )
    def test_says_which_character_is_wrong(
        self, text: str, reason: str, position: int | None, character: str, expected: str
    ) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            check_real_estate_unit(text)

        error = caught.value
        assert (error.reason, error.position, error.character, error.expected) == (
            reason,
            position,
            character,
            expected,
        )
