import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from support.running import OURS, Running, open_home, running
from tongdian.web.embedded import APP, OWNER, Embedded

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def home() -> Iterator[Path]:
    with open_home() as path:
        yield path


@pytest.fixture(scope="module")
def prepared_home() -> Iterator[Path]:
    """An installation that was started once: what the tests after it find is a second start."""
    with open_home() as path:
        with running(path, "--workers", "1") as program:
            program.wait_until_ready()
        yield path


def status(url: str) -> int:
    return httpx.get(url, timeout=20, follow_redirects=True).status_code


def started(program: Running) -> list[psutil.Process]:
    return psutil.Process(program.process.pid).children(recursive=True)


class TestRun:
    def test_serves_the_home_page_when_it_says_ready(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            assert status(program.wait_until_ready()) == 200

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_stops_worker_web_standins_database_in_that_order(self, prepared_home: Path, number: int) -> None:
        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            children = started(program)

            code = program.end(number)

        stopped = re.findall(r"stopping (?:the )?(\w+)", "".join(program.output))
        assert stopped == ["heavy", "quick", "web", "witness", "sms", "database"]
        assert code == 0
        assert not [child for child in children if child.is_running()]

    def test_keeps_rows_between_runs(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            with psycopg.connect(Embedded(prepared_home).url(OWNER)) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
            program.end(signal.SIGINT)

        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            with psycopg.connect(Embedded(prepared_home).url(OWNER)) as connection:
                assert connection.execute("SELECT n FROM kept").fetchone() == (7,)

    def test_serves_on_while_a_web_worker_is_brought_back(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "2") as program:
            url = program.wait_until_ready()
            (web,) = [each for each in psutil.Process(program.process.pid).children() if "granian" in each.cmdline()]
            worker = web.children()[0]
            worker.kill()
            psutil.wait_procs([worker], timeout=20)

            answers = {status(url) for _ in range(20)}
            assert web.is_running()

        assert answers == {200}
        assert "restarting" not in "".join(program.output)

    def test_leaves_no_strays_and_starts_again_after_kill_9(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            children = started(program)
            program.end(signal.SIGKILL)

        _, alive = psutil.wait_procs(children, timeout=60)
        assert not alive
        with running(prepared_home, "--workers", "1") as program:
            assert status(program.wait_until_ready()) == 200

    def test_brings_a_dead_child_back(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            address = program.wait_until_ready()
            web = next(child for child in started(program) if "granian" in " ".join(child.cmdline()))
            web.kill()

            program.wait_for(re.compile("ended, restarting in 1 s"))

            # Connecting is tried again after 0.5, 1, 2, 4 … seconds.
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as patient:
                assert patient.get(address).status_code == 200

    def test_ends_with_the_database_log_when_the_database_dies(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            postgres = next(child for child in started(program) if "-D" in child.cmdline())
            postgres.kill()

            code = program.wait()

        assert code == 1
        assert "database ended with code -9" in "".join(program.output)
        assert "ready to accept connections" in "".join(program.output)

    def test_refuses_a_taken_port_that_was_asked_for(self, home: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            with running(home, "--port", str(port)) as program:
                code = program.wait()

        assert code == 1
        assert f"port {port} is taken by another program; choose one with --port" in "".join(program.output)

    def test_tells_a_second_start_who_runs_the_first(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as first:
            first.wait_until_ready()
            with running(prepared_home) as second:
                code = second.wait()

            assert code == 1
            assert f"is in use by tongdian run (process {first.process.pid})" in "".join(second.output)

    def test_hands_children_the_applications_address_only(self, prepared_home: Path) -> None:
        with running(prepared_home, "--workers", "1") as program:
            program.wait_until_ready()
            environments = [child.environ() for child in started(program) if "tongdian" in " ".join(child.cmdline())]

        assert [environment for environment in environments if "DATABASE_URL" in environment]
        assert not [environment for environment in environments if "DATABASE_OWNER_URL" in environment]
        assert {
            environment["DATABASE_URL"].split(":")[1] for environment in environments if "DATABASE_URL" in environment
        } == {f"//{APP}"}

    def test_refuses_the_demonstration_in_production(self, home: Path) -> None:
        with running(home, "--demo", environment={"TONGDIAN_PRODUCTION": "1"}) as program:
            code = program.wait()

        assert code == 2
        assert "sign-ins with public passwords" in "".join(program.output)

    def test_tells_production_everything_that_is_unfit_before_it_serves(self, home: Path) -> None:
        with running(home, environment={"TONGDIAN_PRODUCTION": "1", "TONGDIAN_REQUIRE_TOTP": "0"}) as program:
            code = program.wait()

        output = "".join(program.output)
        assert code == 1
        assert "E003: TONGDIAN_REQUIRE_TOTP is off" in output
        assert "E006: TONGDIAN_SMS_URL names this machine" in output
        assert "E007" not in output  # it was founded as production
        assert "ready:" not in output


class TestOwnServer:
    """A server of one's own, here Debian's PostgreSQL 15 with the two roles of docs/howto/own-database.md."""

    def test_serves_from_it_and_starts_no_other(self, home: Path) -> None:
        server = Embedded(home / "own", binaries=DEBIAN_15, is_test=True)
        urls = server.start("a test")
        try:
            addresses = {"DATABASE_URL": urls.app, "DATABASE_OWNER_URL": urls.owner}
            with running(home, "--workers", "1", environment=addresses) as program:
                code = status(program.wait_until_ready())
                program.end(signal.SIGINT)
            with psycopg.connect(urls.app) as connection:
                version = connection.execute("SHOW server_version").fetchone()
        finally:
            server.stop()

        assert code == 200
        assert str(version).startswith("('15.")
        assert "database" not in "".join(program.output).split("preparing database", 1)[0]
        assert not (home / "postgres").exists()

    def test_is_refused_when_the_owner_is_also_the_application(self, home: Path) -> None:
        address = "postgresql://somebody@localhost/tongdian"

        with running(home, environment={"DATABASE_URL": address}) as program:
            code = program.wait()

        assert code == 1
        assert "both sign in as 'somebody'" in "".join(program.output)


class TestReset:
    def reset(self, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return subprocess.run(
            [sys.executable, "-m", "tongdian.web.cli", "reset", *arguments],
            env={**environment, "TONGDIAN_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def test_deletes_nothing_without_a_terminal(self, home: Path) -> None:
        (home / "documents").mkdir()

        answer = self.reset(home)

        assert answer.returncode == 1
        assert "nobody can be asked; repeat with YES=1" in answer.stderr
        assert (home / "documents").exists()

    def test_deletes_everything_when_told_to(self, home: Path) -> None:
        server = Embedded(home, is_test=True)
        server.start()
        server.stop()

        answer = self.reset(home, "--yes")

        assert answer.returncode == 0, answer.stderr
        assert [entry.name for entry in home.iterdir()] == ["database.lock"]

    def test_refuses_while_it_runs(self, home: Path) -> None:
        server = Embedded(home, is_test=True)
        server.start("a running installation")

        answer = self.reset(home, "--yes")
        server.stop()

        assert answer.returncode == 1
        assert "in use by a running installation" in answer.stderr
        assert server.data.exists()
