"""Which database a command works on, and what the application's role may do in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tongdian.web.embedded import APP, OWNER, Embedded, Urls
from tongdian.web.environment import text
from tongdian.web.lock import HomeInUse


class RolesNotApart(RuntimeError):
    def __init__(self, role: str) -> None:
        super().__init__(
            f"DATABASE_URL and DATABASE_OWNER_URL both sign in as {role!r}: the application could then rewrite "
            "its own timeline; create a second role as docs/howto/own-database.md shows"
        )
        self.role = role


@contextmanager
def database_in_use(*, as_owner: bool = False) -> Iterator[Urls]:
    """Set Django up on the installation's database: DATABASE_URL, the running embedded one, or one started for now.

    Every `tongdian` command that touches rows wraps its work in this. As the owner only to migrate.

    Raises RolesNotApart when the owner is asked for and is also the application.
    """
    with _urls() as urls:
        os.environ["DATABASE_URL"] = urls.app
        if as_owner:
            _require_two_roles(urls)
            os.environ.update(DATABASE_OWNER_URL=urls.owner, TONGDIAN_AS_OWNER="1")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongdian.web.settings")
        # Django reads the settings at its import of them: not before the addresses are known.
        import django  # noqa: PLC0415

        django.setup()
        yield urls


@contextmanager
def _urls() -> Iterator[Urls]:
    if app := os.environ.get("DATABASE_URL"):
        yield Urls(owner=os.environ.get("DATABASE_OWNER_URL", app), app=app)
        return
    server = Embedded(Path(text("TONGDIAN_HOME", "var")))
    try:
        urls = server.start("a tongdian command")
    except HomeInUse:
        # `tongdian run` has it up; its socket and passwords are in the same places for us.
        yield Urls(owner=server.url(OWNER), app=server.url(APP))
        return
    try:
        yield urls
    finally:
        server.stop()


def _require_two_roles(urls: Urls) -> None:
    owner, app = (unquote(urlsplit(url).username or "") for url in (urls.owner, urls.app))
    if owner == app:
        raise RolesNotApart(app)
