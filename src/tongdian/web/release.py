"""Tells one state of the installed code from another, so that an unchanged release need not be prepared again."""

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def release_fingerprint() -> str:
    """Digest name, size and time of our files and the versions around them; reads no file, takes milliseconds."""
    digest = hashlib.sha256()
    for line in sorted([*_files(PACKAGE), *_distributions()]):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(directory) / name
            found = path.stat()
            yield f"{path.relative_to(folder)}\0{found.st_size}\0{found.st_mtime_ns}"


def _distributions() -> Iterator[str]:
    # The folders' names carry the versions; reading each one's metadata would take longer than all the rest.
    yield from (folder.name for folder in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
