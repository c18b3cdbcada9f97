"""The one parent: starts programs in order, passes their output on, restarts what dies, stops in reverse order."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

from tongdian.web.tether import tethered

FORGIVEN_DEATHS, WITHIN_S = 5, 60.0
GRACE_S = 25.0  # a running job is given 20 s to end
LAST_WORDS_S = 2.0
TAIL_LINES = 30


@dataclass(frozen=True)
class Program:
    """What a child runs; `environment` is all it learns about the rest."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]


class ProgramFailed(RuntimeError):
    def __init__(self, name: str, code: int, tail: str) -> None:
        super().__init__(f"{name} ended with code {code} and is not restarted; its last lines:\n{tail}".rstrip())
        self.name, self.code, self.tail = name, code, tail


@dataclass
class Child:
    """A running program and what it said last."""

    program: Program
    process: subprocess.Popen[str]
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    deaths: list[float] = field(default_factory=list)
    reader: threading.Thread | None = None

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the child and what it started; those already gone need none."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def hear_out(self) -> None:
        """Wait for the last of its output, which arrives after its end."""
        if self.reader is not None:
            self.reader.join(LAST_WORDS_S)


@dataclass(frozen=True)
class _Ended:
    child: Child
    process: subprocess.Popen[str]


@dataclass(frozen=True)
class _RestartDue:
    child: Child


@dataclass(frozen=True)
class _Fatal:
    error: ProgramFailed


class Supervisor:
    """Use from the main thread: children are tethered to the thread that started them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._happened: queue.SimpleQueue[_Ended | _RestartDue | _Fatal] = queue.SimpleQueue()

    def start(self, program: Program) -> None:
        """Start a program and watch it."""
        child = Child(program, _spawn(program))
        self._children.append(child)
        self._follow(child)

    def guard(self, name: str, process: subprocess.Popen[bytes], log_tail: Callable[[], str]) -> None:
        """Watch a process somebody else starts and stops; nothing can go on without it."""

        def await_end() -> None:
            self._happened.put(_Fatal(ProgramFailed(name, process.wait(), log_tail())))

        threading.Thread(target=await_end, daemon=True).start()

    def step(self, timeout_s: float | None = None) -> None:
        """Wait for the next thing that happens, at most so long, and deal with it.

        Raises ProgramFailed when a program dies more often than FORGIVEN_DEATHS within WITHIN_S, or a guarded one once.
        """
        try:
            happened = self._happened.get(timeout=timeout_s)
        except queue.Empty:
            return
        if isinstance(happened, _Fatal):
            raise happened.error
        if isinstance(happened, _RestartDue):
            happened.child.process = _spawn(happened.child.program)
            self._follow(happened.child)
        elif happened.process is happened.child.process:
            self._mourn(happened.child)

    def stop(self) -> None:
        """Stop everything, last started first; kill what does not end within GRACE_S."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                self._say(f"停止 {child.program.name} · stopping {child.program.name}")
                child.process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(GRACE_S)
            child.signal_group(signal.SIGKILL)
            child.process.wait()
            child.hear_out()

    def _follow(self, child: Child) -> None:
        process = child.process
        child.reader = threading.Thread(target=self._pass_on, args=(child, process.stdout), daemon=True)
        child.reader.start()
        threading.Thread(target=self._await_end, args=(child, process), daemon=True).start()

    def _pass_on(self, child: Child, output: IO[str]) -> None:
        with output:
            for line in output:
                child.tail.append(line.rstrip("\n"))
                self._say(f"{child.program.name:<8} │ {child.tail[-1]}")

    def _await_end(self, child: Child, process: subprocess.Popen[str]) -> None:
        process.wait()
        self._happened.put(_Ended(child, process))

    def _mourn(self, child: Child) -> None:
        """Bring a dead child back after 1, 2, 4 … seconds, or give up."""
        child.signal_group(signal.SIGKILL)  # workers it left behind would keep its port
        child.hear_out()
        now = time.monotonic()
        child.deaths = [*(at for at in child.deaths if now - at < WITHIN_S), now]
        code = child.process.returncode
        if len(child.deaths) > FORGIVEN_DEATHS:
            raise ProgramFailed(child.program.name, code, "\n".join(child.tail))
        delay_s = 2.0 ** (len(child.deaths) - 1)
        self._say(
            f"{child.program.name} 意外退出(代码 {code}),{delay_s:.0f} 秒后重启 · ended, restarting in {delay_s:.0f} s"
        )
        timer = threading.Timer(delay_s, self._happened.put, [_RestartDue(child)])
        timer.daemon = True
        timer.start()


def _spawn(program: Program) -> subprocess.Popen[str]:
    # A session of its own: Ctrl-C in the terminal reaches the parent only, which then stops them in order.
    return subprocess.Popen(
        tethered(program.argv),
        env=dict(program.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
