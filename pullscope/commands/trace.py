"""`pullscope trace IMAGE`: can this node pull this image now, and why not."""

import sys

import click

_EXITS = {"ok": 0, "warn": 0, "failed": 1, "unknown": 3}


@click.command("trace", short_help="Tell whether this node can pull IMAGE now, and why not.")
@click.argument("image")
@click.option("--json", "as_json", is_flag=True, help="Print the whole trace as one line of JSON.")
@click.option("--root", default="/", show_default=True, help="The tree that holds the node's files.")
@click.option("--as", "runtime", metavar="RUNTIME", help="Judge this runtime's path: containerd, podman …")
@click.option("--pull", is_flag=True, help="Make a real pull, too; what it brings is removed again.")
@click.option("--node", help="What to call this node.")
def command(image: str, as_json: bool, root: str, runtime: str | None, pull: bool, node: str | None) -> None:
    """Tell whether this node can pull IMAGE now, and why not.

    Exit status: 0 it can, 1 it cannot, 2 a mistake in the call, 3 it cannot be told.
    """
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
