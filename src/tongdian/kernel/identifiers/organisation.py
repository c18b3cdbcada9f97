"""The unified social credit code (统一社会信用代码, GB 32100-2015) of firms, agencies and other organisations."""

from dataclasses import dataclass

from tongdian.kernel.identifiers.check_characters import USCC_ALPHABET, uscc_check
from tongdian.kernel.identifiers.text import DIGITS, clean, require_characters, require_check, require_length


@dataclass(frozen=True)
class CreditCode:
    """A valid unified social credit code; `region_code` is where the organisation registered first."""

    text: str
    registrar: str
    region_code: str
    organisation_code: str


def check_uscc(text: str) -> CreditCode:
    """Check and read a unified social credit code: 18 characters out of 31 possible ones, the last one checks the rest.

    Raises InvalidIdentifier for a wrong length, a character outside the alphabet (I, O, S, V and Z do not exist), a
    letter among the six region digits, or a check character that does not fit.
    """
    value = clean(text)
    require_length("uscc", value, 18)
    require_characters("uscc", value, start=1, end=18, allowed=USCC_ALPHABET, expected="0-9 A-H J-N P-R T U W X Y")
    require_characters("uscc", value, start=3, end=8, allowed=DIGITS, expected="0-9")
    require_check("uscc", value, uscc_check(value[:17]))
    return CreditCode(value, registrar=value[:2], region_code=value[2:8], organisation_code=value[8:17])
