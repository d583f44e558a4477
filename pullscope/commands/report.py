"""`pullscope report`: what an aggregator has to say, for a person or a script."""

import sys
from pathlib import Path

import click

MOST_SAID_BYTES = 2_000  # of a refusal: one line
PATIENCE_S = 10.0  # an aggregator answers from memory; more than this is no answer in an incident


@click.command("report", short_help="Show the report of an aggregator.")
@click.option("--aggregator", default="http://127.0.0.1:8080", show_default=True, help="Where the aggregator is.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one line of JSON.")
@click.option("--token-file", type=click.Path(), help="A file with the token for reading, where one is asked for.")
@click.option(
    "--at", metavar="TIME", help="The report as it was then: 2026-11-22T13:00:00Z, or 15m, 2h, 3d for so long ago."
)
@click.option("--since", metavar="TIME", help="The incidents since then: opened, confirmed, cleared.")
@click.option("--fail-on", type=click.Choice(["warning", "failure"]), help="Exit 1 if there is a finding this bad.")
def command(
    aggregator: str, as_json: bool, token_file: str | None, at: str | None, since: str | None, fail_on: str | None
) -> None:
    """Show the report of an aggregator, of now or of the past.

    Exit status: 0 it answered, 1 with --fail-on, 2 a mistake in the call, 3 no report could be had.
    """
    from urllib.parse import urlencode

    import msgspec

    from agent.contract.report import Report
    from aggregator.web.text import render
    from pullscope.streams import encode, refuse

    token = None
    if token_file is not None:
        try:
            token = Path(token_file).read_text().strip()
        except OSError as error:
            refuse(f"--token-file {token_file}: {error.strerror}")
    if at is not None and since is not None:
        refuse("--at and --since: one of them")
    when = {name: value for name, value in (("at", at), ("since", since)) if value is not None}
    page = f"{aggregator.rstrip('/')}/report?"
    body = _get(page + urlencode({"format": "json"} | when), token)
    try:
        report = msgspec.json.decode(body, type=Report)
    except msgspec.MsgspecError as error:
        click.echo(f"pullscope: {aggregator} gave no report: {error}", err=True)
        sys.exit(3)
    if as_json:
        click.echo(encode(report))
    elif when:  # what to say of the past the aggregator knows: how far it reaches, who ran then
        click.echo(_get(page + urlencode({"format": "text"} | when), token).decode().rstrip("\n"))
    else:
        click.echo(render(report).rstrip("\n"))
    severities = {finding.severity for finding in report.findings}
    if fail_on is not None and ("failure" in severities or (fail_on == "warning" and severities)):
        sys.exit(1)


def _get(url: str, token: str | None) -> bytes:
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    from pullscope.streams import refuse

    try:
        request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    except ValueError:
        refuse(f"--aggregator: {url!r} is no URL")
    if request.type not in ("http", "https"):
        refuse(f"--aggregator: {url!r} is no http or https URL")

    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE_S) as response:
            content: bytes = response.read()
            return content
    except HTTPError as error:
        said = error.read(MOST_SAID_BYTES).decode("utf-8", "replace").strip()
        if error.code == 400 and said:
            refuse(f"{url.partition('?')[0]}: {said}")
        why = said if error.code == 404 and said.startswith("at: ") else f"{error.code} {error.reason}"
    except (URLError, OSError) as error:
        why = str(getattr(error, "reason", error))
    click.echo(f"pullscope: no report from {url}: {why}", err=True)
    sys.exit(3)
