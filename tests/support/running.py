"""`tongdian run` as a subprocess, as a person starts it; journeys in a browser use the same."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from tongdian.web.embedded import Embedded
from tongdian.web.ports import any_port

READY = re.compile(r"ready: http://localhost:(\d+)")
OURS = ("DATABASE_", "TONGDIAN_", "DJANGO_")
PATIENCE_S = 120.0


class Running:
    """A started `tongdian run`; `output` holds what it said so far."""

    def __init__(self, home: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        # A port of its own: other runs on this machine look for the same free one.
        port = () if "--port" in arguments else ("--port", str(any_port()))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.home = home
        self.output: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tongdian.web.cli", "run", *port, *arguments],
            env={**inherited, "TONGDIAN_HOME": str(home), "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> str:
        """Return the address of its pages once it says that it is ready."""
        return f"http://127.0.0.1:{self.wait_for(READY).group(1)}"

    def wait_for(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return the first match in a line it has not been asked about yet."""
        while (line := self._next_line()) is not None:
            if match := pattern.search(line):
                return match
        raise AssertionError(f"ended before it said {pattern.pattern!r}:\n" + "".join(self.output))

    def end(self, number: int) -> int:
        """Signal it and return its exit code; everything it said is in `output` then."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self.output.append(line)
                self._lines.put(line)
        self._lines.put(None)

    def _next_line(self) -> str | None:
        try:
            return self._lines.get(timeout=PATIENCE_S)
        except Empty:
            raise AssertionError(f"said nothing for {PATIENCE_S} s:\n" + "".join(self.output)) from None


@contextmanager
def open_home() -> Iterator[Path]:
    """A folder for one installation that any account can enter (pytest's own are closed), gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="tongdian-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(Embedded(path).place, ignore_errors=True)
        shutil.rmtree(path)


@contextmanager
def running(home: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start it, and see to it that it is gone afterwards whatever the test did."""
    program = Running(home, *arguments, environment=environment)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.terminate()
        program.wait()
