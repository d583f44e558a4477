"""What does one node take its failures for: its own, a host's, a registry's, or an image's?

A node that fails in one way at every target it asked (two hosts or more, two registries or more) has the fault itself.
Answers from before the fault, and good moments of what comes and goes, say nothing against that.

Cannot see: whether other nodes fail in the same way; `subject` puts the claims of all nodes together.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Literal, NamedTuple

from agent.contract.causes import BY_ID
from aggregator.correlate.cell import Sign
from aggregator.correlate.column import Column
from aggregator.correlate.place import POD

Tier = Literal["all", "host", "registry", "image"]


class Spot(NamedTuple):
    """Where a node sees the fault; `value` is empty for `all`."""

    tier: Tier
    value: str = ""


class Claim(NamedTuple):
    """One fault as one node sees it, with the positions of the signs that show it.

    `alone`: the node asks nothing else, so that it cannot tell the spot from `all`.
    """

    cause: str
    spot: Spot
    members: tuple[int, ...]
    alone: bool


EVERYWHERE = Spot("all")


def claims_of(
    signs: Sequence[Sign], asked: Set[Column], alike: Set[Column], weak: Set[Column] = frozenset()
) -> list[Claim]:
    """Sort what fails on one node into faults.

    Args:
        signs: first causes, from the lowest check up.
        asked: what the node asked, could tell of, and has told since the fault began.
        alike: what suffers, too, though it does not say so: a warning, a good moment of what comes and goes.
        weak: what failed once only, beside failures that were seen twice: it may be chance, and says neither.
    """
    by_cause: dict[str, list[int]] = defaultdict(list)
    for position, sign in enumerate(signs):
        by_cause[sign.cause].append(position)
    return [
        Claim(cause, spot, tuple(members), alone)
        for cause, own in by_cause.items()
        for (spot, alone), members in _spots(cause, own, signs, asked - weak, alike, weak).items()
    ]


_Spots = dict[tuple[Spot, bool], list[int]]


def _spots(
    cause: str, own: list[int], signs: Sequence[Sign], asked: Set[Column], alike: Set[Column], weak: Set[Column]
) -> _Spots:
    found: _Spots = defaultdict(list)
    of_node = cause in BY_ID and BY_ID[cause].of_node
    kinds = _by(own, lambda one: "node" if of_node else signs[one].column.place.kind)
    found[EVERYWHERE, False] += kinds.get("node", [])
    _hosts(kinds.get("host", []), signs, asked, alike, weak, found)
    _registries(sorted(kinds.get("registry", []) + kinds.get("image", [])), signs, asked, weak, found)
    return {key: sorted(members) for key, members in found.items() if members}


def _hosts(
    own: list[int],
    signs: Sequence[Sign],
    asked: Set[Column],
    alike: Set[Column],
    weak: Set[Column],
    found: _Spots,
) -> None:
    checks = _by(own, lambda one: signs[one].column.check)
    failing = alike | {signs[one].column for one in own} - weak
    if any(_every_host(check, failing, asked) for check in checks):
        found[EVERYWHERE, False] += own
        return
    for host, ones in _by(own, lambda one: signs[one].column.place.host).items():
        named = {signs[one].column.check for one in ones}
        alone = all(column.place.host == host for column in asked | alike if column.check in named)
        found[Spot("host", host), alone] += ones


def _every_host(check: str, failing: Set[Column], asked: Set[Column]) -> bool:
    hosts = {column.place.host for column in failing if column.check == check}
    return len(hosts) > 1 and all(column.place.host in hosts for column in asked if column.check == check)


def _registries(own: list[int], signs: Sequence[Sign], asked: Set[Column], weak: Set[Column], found: _Spots) -> None:
    by_registry = _by(own, lambda one: signs[one].column.place.registry)
    whole = {registry for registry, ones in by_registry.items() if registry and _strong(registry, ones, signs, asked)}
    told = {column.place.registry for column in asked if column.place.registry}
    sure = {signs[one].column.place.registry for one in own if signs[one].column not in weak}
    if len(whole & sure) > 1 and told <= whole:
        found[EVERYWHERE, False] += [one for registry in sorted(whole) for one in by_registry[registry]]
        by_registry = {registry: ones for registry, ones in by_registry.items() if registry not in whole}
    for registry, ones in by_registry.items():
        if registry in whole:
            found[Spot("registry", registry), told == {registry}] += ones
        else:
            for image, members in _by(ones, lambda one: signs[one].column.place.image).items():
                found[Spot("image", image), False] += members


def _strong(registry: str, own: list[int], signs: Sequence[Sign], asked: Set[Column]) -> bool:
    """Tell whether one node alone shows that the registry is hit: by a check of it, or by all of two repositories."""
    columns = [signs[one].column for one in own]
    if any(column.place.kind == "registry" for column in columns):
        return True
    columns = [column for column in columns if column.check != POD]
    if len({column.place.repository for column in columns}) < 2:
        return False
    images, checks = {column.place.image for column in columns}, {column.check for column in columns}
    return all(
        column.place.image in images for column in asked if column.check in checks and column.place.registry == registry
    )


def _by(ones: Iterable[int], key: Callable[[int], str | None]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for one in ones:
        groups[key(one) or ""].append(one)
    return groups
