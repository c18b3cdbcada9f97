"""`tongdian demo`: fill an empty database with the demonstration province."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongdian.demo.plan import FEWEST
from tongdian.demo.sign_ins import FILE_NAME
from tongdian.web.database import database_in_use

if TYPE_CHECKING:
    from tongdian.demo.replay import Progress
    from tongdian.demo.state import Contents

# More would wait for the database.
MOST_PROCESSES = 4
BETWEEN_LINES_S, BETWEEN_TICKS_S = 5.0, 0.2


@click.command(short_help="Fill an empty database with the demonstration province.")
@click.option(
    "--cases",
    "count",
    type=click.IntRange(FEWEST),
    default=300,
    show_default=True,
    envvar="TONGDIAN_DEMO_CASES",
    help="How many cases.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same firms and statuses.")
@click.option(
    "--processes",
    type=click.IntRange(1, MOST_PROCESSES),
    default=min(os.cpu_count() or 1, MOST_PROCESSES),
    show_default="one for each processor",
    help="How many processes share the cities out.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
def command(*, count: int, seed: int, processes: int, quiet: bool) -> None:
    """Fill an empty database with the demonstration province: two years of cases, ending now.

    Founds the database as a demonstration if nobody has. One that was founded for production or tests is refused, and
    nothing is added to a demonstration that is there. Interrupted, it leaves whole cases but no whole demonstration.
    """
    with database_in_use():
        from django.conf import settings

        _load(count, seed, processes=processes, home=settings.HOME, is_quiet=quiet)


def _load(count: int, seed: int, *, processes: int, home: Path, is_quiet: bool) -> None:
    from django.utils import timezone

    from tongdian.demo import loading, replay, state

    began = time.monotonic()
    try:
        loaded = loading.load(
            count,
            seed=seed,
            now=timezone.now(),
            home=home,
            on_progress=_silence if is_quiet else _Line(),
            processes=processes,
        )
    except loading.AlreadyLoaded as error:
        click.echo(f"演示数据已存在 · the demonstration is here already: {_told(error.contents)}")
        return
    except (state.NotADemonstration, state.Interrupted, replay.ProcessFailed) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt as error:
        raise click.ClickException(
            "已中断:已写入的办件完整,但演示数据不完整;请先 make reset 再重新启动 · interrupted: what is there is whole "
            "but unfinished; empty the database (make reset) before the next start"
        ) from error
    click.echo(f"演示数据 · demonstration: {_told(loaded)}, {time.monotonic() - began:.0f} s")
    click.echo(f"登录信息 · sign-ins: {home / FILE_NAME}")


def _told(contents: "Contents") -> str:
    return f"{contents.cases} 件 cases, {contents.open} 件在办 open, {contents.events} 个事件 events"


def _silence(progress: "Progress") -> None:
    """Say nothing."""


class _Line:
    """Shows how far it is: one line that changes on a terminal, now and then a line elsewhere."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.shown_at = time.monotonic()

    def __call__(self, progress: "Progress") -> None:
        now = time.monotonic()
        is_last = progress.done == progress.total
        if not is_last and now - self.shown_at < (BETWEEN_TICKS_S if self.is_terminal else BETWEEN_LINES_S):
            return
        self.shown_at = now
        text = f"  {progress.at:%Y-%m-%d} · {progress.done:,} / {progress.total:,} 个步骤 steps"
        click.echo(f"\r{text}" if self.is_terminal else text, nl=is_last or not self.is_terminal)
