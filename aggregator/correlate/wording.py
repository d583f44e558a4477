"""How text of unknown origin gets into a report: cut, on one line, without control characters and secrets."""

from functools import lru_cache

from agent.contract.redact import redact

LONGEST_CHARACTERS = 4_096  # of what is looked at at all
MOST_CHARACTERS = 300  # of one detail; a chain of certificates is longer, and the result has it whole
_KEPT = 4_096  # texts: the same names and sources are said again and again


def clean(text: str) -> str:
    """Make text of unknown origin fit for a report."""
    return _clean(text[:LONGEST_CHARACTERS])


@lru_cache(maxsize=_KEPT)
def _clean(text: str) -> str:
    # secrets go before the cut, which might leave a half of one
    text = redact(" ".join("".join(letter if letter.isprintable() else " " for letter in text).split()))
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def some(names: list[str], most: int) -> str:
    """Name the first of many, and say how many more there are."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(clean(name) for name in names[:most]) + rest
