"""The number of a case: county, year, serial and a check digit, made to be read out on the telephone."""

from dataclasses import dataclass

from tongdian.kernel.identifiers.check_characters import mod_11_10
from tongdian.kernel.identifiers.text import (
    DIGITS,
    require_characters,
    require_check,
    require_length,
    without_separators,
)

LARGEST_SERIAL = 999_999


@dataclass(frozen=True)
class CaseNumber:
    """The parts of a case number; `text` is its standard form, `370102-2026-000123-6`."""

    text: str
    county_code: str
    year: int
    serial: int


def case_number(county_code: str, year: int, serial: int) -> str:
    """Return the number of the `serial`-th case of a county and year, with an ISO 7064 MOD 11,10 check digit.

    Raises ValueError unless the county code has six digits, the year four and the serial lies in 1–999,999.

    >>> case_number("370102", 2026, 123)
    '370102-2026-000123-6'
    """
    if len(county_code) != 6 or not set(county_code) <= set(DIGITS):
        raise ValueError(f"a county code has six digits, not {county_code!r}")
    if not 1000 <= year <= 9999:
        raise ValueError(f"a year has four digits, not {year}")
    if not 1 <= serial <= LARGEST_SERIAL:
        raise ValueError(f"a serial lies between 1 and {LARGEST_SERIAL:,}, not at {serial:,}")
    check = mod_11_10(f"{county_code}{year}{serial:06}")
    return f"{county_code}-{year}-{serial:06}-{check}"


def parse_case_number(text: str) -> CaseNumber:
    """Check and read a case number, with or without its hyphens, in half-width or full-width digits.

    Raises InvalidIdentifier for a wrong length, a character that is no digit, or a check digit that does not fit.
    """
    value = without_separators(text)
    require_length("case_number", value, 17)
    require_characters("case_number", value, start=1, end=17, allowed=DIGITS, expected="0-9")
    require_check("case_number", value, mod_11_10(value[:16]))
    county_code, year, serial = value[:6], value[6:10], value[10:16]
    return CaseNumber(f"{county_code}-{year}-{serial}-{value[16]}", county_code, int(year), int(serial))
