"""What the commands share on standard streams: one line for a mistake, quiet logs, JSON that any reader bears."""

import logging
import sys
from typing import Any, NoReturn

import click

from agent.contract.redact import redact


def encode(form: Any) -> str:
    """Give a data form as one line of ASCII-escaped JSON."""
    import json

    import msgspec

    return json.dumps(msgspec.to_builtins(form), ensure_ascii=True, separators=(", ", ": "))


def complain(mistake: str) -> None:
    """Print one line about a mistake, without secrets."""
    click.echo(f"pullscope: {redact(' '.join(mistake.split()))}", err=True)


def refuse(mistake: str) -> NoReturn:
    """End with one line about a mistake in the call or in Pullscope's own configuration: exit 2."""
    complain(mistake)
    sys.exit(2)


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def start_logging(level: int = logging.WARNING) -> None:
    """Send logs to standard error, without secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
