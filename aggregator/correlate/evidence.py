"""What was seen, in lines that a person can read.

What most nodes say comes first; then what follows from it (pulls, pods). Text from outside is cut, freed of control
characters and of secrets.
"""

from collections import defaultdict
from collections.abc import Iterable

from agent.contract.redact import redact
from aggregator.correlate.cell import Cell
from aggregator.correlate.draft import Draft
from aggregator.correlate.place import order_of

MOST_LINES = 8
MOST_FOLLOWING = 3  # of these lines for what follows from the fault
LONGEST_CHARACTERS = 4_096  # of what is looked at at all
MOST_CHARACTERS = 300  # of one detail; a chain of certificates is longer, and the result has it whole


def lines(draft: Draft) -> list[str]:
    """Give the evidence of a draft."""
    following = _told(draft.also, MOST_FOLLOWING)
    own = draft.notes + _rates(draft) + _told(draft.cells, MOST_LINES)
    return own[: MOST_LINES - len(following)] + [f"follows: {line}" for line in following]


def clean(text: str) -> str:
    """Make text of unknown origin fit for a report. Secrets go before the cut, which might leave a half of one."""
    text = text[:LONGEST_CHARACTERS]
    text = redact(" ".join("".join(letter if letter.isprintable() else " " for letter in text).split()))
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _told(cells: Iterable[Cell], most: int) -> list[str]:
    """Give a line for each different thing that was told, what most nodes say first."""
    nodes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for cell in cells:
        nodes[cell.check, cell.pod or cell.target, cell.result.detail or cell.cause].add(cell.node)
    ranked = sorted(nodes.items(), key=lambda one: (-len(one[1]), order_of(one[0][0]), one[0]))[:most]
    return [f"{clean(f'{check} {name}')}: {clean(detail)} ({_who(names)})" for (check, name, detail), names in ranked]


def _who(nodes: set[str]) -> str:
    return clean(min(nodes)) if len(nodes) == 1 else f"{len(nodes)} nodes"


def _rates(draft: Draft) -> list[str]:
    if not draft.intermittent:
        return []
    windows = [cell.result.window for cell in draft.cells if cell.history == "intermittent" and cell.result.window]
    runs, failures = sum(window.runs for window in windows), sum(window.failures for window in windows)
    return [f"comes and goes: {failures} of the last {runs} runs failed"]
