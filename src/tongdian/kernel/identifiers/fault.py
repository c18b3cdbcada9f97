"""What is wrong with an identifier, as data: the page that shows it chooses the words and the language."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["uscc", "resident_id", "project_code", "real_estate_unit", "case_number"]
Reason = Literal["length", "character", "region", "date", "check_digit", "range"]

WRONG: dict[Reason, str] = {
    "length": "makes the length wrong, expected",
    "character": "is not allowed there, expected",
    "region": "belongs to no region, expected",
    "date": "makes no date, expected",
    "check_digit": "does not check the others, expected",
    "range": "is out of range, expected",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an identifier.

    `position` counts from 1 in the cleaned text, `character` is what stands there; both are empty for a wrong length.
    `expected` says what would be right: the set of characters, the check character, the length. The value itself is not
    printed: it may identify a person and messages end up in logs.
    """

    kind: Kind
    reason: Reason
    expected: str
    value: str = field(repr=False)
    position: int | None = None

    @property
    def character(self) -> str:
        """The character at fault, empty when the fault has no position."""
        return self.value[self.position - 1] if self.position else ""

    def __str__(self) -> str:
        if self.position is None:
            return f"{self.kind}: has {len(self.value)} characters, expected {self.expected}"
        return f"{self.kind}: character {self.position} ({self.character!r}) {WRONG[self.reason]} {self.expected}"


class InvalidIdentifier(Exception):
    """An identifier cannot be what it claims to be; says which character is wrong and why, as `Fault` does."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.kind, self.reason, self.expected = fault.kind, fault.reason, fault.expected
        self.value, self.position, self.character = fault.value, fault.position, fault.character
