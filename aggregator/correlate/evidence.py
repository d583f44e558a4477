"""What was seen, in lines that a person can read.

What most nodes say comes first; then what follows from it (pulls, pods). Text from outside is cut, freed of control
characters and of secrets. Details that differ in numbers only are one line, with the numbers of one node.
"""

from collections.abc import Iterable

from aggregator.correlate.draft import Draft, Said
from aggregator.correlate.matrix import Matrix
from aggregator.correlate.place import order_of
from aggregator.correlate.wording import clean

MOST_LINES = 8
MOST_FOLLOWING = 3  # of these lines for what follows from the fault


def lines(draft: Draft, matrix: Matrix) -> list[str]:
    """Give the evidence of a draft."""
    following = _told(draft.following(), MOST_FOLLOWING, matrix)
    own = draft.notes + _rates(draft) + _told(draft.lines(), MOST_LINES, matrix)
    return own[: MOST_LINES - len(following)] + [f"follows: {line}" for line in following]


def _told(said: Iterable[Said], most: int, matrix: Matrix) -> list[str]:
    """Give a line for each different thing that was told, what most nodes say first."""
    same: dict[tuple[str, str, str], list[Said]] = {}
    for one in said:
        line = one.line
        same.setdefault((line.column.check, line.pod or line.column.target, line.shape or line.cause), []).append(one)
    counted = [(_nodes(ones), key) for key, ones in same.items()]
    ranked = sorted(counted, key=lambda one: (-one[0].bit_count(), order_of(one[1][0]), one[1]))[:most]
    return [_line(key, nodes, same[key], matrix) for nodes, key in ranked]


def _line(key: tuple[str, str, str], nodes: int, said: list[Said], matrix: Matrix) -> str:
    check, name, _ = key
    names = matrix.names_of(nodes)
    first, last = (_detail(matrix.seats[one].number, said) for one in (names[0], names[-1]))
    who = clean(names[0]) if len(names) == 1 else f"{len(names)} nodes"
    return f"{clean(f'{check} {name}')}: {clean(first)} ({who}{', numbers differ' if first != last else ''})"


def _detail(number: int, said: list[Said]) -> str:
    """Give what one node says in its own words."""
    return min(
        cell.detail or cell.line.cause
        for line, nodes, part in said
        if nodes >> number & 1
        for cell in part.bucket.entries[number].all
        if cell.line == line
    )


def _nodes(said: list[Said]) -> int:
    nodes = 0
    for one in said:
        nodes |= one.nodes
    return nodes


def _rates(draft: Draft) -> list[str]:
    if not draft.intermittent:
        return []
    pooled = [
        (streak, (crowd.bits & part.nodes).bit_count())
        for part in draft.parts
        for streak, crowd in part.bucket.pooled.items()
    ]
    failures, runs = (sum(streak[which] * nodes for streak, nodes in pooled) for which in (0, 1))
    return [f"comes and goes: {failures} of the last {runs} runs failed"]
