"""One process per installation folder: a lock the kernel drops when its holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import IO


class HomeInUse(RuntimeError):
    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path.parent} is in use by {holder}; stop that one first, or choose another TONGDIAN_HOME")
        self.path, self.holder = path, holder


class HomeLock:
    """Held from `take` until `release` or the end of the process; the file stays, only the lock goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def take(self, purpose: str) -> None:
        """Take the lock and write down who holds it.

        Raises HomeInUse, naming the holder, when another process has it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            file.close()
            raise HomeInUse(self.path, holder) from None
        file.truncate(0)
        file.write(f"{purpose} (process {os.getpid()})\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None
