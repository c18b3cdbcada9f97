"""The `tongdian` console script: each subcommand is a module of `web.commands`, imported when called."""

import importlib
import pkgutil

import click

from tongdian.web import commands


class LazyGroup(click.Group):
    """Lists the modules of `web.commands`; imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        return command


@click.command(cls=LazyGroup)
def main() -> None:
    """Tongdian (通电): the service platform behind Getting Electricity (获得电力)."""


if __name__ == "__main__":
    main()
