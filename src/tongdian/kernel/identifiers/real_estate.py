"""The code of a real-estate unit (不动产单元号, GB/T 37346-2019)."""

from dataclasses import dataclass

from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier
from tongdian.kernel.identifiers.text import (
    DIGITS,
    LETTERS,
    require_characters,
    require_length,
    without_separators,
)

NO_FIXTURE = "W"


@dataclass(frozen=True)
class RealEstateUnit:
    """A real-estate unit: the parcel (19 characters) and the fixture on it (9), `W00000000` where there is none."""

    text: str
    county_code: str
    parcel: str
    fixture: str

    @property
    def has_fixture(self) -> bool:
        """Whether a building or another fixture belongs to the unit."""
        return not self.fixture.startswith(NO_FIXTURE)


def check_real_estate_unit(text: str) -> RealEstateUnit:
    """Check and read a real-estate unit number: 28 characters, often printed in groups with blanks.

    6 digits county, 3 cadastral district, 3 sub-district, 2 letters parcel type, 5 digits parcel, 1 letter fixture
    type, 8 digits fixture. There is no check character. Raises InvalidIdentifier for a wrong length, a character that
    does not belong where it stands, or a fixture number although the type says there is none.
    """
    value = without_separators(text)
    require_length("real_estate_unit", value, 28)
    for start, end, allowed in ((1, 12, DIGITS), (13, 14, LETTERS), (15, 19, DIGITS), (20, 20, LETTERS)):
        shown = "0-9" if allowed == DIGITS else "A-Z"
        require_characters("real_estate_unit", value, start=start, end=end, allowed=allowed, expected=shown)
    _require_fixture(value)
    return RealEstateUnit(value, county_code=value[:6], parcel=value[:19], fixture=value[19:])


def _require_fixture(value: str) -> None:
    require_characters("real_estate_unit", value, start=21, end=28, allowed=DIGITS, expected="0-9")
    if value[19] != NO_FIXTURE:
        return
    for position, character in enumerate(value[20:], start=21):
        if character != "0":
            raise InvalidIdentifier(Fault("real_estate_unit", "range", "0 after W", value, position))
