"""The task navigation: each package registers its entries in its AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise


class EntryTaken(ValueError):
    def __init__(self, url_name: str) -> None:
        super().__init__(f"Navigation entry {url_name!r} is registered twice; keep one of them.")
        self.url_name = url_name


@dataclass(frozen=True)
class NavigationEntry:
    """A place in the header; words are lazily translated, `order` sorts (10 public … 90 administration).

    With a `summary` it also stands as a task on the home page.
    """

    label: str | Promise
    url_name: str
    permission: str = "public"
    order: int = 50
    summary: str | Promise = ""

    @property
    def is_for_staff(self) -> bool:
        """Whether it leads to a desk; what is for the public says on the home page what it is for."""
        return not self.summary


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it; `current` is "page" on the entry's own page, "true" on a page below it."""

    url: str
    label: str | Promise
    current: str


@dataclass
class Navigation:
    """Holds the registered entries and shows those a person may open."""

    entries: dict[str, NavigationEntry] = field(default_factory=dict)

    def register(self, *entries: NavigationEntry) -> None:
        """Add entries to the header.

        Raises EntryTaken when another entry has the same url name.
        """
        for entry in entries:
            if self.entries.get(entry.url_name, entry) != entry:
                raise EntryTaken(entry.url_name)
            self.entries[entry.url_name] = entry

    def visible(self, is_allowed: Callable[[str], bool]) -> list[NavigationEntry]:
        """List the entries whose permission `is_allowed` grants, in order."""
        allowed = [entry for entry in self.entries.values() if is_allowed(entry.permission)]
        return sorted(allowed, key=lambda entry: (entry.order, entry.url_name))

    def rows(self, is_allowed: Callable[[str], bool], *, path: str) -> list[list[Link]]:
        """Lay out the entries of a reader on a page: the desk's in a row of their own, then the public's.

        The entry whose address reaches furthest into the page's is the current one.
        """
        entries = [(entry, reverse(entry.url_name)) for entry in self.visible(is_allowed)]
        current = max((url for _, url in entries if url != "/" and path.startswith(url)), key=len, default="")

        def link(entry: NavigationEntry, url: str) -> Link:
            return Link(url, entry.label, ("page" if path == url else "true") if url == current else "")

        found = [[link(*each) for each in entries if each[0].is_for_staff is kind] for kind in (True, False)]
        return [row for row in found if row]


navigation = Navigation()
register = navigation.register
visible = navigation.visible
rows = navigation.rows
