"""Check characters: the arithmetic, without any identifier's layout."""

from collections.abc import Sequence

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
RESIDENT_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
RESIDENT_CHECKS = "10X98765432"


def mod_11_10(digits: str) -> str:
    """Return the check digit of ISO 7064 MOD 11,10: finds every wrong digit and nearly every swap of neighbours.

    >>> mod_11_10("2603141124890534694")
    '8'
    """
    p = 10
    for digit in digits:
        p = (p + int(digit)) % 10 or 10
        p = 2 * p % 11
    return str((11 - p) % 10)


def uscc_check(body: str) -> str:
    """Return the 18th character of a unified social credit code from its first 17 (GB 32100-2015)."""
    total = _weighted([USCC_ALPHABET.index(one) for one in body], USCC_WEIGHTS)
    return USCC_ALPHABET[-total % 31]


def resident_check(body: str) -> str:
    """Return the 18th character of a resident identity number from its first 17 digits (GB 11643-1999)."""
    return RESIDENT_CHECKS[_weighted([int(one) for one in body], RESIDENT_WEIGHTS) % 11]


def _weighted(values: Sequence[int], weights: Sequence[int]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=True))
