"""Merge small cells: nobody in the file stands in a group of fewer than a handful.

A cell is what a neighbour may know of a case: where, whose network, which class. A cell with too few cases in the month
gives its cases to the next wider one, step by step: county → city → province → all companies → all classes. What is
still too few at the end takes the smallest other cell in, so that no case is lost and none stands alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tongdian.kernel.divisions import PROVINCE

ALL = "all"
CITY_DIGITS = 4


@dataclass(frozen=True, order=True)
class Cell:
    """A place (division code), a company (code) and a customer class; ALL where the cell does not tell."""

    place: str
    utility: str
    customer_class: str


def in_its_city(cell: Cell) -> Cell:
    """Widen the place to the city."""
    return replace(cell, place=cell.place[:CITY_DIGITS] + "00")


def in_the_province(cell: Cell) -> Cell:
    """Widen the place to the province."""
    return replace(cell, place=PROVINCE)


def of_all_companies(cell: Cell) -> Cell:
    """Do not tell the company."""
    return replace(in_the_province(cell), utility=ALL)


def of_all_classes(cell: Cell) -> Cell:
    """Do not tell the class either."""
    return replace(of_all_companies(cell), customer_class=ALL)


LADDER: tuple[Callable[[Cell], Cell], ...] = (in_its_city, in_the_province, of_all_companies, of_all_classes)
WIDEST = Cell(PROVINCE, ALL, ALL)


def merged(cells: Sequence[Cell], *, least: int) -> list[Cell] | None:
    """Return for each case the cell it is published in: none holds fewer than `least` cases, and every case has one.

    Returns None when there are fewer than `least` cases altogether: then nothing can be published case by case.
    The answer depends on the number of cases in each cell only, not on their order. Cost: a few passes.
    """
    if 0 < len(cells) < least:
        return None
    published = list(cells)
    for widen in LADDER:
        counts = Counter(published)
        published = [cell if counts[cell] >= least else widen(cell) for cell in published]
    while 0 < (counts := Counter(published))[WIDEST] < least:
        smallest = min((each for each in counts if each != WIDEST), key=lambda each: (counts[each], each))
        published = [WIDEST if cell == smallest else cell for cell in published]
    return published
