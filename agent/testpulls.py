"""Leave for a real test pull, had before its round begins: where it is not this node's turn, nothing is asked at all.

So the last pull's result stays what it was, and does not become `unknown` for the weeks until the next one.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable

from agent.contract.reference import parse
from agent.distribution.counted import as_whom
from agent.host.node import Node
from agent.pulls import Pulls
from agent.round import Question


class Prepaid:
    """Leave that was had before; `spent` counts by identity what was used of it."""

    def __init__(self, pulls: Pulls) -> None:
        self._pulls = pulls
        self.spent: Counter[str] = Counter()

    def counts(self, registry: str) -> bool:
        """Whether the registry counts pulls."""
        return self._pulls.counts(registry)

    async def lease(self, registry: str, who: str, pulls: int) -> Callable[[int], None]:
        """Give leave: it is had already."""
        del registry
        self.spent[who] += pulls
        return lambda spent: None

    def settle(self, give_back: Callable[[int], None], who: str) -> None:
        """Give back what was had as an identity."""
        give_back(self.spent[who])


@contextlib.asynccontextmanager
async def prepaid(pulls: Pulls, node: Node, questions: Iterable[Question]) -> AsyncIterator[Prepaid]:
    """Ask for all the leases that these pulls need, and give them back with what was spent.

    Raises:
        NotYet: where it is not this node's turn.
    """
    paid = Prepaid(pulls)
    async with contextlib.AsyncExitStack() as stack:
        for (registry, who), most in _costs(node, questions).items():
            give_back = await pulls.lease(registry, who, most)
            stack.callback(paid.settle, give_back, who)
        yield paid


def _costs(node: Node, questions: Iterable[Question]) -> Counter[tuple[str, str]]:
    """Give how many pulls there will be at most: one through each runtime, and the manifests that are read before."""
    costs: Counter[tuple[str, str]] = Counter()
    for question in questions:
        reference = parse(question.target)
        costs[reference.registry, as_whom(node, reference, node.runtime)] += 1
        for runtime in node.runtimes:
            if runtime.found:
                costs[reference.registry, as_whom(node, reference, runtime, pulls=True)] += 1
    return costs
