"""`tongdian run`: the one parent of database, stand-in systems, web and worker."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
import psycopg

from tongdian.demo.sign_ins import LOADED, kept
from tongdian.web.embedded import DatabaseFailed, Embedded, Urls
from tongdian.web.environment import flag, text
from tongdian.web.lock import HomeInUse
from tongdian.web.ports import PortTaken, answers, any_port, free_port
from tongdian.web.release import release_fingerprint
from tongdian.web.supervisor import Program, ProgramFailed, Supervisor

DEFAULT_PORT = 8000
MOST_WORKERS, THREADS = 4, 4
READY_WITHIN_S = 60
# The systems a demonstration has to answer for itself: module and the variable that carries its address.
STANDINS = (
    ("sms", "tongdian.gateway.standin.sms", "TONGDIAN_SMS_URL"),
    ("witness", "tongdian.gateway.standin.witness", "TONGDIAN_WITNESS_URL"),
)
OWNERS_ONLY = ("DATABASE_OWNER_URL", "TONGDIAN_AS_OWNER", "TONGDIAN_OWNER_PASSWORD", "TONGDIAN_SUPERUSER_PASSWORD")


@dataclass(frozen=True)
class Ground:
    """The running database; `prepared` says which release it was last prepared for, None for a server of one's own."""

    urls: Urls
    prepared: Path | None = None


@click.command(short_help="Start everything and serve until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"Port; without it {DEFAULT_PORT} or the next free one.")
@click.option("--workers", type=click.IntRange(1), help="Web processes; without it one per core, at most four.")
@click.option("--demo/--no-demo", default=False, help="Fill an empty database with the demonstration province.")
def command(*, host: str, port: int | None, workers: int | None, demo: bool) -> None:
    """Start database, stand-in systems, web and worker, and serve until Ctrl-C.

    The database is an embedded one under TONGDIAN_HOME unless DATABASE_URL names another. TONGDIAN_PRODUCTION=1
    refuses what is only fit for a demonstration: no stand-in is started, and the web process checks itself.
    """
    if demo and flag("TONGDIAN_PRODUCTION", default=False):
        raise click.UsageError("--demo makes sign-ins with public passwords; a production start has none")
    # Said for INT too: a shell starts its background jobs deaf to it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    supervisor = Supervisor(click.echo)
    try:
        port = free_port(host, port or DEFAULT_PORT, is_fixed=port is not None)
        with _database(supervisor) as ground:
            try:
                _prepare(ground, demo=demo)
                _serve(supervisor, ground.urls, address=(host, port), workers=workers, demo=demo)
            finally:
                _ignore_interrupts()
                supervisor.stop()
    except KeyboardInterrupt:
        click.echo("已停止 · stopped")
    except (DatabaseFailed, HomeInUse, PortTaken, ProgramFailed, psycopg.OperationalError) as error:
        raise click.ClickException(str(error)) from error


def _prepare(ground: Ground, *, demo: bool) -> None:
    """Migrate and collect, unless nothing changed since it was last done: that look alone takes two seconds."""
    release = release_fingerprint()
    if ground.prepared and ground.prepared.exists() and ground.prepared.read_text() == release:
        return
    click.echo("准备数据库与静态文件 · preparing database and static files")
    kind = "demonstration" if demo else "production"
    environment = _environment(ground.urls, as_owner=True)
    _tongdian("migrate", "--verbosity=0", "--static", "--found", kind, environment=environment)
    if ground.prepared:
        ground.prepared.write_text(release)


def _serve(supervisor: Supervisor, urls: Urls, *, address: tuple[str, int], workers: int | None, demo: bool) -> None:
    environment = _environment(urls)
    environment.setdefault("TONGDIAN_SITE_URL", f"http://localhost:{address[1]}")
    if flag("TONGDIAN_PRODUCTION", default=False):
        _tongdian("check", environment=environment)
    else:
        environment |= dict(_start_standins(supervisor, environment))
    if demo:
        environment.setdefault("TONGDIAN_REQUIRE_TOTP", "0")
        _fill_when_empty(urls, environment)
    supervisor.start(_web(environment, address=address, workers=workers or min(os.cpu_count() or 1, MOST_WORKERS)))
    _wait_until_ready(supervisor, address)
    for queue in ("quick", "heavy"):
        worker = (sys.executable, "-m", "tongdian.web.cli", "worker", "--queue", queue)
        supervisor.start(Program(queue, worker, environment))
    _announce(address[1], environment, demo=demo)
    while True:
        supervisor.step()


@contextmanager
def _database(supervisor: Supervisor) -> Iterator[Ground]:
    if app := os.environ.get("DATABASE_URL"):
        yield Ground(Urls(owner=os.environ.get("DATABASE_OWNER_URL", app), app=app))
        return
    server = Embedded(Path(text("TONGDIAN_HOME", "var")))
    with ExitStack() as stack:
        click.echo("启动数据库 · starting the database")
        urls = server.start()
        stack.callback(_stop_database, server)
        if server.home not in server.place.parents:
            click.echo(f"数据位于 · not every account may enter {server.home}, so the data is in {server.place}")
        if server.process is not None:
            supervisor.guard("database", server.process, server.log_tail)
        yield Ground(urls, prepared=server.place / "prepared")


def _stop_database(server: Embedded) -> None:
    _ignore_interrupts()
    click.echo("停止数据库 · stopping the database")
    server.stop()


def _environment(urls: Urls, *, as_owner: bool = False) -> dict[str, str]:
    """What a child learns: addresses. Only the migration sees the owner's."""
    inherited = {name: value for name, value in os.environ.items() if name not in OWNERS_ONLY}
    inherited |= {"DATABASE_URL": urls.app, "DJANGO_SETTINGS_MODULE": "tongdian.web.settings", "PYTHONUNBUFFERED": "1"}
    inherited["TONGDIAN_COLLECTED"] = "1"
    return inherited | ({"DATABASE_OWNER_URL": urls.owner} if as_owner else {})


def _tongdian(*arguments: str, environment: dict[str, str]) -> None:
    result = subprocess.run([sys.executable, "-m", "tongdian.web.cli", *arguments], env=environment, check=False)
    if result.returncode != 0:
        raise ProgramFailed(f"tongdian {arguments[0]}", result.returncode, "")


def _start_standins(supervisor: Supervisor, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Start the stand-in of every system whose real address is not given."""
    for name, module, variable in STANDINS:
        if variable in environment or not _exists(module):
            continue
        port = any_port()
        supervisor.start(Program(name, (sys.executable, "-m", module, "--port", str(port)), environment))
        yield variable, f"http://127.0.0.1:{port}"


def _fill_when_empty(urls: Urls, environment: dict[str, str]) -> None:
    """Load the demonstration unless a whole one is there; `tongdian demo` itself says what it will not touch."""
    with psycopg.connect(urls.app) as connection:
        whole = connection.execute("SELECT EXISTS (SELECT FROM case_clockchange WHERE reason = %s)", [LOADED])
        if whole.fetchone() == (True,):
            return
    click.echo("载入演示数据 · loading the demonstration province")
    _tongdian("demo", environment=environment)


def _web(environment: dict[str, str], *, address: tuple[str, int], workers: int) -> Program:
    host, port = address
    return Program(
        "web",
        (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws",
         "--workers", str(workers), "--respawn-failed-workers", "--blocking-threads", str(THREADS),
         "--workers-kill-timeout", "5", "--log-level", "warning",
         "tongdian.web.wsgi:application"),
        environment,
    )  # fmt: skip


def _wait_until_ready(supervisor: Supervisor, address: tuple[str, int]) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while not answers(*address, "/"):
        if time.monotonic() > give_up_at:
            raise ProgramFailed("web (no answer yet)", 0, f"nothing good came from http://{address[0]}:{address[1]}/")
        supervisor.step(timeout_s=0.1)


def _announce(port: int, environment: dict[str, str], *, demo: bool) -> None:
    click.echo(f"就绪 · ready: http://localhost:{port}")
    if demo:
        for sign_in in kept(home=Path(text("TONGDIAN_HOME", "var"))):
            click.echo(f"  {sign_in}")
        if inbox := environment.get("TONGDIAN_SMS_URL"):
            click.echo(f"  收到的短信 · messages received: {inbox}")
    click.echo("按 Ctrl-C 停止 · Ctrl-C stops")


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    """While stopping, another Ctrl-C must not leave half of the programs behind; each has its own time limit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
