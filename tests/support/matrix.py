"""The registry behind the permission matrix (tests/people/test_permission_matrix.py).

Each package puts its rows into `tests/<package>/matrix_rows.py`; the file is found by its name:

    from support import people
    from support.matrix import COLLEAGUE, OWNER, Cast, Row

    def desk() -> Cast:
        "Clerks of two utilities and a case of the first."
        case = …
        return Cast(
            owner=people.staff(at=grid), colleague=people.staff(at=grid), stranger=people.staff(at=other),
            things={"id": case.pk, "number": case.number},
        )

    ROWS = [
        Row("desk_case", desk, allowed=OWNER | COLLEAGUE, kind="detail", kwargs=lambda things: {"id": things["id"]}),
        Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="list", shows=lambda things: things["number"]),
        Row("desk_queue", desk, allowed=OWNER | COLLEAGUE, kind="export", query="?export=xlsx"),
    ]

A cast has three people: the owner of a thing, a colleague (or co-applicant) of theirs, a stranger of the same kind from
elsewhere; anonymous is added. Each row is tried by all four. Without `shows`, allowed means the page opens and denied
means the sign-in page, 403 or 404. With `shows`, allowed means that text is on the page and denied means it is not:
a stranger may open the list, but not see the row. A file kind compares bytes the same way.

Every route needs at least one row; a list that can also be searched, counted or exported needs one row of each kind.
A route of a library, which cannot carry `view.permission`, is listed in THIRD_PARTY with the reason.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.urls import URLPattern, URLResolver, get_resolver

from tongdian.people.models import User

Kind = Literal["page", "list", "detail", "search", "export", "count", "file", "form"]
OWNER, COLLEAGUE, STRANGER, ANONYMOUS = ({name} for name in ("owner", "colleague", "stranger", "anonymous"))
SIGNED_IN = OWNER | COLLEAGUE | STRANGER
EVERYONE = SIGNED_IN | ANONYMOUS
THIRD_PARTY: dict[str, str] = {}
TESTS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cast:
    """The people of a row, and the things their URLs name."""

    owner: User
    colleague: User
    stranger: User
    things: Mapping[str, Any] = field(default_factory=dict)

    def person(self, name: str) -> User | None:
        return None if name == "anonymous" else getattr(self, name)


@dataclass(frozen=True)
class Row:
    """Who may open a route, and how to build its address."""

    route: str
    cast: Callable[[], Cast]
    allowed: set[str]
    kind: Kind = "page"
    kwargs: Callable[[Mapping[str, Any]], dict[str, Any]] = field(default=lambda things: {})
    query: str = ""
    method: Literal["get", "post"] = "get"
    data: Mapping[str, str] = field(default_factory=dict)
    shows: Callable[[Mapping[str, Any]], str] | None = None
    # A route of the API is called with a token of the person's account, which is a machine's; nobody signs in there.
    by_token: bool = False

    @property
    def id(self) -> str:
        return f"{self.route}-{self.kind}{'-' + self.query.strip('?') if self.query else ''}"


@dataclass(frozen=True)
class Route:
    name: str
    path: str
    permission: str | None


def rows() -> list[Row]:
    """Collect the rows of all packages."""
    modules = sorted(path.parent.name for path in TESTS.glob("*/matrix_rows.py"))
    return [row for module in modules for row in importlib.import_module(f"tests.{module}.matrix_rows").ROWS]


def routes() -> list[Route]:
    """Walk the whole URL map."""
    return list(_walk(get_resolver().url_patterns, prefix="/", namespace=""))


def _walk(patterns: list[URLPattern | URLResolver], *, prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, prefix=path, namespace=inner)
        else:
            yield Route(f"{namespace}{entry.name or ''}", path, getattr(entry.callback, "permission", None))
