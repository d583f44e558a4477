"""The questions, one module each: `observe` looks and has no opinion, `judge` is pure.

Reading the tuple is knowing what runs. Checks are imported when the first round needs them: the command's start-up
must not pay for them.
"""

from functools import cache
from importlib import import_module

from agent.check import Check

NAMES = (
    "disk",
    "clock",
    "runtime",
    "dns",
    "tcp",
    "tls",
    "registry",
    "rate_limit",
    "manifest",
    "platform",
    "layer",
    "pull",
)


@cache
def check(name: str) -> Check:
    """Give a check by its name.

    Raises:
        KeyError: where there is none of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    found = import_module(f"agent.checks.{name}").CHECK
    assert isinstance(found, Check)
    return found
