import re
import sys
from collections.abc import Iterator

import pytest

from tongdian.web import supervisor as module
from tongdian.web.supervisor import Program, ProgramFailed, Supervisor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


def program(code: str, name: str = "one") -> Program:
    return Program(name, (sys.executable, "-c", code), {"PYTHONUNBUFFERED": "1"})


class TestStep:
    def test_gives_up_on_a_program_that_keeps_dying_and_shows_its_last_lines(
        self, supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "FORGIVEN_DEATHS", 1)
        supervisor.start(program("print('no such table'); raise SystemExit(3)"))

        supervisor.step(timeout_s=20)  # it ended
        supervisor.step(timeout_s=20)  # it is due
        with pytest.raises(ProgramFailed, match=r"one ended with code 3[\s\S]*no such table"):
            supervisor.step(timeout_s=20)

        assert [line for line in said if "restarting in 1 s" in line]

    def test_waits_no_longer_than_told(self, supervisor: Supervisor) -> None:
        supervisor.step(timeout_s=0.01)


class TestOutput:
    def test_carries_the_name_of_its_program(self, said: list[str]) -> None:
        supervisor = Supervisor(said.append)
        supervisor.start(program("print('hello')", name="web"))

        supervisor.step(timeout_s=20)
        supervisor.stop()

        assert [line for line in said if re.fullmatch(r"web +│ hello", line)]


class TestStop:
    def test_ends_the_last_started_first(self, said: list[str]) -> None:
        supervisor = Supervisor(said.append)
        for name in ("first", "second"):
            supervisor.start(program("import time; time.sleep(600)", name))

        supervisor.stop()

        assert [line.split()[-1] for line in said] == ["second", "first"]

    def test_kills_what_ignores_the_request(self, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "GRACE_S", 0.1)
        supervisor = Supervisor(said.append)
        supervisor.start(
            program("import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(600)")
        )
        child = supervisor._children[0]
        while not child.tail:
            supervisor.step(timeout_s=0.05)

        supervisor.stop()

        assert child.process.returncode == -9
