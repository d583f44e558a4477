"""`pullscope agent`: what runs on every node."""

import logging

import click


@click.command("agent", short_help="Run the agent of a node.")
@click.option("--node", help="What this node is called; else NODE_NAME, else the host's name.")
@click.option("--aggregator", metavar="URL", help="Where to report, such as http://127.0.0.1:8080.")
@click.option("--config", "file", metavar="FILE", help="A YAML file with the agent's configuration.")
@click.option("--root", metavar="DIR", help="The tree that holds the node's files.")
def command(node: str | None, aggregator: str | None, file: str | None, root: str | None) -> None:
    """Run the agent of a node until SIGTERM or SIGINT.

    Without an aggregator it checks, and serves its metrics, alone.
    """
    from agent.app import serve
    from agent.config import ConfigError, load_config
    from pullscope.streams import refuse, start_logging

    start_logging(logging.INFO)
    try:
        config = load_config(file, node=node, aggregator=aggregator, root=root)
    except ConfigError as error:
        refuse(str(error))
    serve(config)
