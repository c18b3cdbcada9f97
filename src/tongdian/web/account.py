"""The account PostgreSQL runs under: it refuses root, so a root start lends it an unprivileged one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

DEFAULT_NAMES = ("tongdian", "nobody")


class AccountMissing(RuntimeError):
    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"started as root, and none of the accounts {', '.join(names)} exists to run PostgreSQL under; "
            "start as an ordinary user or name an account in TONGDIAN_DATABASE_ACCOUNT"
        )
        self.names = names


class Switch(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Whom a database process runs as; `uid` None is the account that started us."""

    uid: int | None = None
    gid: int | None = None

    @property
    def switch(self) -> Switch:
        """The arguments of `subprocess` that change to the account."""
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, directory: Path) -> bool:
        """Tell whether the account can reach into an existing directory; asks the kernel, not the mode bits."""
        return subprocess.run(["/usr/bin/test", "-x", directory], check=False, cwd="/", **self.switch).returncode == 0

    def own(self, path: Path) -> None:
        """Hand the path, never its parents, to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def database_account() -> Account:
    """Return the caller's own account, or for root an unprivileged one.

    Raises AccountMissing when root is the caller and no account of that name exists.
    """
    if os.geteuid() != 0:
        return Account()
    named = os.environ.get("TONGDIAN_DATABASE_ACCOUNT")
    names = (named,) if named else DEFAULT_NAMES
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise AccountMissing(names)
