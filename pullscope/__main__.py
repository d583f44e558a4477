"""`pullscope` and `python -m pullscope`."""

import os
import sys
from importlib import import_module

import click

from pullscope.commands import NAMES

# What each command is for stands here as well as in its module, so that `--help` need not import them all;
# a test compares the two.
SUMMARIES = {
    "run": "Watch this machine: an aggregator and one agent in one process.",
    "trace": "Tell whether this node can pull IMAGE now, and why not.",
    "classify": "Name the cause in messages of failed pulls.",
    "correlate": "Make a report of each snapshot on standard input.",
    "report": "Show the report of an aggregator.",
    "agent": "Run the agent of a node.",
    "aggregator": "Run the aggregator of a fleet.",
}


class _Lazy(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NAMES:
            return None
        command = import_module(f"pullscope.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in NAMES])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"pullscope {version('pullscope')}")
        ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Why can images not be pulled, and is it one node or all of them?"""


def main() -> None:
    """Run the command line; ends the process."""
    try:
        cli.main(prog_name="pullscope", standalone_mode=True)
    except BrokenPipeError:  # the reader of our output went away: nobody is left to tell
        _drop_output()
        sys.exit(1)
    except OSError as error:  # the answer cannot be written: a full disk behind standard output
        _drop_output()
        click.echo(f"pullscope: {error}", err=True)
        sys.exit(2)


def _drop_output() -> None:
    """Let what is still buffered go nowhere: the interpreter would try once more to write it, and say so."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
