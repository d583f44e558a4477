"""`pullscope run`: this machine watched, with nothing configured: an aggregator and one agent in one process."""

import click


@click.command("run", short_help="Watch this machine: an aggregator and one agent in one process.")
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8080", show_default=True, help="Where the report is.")
@click.option("--store", metavar="FILE", help="Keep what was seen in this SQLite file; else nothing is left behind.")
@click.option("--config", "file", metavar="FILE", help="A YAML file with the agent's configuration.")
@click.option("--root", metavar="DIR", help="The tree that holds the node's files.")
def command(listen: str, store: str | None, file: str | None, root: str | None) -> None:
    """Watch this machine until Ctrl-C: print a first report, and again whenever it changes.

    With no configuration, checked are the images and registries that this node really uses, or a few well-known ones
    where it uses none. Another port is taken where the given one is in use.
    """
    import asyncio
    import os
    from tempfile import TemporaryDirectory

    from agent.config import load_config as load_agent
    from agent.contract.strict import ConfigError
    from aggregator.config import load_config as load_aggregator
    from pullscope.streams import refuse, start_logging
    from pullscope.watch import watch

    start_logging()
    try:
        ours = load_agent(file, root=root)
        if file is None:
            ours.listen = None  # the aggregator's port tells all
        with TemporaryDirectory(prefix="pullscope-") as folder:
            if os.geteuid() != 0:
                os.environ["TMPDIR"] = folder  # podman leaves a folder of its own there when it is asked without root
            theirs = load_aggregator(listen=listen, store=store or f"{folder}/pullscope.db")
            asyncio.run(watch(ours, theirs))
    except ConfigError as error:
        refuse(str(error))
