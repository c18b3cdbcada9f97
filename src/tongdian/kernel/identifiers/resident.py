"""The resident identity number (公民身份号码, GB 11643-1999)."""

from dataclasses import dataclass, field
from datetime import date

from tongdian.kernel.identifiers.check_characters import resident_check
from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier
from tongdian.kernel.identifiers.text import DIGITS, clean, require_characters, require_check, require_length

# The first two digits of GB/T 2260; 83 stands on residence permits of people from Taiwan.
PROVINCES = frozenset(
    str(number)
    for numbers in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), [71])
    for number in numbers
) | {"81", "82", "83"}
OLDEST_YEAR = 1850


@dataclass(frozen=True)
class ResidentId:
    """A well-formed resident identity number; it is personal data, so its text is not printed."""

    text: str = field(repr=False)
    region_code: str
    birth_date: date = field(repr=False)


def check_resident_id(text: str) -> ResidentId:
    """Check and read a resident identity number: 17 digits and a check character, 0–9 or X.

    Raises InvalidIdentifier for a wrong length, a character that is no digit, a province that does not exist, a birth
    date that is not in the calendar, or a check character that does not fit.
    """
    value = clean(text)
    require_length("resident_id", value, 18)
    require_characters("resident_id", value, start=1, end=17, allowed=DIGITS, expected="0-9")
    require_characters("resident_id", value, start=18, end=18, allowed=DIGITS + "X", expected="0-9 X")
    _require_province(value)
    birth_date = _birth_date(value)
    require_check("resident_id", value, resident_check(value[:17]))
    return ResidentId(value, region_code=value[:6], birth_date=birth_date)


def _require_province(value: str) -> None:
    if value[:2] in PROVINCES:
        return
    first_is_wrong = not any(one.startswith(value[0]) for one in PROVINCES)
    raise InvalidIdentifier(Fault("resident_id", "region", "a province", value, 1 if first_is_wrong else 2))


def _birth_date(value: str) -> date:
    year, month, day = int(value[6:10]), int(value[10:12]), int(value[12:14])
    if year < OLDEST_YEAR:
        raise InvalidIdentifier(Fault("resident_id", "date", f"a year from {OLDEST_YEAR}", value, 7))
    if not 1 <= month <= 12:
        raise InvalidIdentifier(Fault("resident_id", "date", "a month, 01-12", value, 11))
    try:
        return date(year, month, day)
    except ValueError as error:
        fault = Fault("resident_id", "date", f"a day of {year}-{month:02}", value, 13)
        raise InvalidIdentifier(fault) from error
