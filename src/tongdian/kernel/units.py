"""Quantities with units: values of one kind compare and convert, values of different kinds refuse.

160 kW (what a customer uses) and 160 kVA (what a transformer carries) are different kinds: only a power factor
relates them.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

# Unit → kind, and how many of the kind's base unit one of it is.
UNITS: dict[str, tuple[str, Decimal]] = {
    "W": ("active power", Decimal("0.001")),
    "kW": ("active power", Decimal(1)),
    "MW": ("active power", Decimal(1000)),
    "kVA": ("apparent power", Decimal(1)),
    "MVA": ("apparent power", Decimal(1000)),
    "kvar": ("reactive power", Decimal(1)),
    "Mvar": ("reactive power", Decimal(1000)),
    "kWh": ("energy", Decimal(1)),
    "MWh": ("energy", Decimal(1000)),
    "V": ("voltage", Decimal("0.001")),
    "kV": ("voltage", Decimal(1)),
    "m": ("length", Decimal("0.001")),
    "km": ("length", Decimal(1)),
    "min": ("duration", Decimal(1)),
    "h": ("duration", Decimal(60)),
}


class NotComparable(Exception):
    """Two units measure different kinds of thing."""

    def __init__(self, unit: str, other: str) -> None:
        hint = " without a power factor" if {"kW", "kVA"} <= {unit.replace("M", "k"), other.replace("M", "k")} else ""
        super().__init__(
            f"{unit} ({UNITS[unit][0]}) cannot be compared with or turned into {other} ({UNITS[other][0]}){hint}"
        )
        self.unit, self.other = unit, other


@total_ordering
@dataclass(frozen=True, eq=False)
class Quantity:
    """An exact value with its unit; 1 MW equals 1000 kW. Raises ValueError for a unit that is not in UNITS.

    Comparing or converting raises NotComparable when the kinds differ.

    >>> Quantity(Decimal("0.16"), "MW") <= Quantity(Decimal(160), "kW")
    True
    """

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown unit, TypeError for a value that is not exact."""
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit {self.unit!r}; known are {', '.join(UNITS)}")
        if not isinstance(self.value, Decimal):
            raise TypeError(f"a quantity needs a Decimal, not {type(self.value).__name__} {self.value!r}")

    def to(self, unit: str) -> "Quantity":
        """Return the same quantity in another unit of its kind. Raises NotComparable for one of another kind."""
        return Quantity(self._in_base(unit) / UNITS[unit][1], unit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self._in_base(other.unit) == other._in_base(other.unit)

    def __lt__(self, other: "Quantity") -> bool:
        return self._in_base(other.unit) < other._in_base(other.unit)

    def __hash__(self) -> int:
        return hash((UNITS[self.unit][0], self._in_base(self.unit)))

    def __str__(self) -> str:
        return f"{self.value} {self.unit}"

    def _in_base(self, unit: str) -> Decimal:
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit!r}; known are {', '.join(UNITS)}")
        if UNITS[unit][0] != UNITS[self.unit][0]:
            raise NotComparable(self.unit, unit)
        return self.value * UNITS[self.unit][1]


def kva_from_kw(load_kw: Decimal, *, power_factor: Decimal) -> Decimal:
    """Return the apparent power [kVA] of an active power [kW]: S = P / cos φ.

    `power_factor` as a fraction. Raises ValueError unless 0 < power_factor ≤ 1.
    """
    return load_kw / _checked(power_factor)


def kw_from_kva(rated_kva: Decimal, *, power_factor: Decimal) -> Decimal:
    """Return the active power [kW] of an apparent power [kVA]: P = S · cos φ.

    `power_factor` as a fraction. Raises ValueError unless 0 < power_factor ≤ 1.
    """
    return rated_kva * _checked(power_factor)


def _checked(power_factor: Decimal) -> Decimal:
    if not 0 < power_factor <= 1:
        raise ValueError(f"a power factor is a fraction above 0 and at most 1, not {power_factor}")
    return power_factor
