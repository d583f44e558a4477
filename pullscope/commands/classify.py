"""`pullscope classify [MESSAGE]`: the cause in messages of failed pulls."""

import sys

import click


@click.command("classify", short_help="Name the cause in messages of failed pulls.")
@click.argument("message", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print each classification as one line of JSON.")
def command(message: str | None, as_json: bool) -> None:
    """Name the cause in MESSAGE, or in each line of standard input: one answer line each, in order."""
    from agent.contract.classify import classify
    from agent.contract.report import Classification
    from pullscope.streams import encode

    def line(answer: Classification) -> str:
        if as_json:
            return encode(answer)
        words = [
            answer.cause,
            *(f"{key}={value}" for key, value in (("image", answer.image), ("host", answer.host)) if value),
        ]
        words += [f"- {answer.detail}"] if answer.detail else []
        likely = answer.suggestion
        return " ".join([*words, f"- likely meant: {likely.image}: {likely.reason}"] if likely else words)

    if message is not None:
        click.echo(line(classify(message)))
        return
    for raw in sys.stdin.buffer:  # a line ends at \n only; bytes that are no UTF-8 are replaced
        text = raw.removesuffix(b"\n").decode("utf-8", errors="replace")
        sys.stdout.write(line(classify(text)) + "\n")
        sys.stdout.flush()
