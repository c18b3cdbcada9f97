"""The code of an investment project (项目代码): one form from 2015, another since 2020-11 (GB/T 40058-2021)."""

from dataclasses import dataclass
from typing import Literal

from tongdian.kernel.identifiers.check_characters import mod_11_10
from tongdian.kernel.identifiers.fault import Fault, InvalidIdentifier
from tongdian.kernel.identifiers.text import DIGITS, clean, require_characters, require_length

Era = Literal["2015", "2020"]
HYPHENS = (5, 12, 15, 18)
LENGTH = 24


@dataclass(frozen=True)
class ProjectCode:
    """A project code, `YYYY-RRRRRR-…` (era 2015) or `YYMM-RRRRRR-…` (era 2020).

    The two short groups mean different things: in era 2015 `sector` is the industry division and `category` the
    procedure (approval, verification, filing); in era 2020 they are the guiding central department and the project
    type. `warnings` holds a check digit that does not fit: its rule was inferred from samples, it must not refuse.
    """

    text: str
    era: Era
    year: int
    month: int | None
    region_code: str
    sector: str
    category: str
    serial: str
    warnings: tuple[Fault, ...] = ()


def check_project_code(text: str) -> ProjectCode:
    """Check and read a project code: 20 digits in groups of 4, 6, 2, 2 and 6 joined by hyphens.

    A first group that is a year from 2015 to 2021 is era 2015, one that is year and month (2001 = January 2020) is era
    2020; none can be both. Raises InvalidIdentifier for a wrong length, a character that does not belong where it
    stands, or a first group that is neither.
    """
    value = _with_plain_hyphens(clean(text))
    require_length("project_code", value, LENGTH)
    for position in range(1, LENGTH + 1):
        expected = "-" if position in HYPHENS else DIGITS
        shown = "-" if position in HYPHENS else "0-9"
        require_characters("project_code", value, start=position, end=position, allowed=expected, expected=shown)
    era, year, month = _era(value)
    _, region_code, sector, category, serial = value.split("-")
    return ProjectCode(
        text=value,
        era=era,
        year=year,
        month=month,
        region_code=region_code,
        sector=sector,
        category=category,
        serial=serial,
        warnings=_check_warnings(value) if era == "2020" else (),
    )


def _with_plain_hyphens(value: str) -> str:
    return "".join("-" if one in "‐‑–—" else one for one in value)


def _era(value: str) -> tuple[Era, int, int | None]:
    group = int(value[:4])
    if 2015 <= group <= 2021:
        return "2015", group, None
    short_year, month = divmod(group, 100)
    if short_year >= 20 and 1 <= month <= 12:
        return "2020", 2000 + short_year, month
    wrong = 3 if short_year >= 20 else 1
    raise InvalidIdentifier(
        Fault("project_code", "date", "a year 2015-2021, or year 20-99 and month 01-12", value, wrong)
    )


def _check_warnings(value: str) -> tuple[Fault, ...]:
    digits = value.replace("-", "")
    expected = mod_11_10(digits[:-1])
    return () if digits[-1] == expected else (Fault("project_code", "check_digit", expected, value, LENGTH),)
