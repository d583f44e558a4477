"""`pullscope classify [MESSAGE …]`: the cause in messages of failed pulls."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agent.contract.report import Classification


@click.command("classify", short_help="Name the cause in messages of failed pulls.")
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option("--json", "as_json", is_flag=True, help="Print each classification as one line of JSON.")
def command(messages: tuple[str, ...], as_json: bool) -> None:
    """Name the cause in each MESSAGE, or in each line of standard input: one answer line each, in order."""
    from agent.contract.classify import classify
    from pullscope.lines import batches, put
    from pullscope.streams import encode

    line = encode if as_json else _line
    for batch in [messages] if messages else batches(0):
        put(1, "".join(f"{line(classify(text))}\n" for text in batch))


def _line(answer: "Classification") -> str:
    """Give an answer in one line: cause, image, host, detail, and the name that was likely meant."""
    words = [answer.cause]
    words += [f"{key}={value}" for key, value in (("image", answer.image), ("host", answer.host)) if value]
    words += [f"- {answer.detail}"] if answer.detail else []
    words += [f"- likely meant: {likely.image}: {likely.reason}"] if (likely := answer.suggestion) else []
    return " ".join(words)
