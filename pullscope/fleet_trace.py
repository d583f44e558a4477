"""Can other nodes pull this image now? Asks an aggregator, and shows what they say as it comes."""

import sys
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import click
import msgspec

from agent.contract.report import Trace, TraceSummary
from agent.contract.strict import ConfigError
from agent.contract.table import CADENCES, TRACE_WITHIN_S
from aggregator.web.trace_lines import fixes, line
from pullscope.streams import complain, encode, refuse

EXITS = {"ok": 0, "warn": 0, "failed": 1, "unknown": 3}
QUIET_S = TRACE_WITHIN_S + 15.0  # the aggregator gives each node its time, and says at once what it knows then
MISTAKES = range(400, 500)  # what the aggregator says of a call that cannot be right
BUSY = 429
ANSWER_BYTES = 4096  # of a refusal: it is one line


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: the token is the aggregator's alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Give no further request."""


def order(image: str, nodes: str | None, sample: int | None, *, pull: bool) -> dict[str, Any]:
    """Give the question; ends with exit status 2 where it makes no sense."""
    if nodes is not None and sample is not None:
        refuse("--nodes and --sample: either one or the other")
    names = [name.strip() for name in (nodes or "").split(",") if name.strip()]
    if nodes is not None and not names:
        refuse("--nodes: expected names such as node-1,node-2")
    chosen: dict[str, Any] = {"sample": sample} if sample is not None else {"nodes": names}
    return {"image": image, "pull": pull} | chosen


def show(question: dict[str, Any], aggregator: str, token_file: str | None, *, as_json: bool) -> NoReturn:
    """Ask, print each answer as it comes, and end with the exit status that they make together."""
    traces: list[Trace] = []
    try:
        for told in _ask(question, aggregator, token_file):
            if isinstance(told, Trace):
                traces.append(told)
                click.echo(encode(told) if as_json else line(told))
                continue
            for text in [encode(told)] if as_json else [*fixes(traces), told.summary]:
                click.echo(text)
            sys.exit(EXITS[told.verdict])
    except (URLError, HTTPException, OSError) as error:
        complain(f"no answer from {aggregator}: {getattr(error, 'reason', None) or error or type(error).__name__}")
        sys.exit(3)
    except msgspec.MsgspecError as error:
        complain(f"{aggregator} gave no trace: {error}")
        sys.exit(3)
    complain(f"{aggregator} ended before all nodes had answered")
    sys.exit(3)


def _ask(question: dict[str, Any], aggregator: str, token_file: str | None) -> Iterator[Trace | TraceSummary]:
    quiet_s = QUIET_S + (CADENCES["pull"].patience_s if question["pull"] else 0)
    opener = build_opener(ProxyHandler({}), _Stay())
    try:
        with opener.open(_request(question, aggregator, token_file), timeout=quiet_s) as answer:
            for text in answer:
                told = msgspec.json.decode(text)
                is_last = isinstance(told, dict) and "asked" in told
                yield msgspec.convert(told, TraceSummary) if is_last else msgspec.convert(told, Trace)
    except HTTPError as error:
        said = " ".join(error.read(ANSWER_BYTES).decode(errors="replace").split())
        words = f"{aggregator} answers {error.code} {error.reason}" + (f": {said}" if said else "")
        if error.code in MISTAKES and error.code != BUSY:
            refuse(words)
        complain(words)
        sys.exit(3)


def _request(question: dict[str, Any], aggregator: str, token_file: str | None) -> Request:
    headers = {"Content-Type": "application/json", "Accept": "application/x-ndjson"}
    if token_file is not None:
        from agent.contract.address import read_token

        try:
            headers["Authorization"] = f"Bearer {read_token(token_file)}"
        except ConfigError as error:
            refuse(f"--token-file: {error}")
    try:
        request = Request(f"{aggregator.rstrip('/')}/trace", msgspec.json.encode(question), headers)
    except ValueError:
        refuse(f"--aggregator: {aggregator!r} is no URL")
    if request.type not in ("http", "https"):
        refuse(f"--aggregator: {aggregator!r} is no http or https URL")
    return request
