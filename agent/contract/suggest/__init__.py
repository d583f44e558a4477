"""What a name that leads nowhere should likely be: spelling, well-known places, neighbours in a list of tags.

May live here: pure functions from names to names, and the facts that they rest on, each with its source. Nothing is
asked; who can look a name up (`agent.likely`) says so himself.
"""

from collections.abc import Callable
from functools import cache

from agent.contract.report import Suggestion

CAUSES = frozenset(  # that a name can explain
    "invalid_reference image_not_found short_name_ambiguous auth_failed dns_failed registry_unavailable".split()
)


def suggest(cause: str, image: str | None, message: str) -> Suggestion | None:
    """Give the name that was likely meant where an image could not be had; none for causes that no name explains.

    Args:
        cause: what the message was found to say.
        image: the image that it names, where one was found.
        message: the words, for what is no name yet.
    """
    if cause not in CAUSES:
        return None
    return _looks()[cause](image, message)


@cache
def _looks() -> dict[str, Callable[[str | None, str], Suggestion | None]]:
    from agent.contract.suggest import likely  # its patterns and names cost a start 6 ms, and most never need them

    return likely.LOOKS
