"""What is hit: one image, a repository, a registry, a host, or everything that the nodes ask?

The smallest thing that covers the failures of one cause. Node by node first: a node that fails in one way at every
target it asked (two hosts or more) has the fault itself; then over the fleet.

Cannot see: a fault shared by some hosts out of many (one CDN behind three names): that is a finding per host.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from agent.contract.causes import BY_ID
from agent.contract.report import Subject
from aggregator.correlate.cell import Cell
from aggregator.correlate.fleet import ALL, TELLING, Fleet
from aggregator.correlate.place import POD, place_of

Buckets = dict[Subject, list[Cell]]


def gather(cause: str, cells: Iterable[Cell], fleet: Fleet) -> Buckets:
    """Sort the failures of one cause into subjects."""
    buckets: Buckets = defaultdict(list)
    by_kind: dict[str, list[Cell]] = defaultdict(list)
    of_node = cause in BY_ID and BY_ID[cause].of_node
    for cell in cells:
        by_kind["node" if of_node else cell.place.kind].append(cell)
    buckets[ALL] += by_kind["node"]
    _hosts(by_kind["host"], fleet, buckets)
    _registries(by_kind["registry"] + by_kind["image"], fleet, buckets)
    return {subject: cells for subject, cells in buckets.items() if cells}


def _hosts(cells: list[Cell], fleet: Fleet, buckets: Buckets) -> None:
    for own in _by(cells, lambda cell: cell.node).values():
        if any(_everywhere(of_check, fleet) for of_check in _by(own, lambda cell: cell.check).values()):
            buckets[ALL] += own
            continue
        for cell in own:
            buckets[Subject(kind="host", value=cell.place.host)].append(cell)
    _join_all(buckets, fleet, "host")


def _everywhere(cells: list[Cell], fleet: Fleet) -> bool:
    """Tell whether one node fails at every host that this check asks. An answer from before the fault says nothing."""
    hosts = {cell.place.host for cell in cells}
    if len(hosts) < 2:
        return False
    began = min((cell.since for cell in cells if cell.since), default=None)
    view = fleet.views[cells[0].node]
    for (check, target), result in view.answers.items():
        if check != cells[0].check or result.status not in TELLING or result.cause == cells[0].cause:
            continue
        if place_of(check, target).host not in hosts and (began is None or view.when(result.at) >= began):
            return False
    return True


def _join_all(buckets: Buckets, fleet: Fleet, kind: str) -> None:
    """Add nodes that ask one host only, and fail there, to a fault at every host that more nodes have."""
    whole = {cell.node for cell in buckets[ALL]}
    for subject in [one for one in buckets if one.kind == kind]:
        nodes = _by(buckets[subject], lambda cell: cell.node)
        if len(whole) < 2 or len(whole) <= len(nodes):
            continue
        for node, own in nodes.items():
            if _asks_only(node, own, fleet):
                buckets[ALL] += own
                buckets[subject] = [cell for cell in buckets[subject] if cell.node != node]


def _asks_only(node: str, own: list[Cell], fleet: Fleet) -> bool:
    failing, answers = {cell.place for cell in own}, fleet.views[node].answers
    checks = {cell.check for cell in own}
    return all(
        place_of(*key) in failing for key, result in answers.items() if key[0] in checks and result.status in TELLING
    )


def _registries(cells: list[Cell], fleet: Fleet, buckets: Buckets) -> None:
    whole: dict[str, set[str]] = defaultdict(set)  # per node the registries at which everything fails
    by_registry = _by(cells, lambda cell: cell.place.registry or "")
    hit: dict[str, list[Cell]] = {}
    for registry, own in sorted(by_registry.items()):
        hit[registry], rest = _split_registry(registry, own, fleet)
        for cell in hit[registry]:
            whole[cell.node].add(registry)
        _images(rest, buckets)
    everywhere = {node for node, registries in whole.items() if _all_registries(node, registries, fleet)}
    for registry, own in hit.items():
        buckets[ALL] += [cell for cell in own if cell.node in everywhere]
        buckets[Subject(kind="registry", value=registry)] += [cell for cell in own if cell.node not in everywhere]


def _split_registry(registry: str, cells: list[Cell], fleet: Fleet) -> tuple[list[Cell], list[Cell]]:
    """Split the failures at one registry into those of the whole registry, and those of its single images."""
    if not registry:
        return [], cells
    by_node = _by(cells, lambda cell: cell.node)
    strong = {node for node, own in by_node.items() if _is_strong(own, registry, fleet)}
    if strong and len(strong) * 2 >= len(by_node):
        return cells, []
    if not strong and _nothing_else_passes(cells, registry, fleet):
        return cells, []
    return [c for c in cells if c.node in strong], [c for c in cells if c.node not in strong]


def _is_strong(own: list[Cell], registry: str, fleet: Fleet) -> bool:
    """Tell whether one node alone shows that the registry is hit: by a check of it, or by all of two repositories."""
    if any(cell.place.kind == "registry" for cell in own):
        return True
    asked = [cell for cell in own if cell.check != POD]
    if len({cell.place.repository for cell in asked}) < 2:
        return False
    images, checks = {cell.place.image for cell in asked}, {cell.check for cell in asked}
    return all(
        place_of(*key).image in images
        for key, result in fleet.views[asked[0].node].answers.items()
        if key[0] in checks and result.status in TELLING and place_of(*key).registry == registry
    )


def _nothing_else_passes(cells: list[Cell], registry: str, fleet: Fleet) -> bool:
    """Tell whether nodes that each ask little show together that two repositories fail, and nothing else answers."""
    asked = [cell for cell in cells if cell.check != POD]
    if len({cell.place.repository for cell in asked}) < 2:
        return False
    failing = {(cell.node, cell.place.image) for cell in asked}
    keys = fleet.asked(Subject(kind="registry", value=registry), {cell.check for cell in asked})
    return all((node, place_of(*key).image) in failing for key in keys for node in fleet.columns[key])


def _all_registries(node: str, whole: set[str], fleet: Fleet) -> bool:
    if len(whole) < 2:
        return False
    asked = (place_of(*key).registry for key, result in fleet.views[node].answers.items() if result.status in TELLING)
    return {registry for registry in asked if registry} <= whole


def _images(cells: list[Cell], buckets: Buckets) -> None:
    for repository, own in _by(cells, lambda cell: cell.place.repository).items():
        images = {cell.place.image for cell in own}
        if len(images) > 1:
            buckets[Subject(kind="repository", value=repository)] += own
        else:
            buckets[Subject(kind="image", value=images.pop())] += own


def _by(cells: Iterable[Cell], key: Callable[[Cell], str | None]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[key(cell) or ""].append(cell)
    return groups
