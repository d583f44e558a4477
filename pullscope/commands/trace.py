"""`pullscope trace IMAGE`: can this node pull this image now, and why not."""

import sys
from typing import NoReturn

import click

AGGREGATOR = "http://127.0.0.1:8080"
_EXITS = {"ok": 0, "warn": 0, "failed": 1, "unknown": 3}


@click.command("trace", short_help="Tell whether this node can pull IMAGE now, and why not.")
@click.argument("image")
@click.option("--json", "as_json", is_flag=True, help="Print the whole trace as one line of JSON.")
@click.option("--root", metavar="DIR", help="The tree that holds the node's files; / without it.")
@click.option("--as", "runtime", metavar="RUNTIME", help="Judge this runtime's path: containerd, podman …")
@click.option("--pull", is_flag=True, help="Make a real pull, too; what it brings is removed again.")
@click.option("--node", help="What to call this node.")
@click.option("--nodes", metavar="A,B", help="Ask these nodes of a fleet instead, through its aggregator.")
@click.option("--sample", type=int, metavar="N", help="Ask so many nodes of a fleet instead, as different as can be.")
@click.option("--aggregator", metavar="URL", help=f"Where the fleet's aggregator is; {AGGREGATOR} without it.")
@click.option("--token-file", type=click.Path(), help="A file with the token to show it, where one is asked for.")
def command(
    image: str,
    as_json: bool,
    root: str | None,
    runtime: str | None,
    pull: bool,
    node: str | None,
    nodes: str | None,
    sample: int | None,
    aggregator: str | None,
    token_file: str | None,
) -> None:
    """Tell whether this node can pull IMAGE now, and why not; or several nodes of a fleet, side by side.

    Exit status: 0 it can (all can), 1 it cannot (one cannot), 2 a mistake in the call, 3 it cannot be told.
    """
    if nodes is not None or sample is not None:
        _of_fleet(image, nodes, sample, aggregator, token_file, as_json, pull, (root, runtime, node))
    elif aggregator is not None or token_file is not None:
        from pullscope.streams import refuse

        refuse("--aggregator and --token-file: say which nodes, by --nodes or --sample")
    else:
        _of_this_node(image, as_json, "/" if root is None else root, runtime, pull, node)


def _of_fleet(
    image: str,
    nodes: str | None,
    sample: int | None,
    aggregator: str | None,
    token_file: str | None,
    as_json: bool,
    pull: bool,
    here: tuple[str | None, ...],
) -> NoReturn:
    from pullscope import fleet_trace
    from pullscope.streams import refuse

    if any(option is not None for option in here):
        refuse("--root, --as and --node speak of this node: leave them out with --nodes or --sample")
    question = fleet_trace.order(image, nodes, sample, pull=pull)
    try:
        fleet_trace.show(question, aggregator or AGGREGATOR, token_file, as_json=as_json)
    except KeyboardInterrupt:
        sys.exit(130)


def _of_this_node(image: str, as_json: bool, root: str, runtime: str | None, pull: bool, node: str | None) -> NoReturn:
    import gc

    gc.disable()  # imports make no garbage: looking for it meanwhile is a tenth of the start
    import asyncio
    from pathlib import Path

    from agent.contract.reference import InvalidReferenceError
    from agent.contract.report import Trace
    from agent.host.node import Node
    from agent.host.root import Root
    from agent.host.runtime import ALIASES, NAMES
    from agent.trace import refused, trace
    from pullscope import trace_text
    from pullscope.streams import encode, refuse, start_logging

    gc.freeze()
    gc.enable()
    start_logging()
    if not root or not Path(root).is_dir():
        refuse(f"--root {root or repr(root)}: there is no such directory")
    if runtime is not None and runtime not in (*NAMES, *ALIASES):
        refuse(f"--as {runtime}: expected one of {', '.join(NAMES)}")
    here = Node(Root(Path(root).resolve()), runtime, node)
    live = sys.stderr.isatty() and not as_json
    try:
        answer: Trace = asyncio.run(
            trace(
                image,
                here,
                on_result=(lambda result: click.echo(trace_text.stage(result), err=True)) if live else None,
                pull=pull,
            )
        )
    except InvalidReferenceError as error:
        answer = refused(here, image, "invalid_reference", str(error))
        if as_json:
            click.echo(encode(answer))
        likely = answer.suggestion
        refuse(f"{error}; likely meant: {likely.image} ({likely.reason})" if likely else str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    click.echo(encode(answer) if as_json else trace_text.answer(answer))
    sys.exit(_EXITS[answer.verdict])
