"""The path of a place."""

import pytest

from tongdian.policy import NotADivisionCode
from tongdian.policy.places import place_path


class TestPlacePath:
    @pytest.mark.parametrize(
        ("code", "path"),
        [
            ("370102", ("370102", "370100", "370000", "100000")),
            ("370100", ("370100", "370000", "100000")),
            ("370000", ("370000", "100000")),
            ("100000", ("100000",)),
        ],
    )
    def test_climbs_from_the_county_to_the_nation(self, code: str, path: tuple[str, ...]) -> None:
        assert place_path(code) == path

    @pytest.mark.parametrize("code", ["37010", "3701022", "济南", "", "070102", 370102, None, "37010２"])
    def test_refuses_what_is_no_division_code(self, code: object) -> None:
        with pytest.raises(NotADivisionCode) as caught:
            place_path(code)  # type: ignore[arg-type]

        assert caught.value.code == code
