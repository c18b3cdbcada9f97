"""Ties a child's life to its parent's, so that kill -9 of `tongdian run` leaves no strays behind."""

import shutil
from collections.abc import Sequence


def tethered(argv: Sequence[str], *, on_parent_death: str = "TERM") -> list[str]:
    """Prefix a command so that the kernel sends it the signal when its parent dies.

    Linux only (`setpriv` of util-linux). Elsewhere the command is returned as it is and a stray
    is found by the next start. Start it from the main thread: the kernel watches the thread.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", on_parent_death, "--", *argv] if setpriv else list(argv)
