"""`pullscope aggregator`: where the agents of a fleet report, and where the report is."""

import logging

import click


@click.command("aggregator", short_help="Run the aggregator of a fleet.")
@click.option("--listen", metavar="HOST:PORT", help="Where agents report and people read; 127.0.0.1:8080 by default.")
@click.option("--store", metavar="FILE", help="The SQLite file; pullscope.db by default.")
@click.option("--cluster", metavar="NAME", help="What this fleet is called.")
@click.option("--token-file", metavar="FILE", help="The token that agents show; required off loopback.")
@click.option("--config", "file", metavar="FILE", help="A YAML file with the aggregator's configuration.")
def command(
    listen: str | None, store: str | None, cluster: str | None, token_file: str | None, file: str | None
) -> None:
    """Run the aggregator of a fleet until SIGTERM or SIGINT."""
    from aggregator.app import serve
    from aggregator.config import ConfigError, load_config
    from pullscope.streams import refuse, start_logging

    start_logging(logging.INFO)
    try:
        config = load_config(file, listen=listen, store=store, cluster=cluster, token_file=token_file)
        serve(config)
    except ConfigError as error:
        refuse(str(error))
