"""What may be asked for, and how long a scheme holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tongdian.kernel.periods import add_months


def askable_documents(listed: Iterable[Mapping[str, Any]], *, conditions: Collection[str]) -> tuple[str, ...]:
    """Return ids of the documents a person may be asked for: on the list, and in no register.

    `conditions` are the special cases that hold, such as `agent`; a document with another `when` is left out.
    """
    return tuple(
        str(document["id"])
        for document in listed
        if not document["register"] and document.get("when") in {None, *conditions}
    )


def unlisted(requested: Sequence[str], askable: Collection[str]) -> tuple[str, ...]:
    """Return what was asked for although the legal list of the stage does not hold it."""
    return tuple(name for name in requested if name not in askable)


def scheme_valid_until(issued_on: date, *, months: int) -> date:
    """Return the day a supply scheme lapses: the corresponding day of the month."""
    return add_months(issued_on, months)
