"""The project code in its two eras."""

import pytest

from tongdian.kernel.identifiers import InvalidIdentifier, check_project_code


class TestCheckProjectCode:
    @pytest.mark.parametrize(
        ("text", "era", "year", "month"),
        [
            ("2603-141124-89-05-346948", "2020", 2026, 3),
            ("2411-130202-89-01-637015", "2020", 2024, 11),
            ("2020-330327-48-01-167360", "2015", 2020, None),
            ("2020-451421-88-03-016343", "2015", 2020, None),
            ("2015-370100-44-03-000000", "2015", 2015, None),
            ("2021-370100-44-03-000000", "2015", 2021, None),
        ],
    )
    def test_reads_codes_of_both_eras_without_a_warning(
        self, text: str, era: str, year: int, month: int | None
    ) -> None:
        found = check_project_code(text)

        assert (found.era, found.year, found.month, found.warnings) == (era, year, month, ())
        assert "-".join([text[:4], found.region_code, found.sector, found.category, found.serial]) == text

    def test_warns_of_a_check_digit_and_does_not_refuse_it(self) -> None:
        found = check_project_code("2603-141124-89-05-346940")

        assert found.serial == "346940"
        assert [(one.reason, one.position, one.character, one.expected) for one in found.warnings] == [
            ("check_digit", 24, "0", "8")
        ]

    def test_takes_any_dash_and_full_width_digits(self) -> None:
        assert check_project_code("２６０３－141124–89—05‑346948").text == "2603-141124-89-05-346948"

    @pytest.mark.parametrize(
        ("text", "reason", "position", "expected"),
        [
            ("2603-141124-89-05-34694", "length", None, "24"),
            ("26031411248905346948", "length", None, "24"),
            ("2603 141124-89-05-346948", "character", 5, "-"),
            ("2603-14112A-89-05-346948", "character", 11, "0-9"),
            ("2603-141124-89-05-34694-", "character", 24, "0-9"),
            ("2613-141124-89-05-346948", "date", 3, "a year 2015-2021, or year 20-99 and month 01-12"),
            ("2600-141124-89-05-346948", "date", 3, "a year 2015-2021, or year 20-99 and month 01-12"),
            ("2014-141124-89-05-346948", "date", 3, "a year 2015-2021, or year 20-99 and month 01-12"),
            ("1912-141124-89-05-346948", "date", 1, "a year 2015-2021, or year 20-99 and month 01-12"),
        ],
    )
    def test_says_which_character_is_wrong(self, text: str, reason: str, position: int | None, expected: str) -> None:
        with pytest.raises(InvalidIdentifier) as caught:
            check_project_code(text)

        error = caught.value
        assert (error.kind, error.reason, error.position, error.expected) == (
            "project_code",
            reason,
            position,
            expected,
        )

    @pytest.mark.parametrize(("group", "era"), [("2012", "2020"), ("2001", "2020"), ("2015", "2015"), ("2101", "2020")])
    def test_tells_the_eras_apart_by_the_first_group(self, group: str, era: str) -> None:
        assert check_project_code(f"{group}-370102-89-01-000001").era == era
