"""What a fault hits, by the design's rules and by what its nodes could see: host, registry, repository, image, all.

Takes the answers that show one fault as the first cause. The world knows which fault it is; the subject is only what
the agents' answers allow to say of it.

Source: DESIGN, section 5, "Subject"; section 4, "Settled".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agent.contract.causes import BY_ID
from agent.contract.report import Subject
from bench.fleet.agent import Seen
from bench.fleet.world import Image

ALL = Subject(kind="all")
TOLD = frozenset({"ok", "warn", "failed"})
OF_HOST = frozenset({"dns", "tcp", "tls"})
OF_IMAGE = frozenset({"manifest", "platform", "layer", "pull"})

Told = Mapping[str, Mapping[tuple[str, str], Seen]]
"""Per node that counts: its answers that could tell, by check and target."""


def host_of(target: str) -> str:
    """Give the host of `host:port` or of a bare host."""
    return target.partition(":")[0]


def sort(cause: str, cells: Sequence[Seen], told: Told, images: Mapping[str, Image]) -> dict[Subject, list[Seen]]:
    """Sort the answers that show one fault into subjects."""
    if cause in BY_ID and BY_ID[cause].of_node:
        return {ALL: list(cells)}
    found: dict[Subject, list[Seen]] = defaultdict(list)
    _hosts([one for one in cells if one.result.check in OF_HOST], told, found)
    _registries([one for one in cells if one.result.check not in OF_HOST], told, images, found)
    return dict(found)


def _hosts(cells: Sequence[Seen], told: Told, found: dict[Subject, list[Seen]]) -> None:
    by_node: dict[str, list[Seen]] = defaultdict(list)
    for cell in cells:
        by_node[cell.node].append(cell)
    single: list[Seen] = []
    whole = False
    for node, own in by_node.items():
        failing = {host_of(cell.result.target) for cell in own}
        checks = {cell.result.check for cell in own}
        asked = {host_of(target) for check, target in told[node] if check in checks}
        if asked <= failing and len(failing) >= 2:
            found[ALL] += own
            whole = True
        elif asked <= failing:
            single += own
        else:
            _by_host(own, found)
    # A node that asks one host only fails at every target too: with the others there are two hosts or more.
    if whole:
        found[ALL] += single
    else:
        _by_host(single, found)


def _by_host(cells: Iterable[Seen], found: dict[Subject, list[Seen]]) -> None:
    for cell in cells:
        found[Subject(kind="host", value=host_of(cell.result.target))].append(cell)


def _registries(
    cells: Sequence[Seen], told: Told, images: Mapping[str, Image], found: dict[Subject, list[Seen]]
) -> None:
    by_registry: dict[str, list[Seen]] = defaultdict(list)
    for cell in cells:
        target = cell.result.target
        by_registry[images[target].registry if cell.result.check in OF_IMAGE else target].append(cell)
    for registry, own in by_registry.items():
        if _is_whole(registry, own, told, images):
            found[Subject(kind="registry", value=registry)] += own
        else:
            _by_image(own, images, found)


def _is_whole(registry: str, cells: Sequence[Seen], told: Told, images: Mapping[str, Image]) -> bool:
    """Tell whether all that was asked of a registry fails: a check of it, or all images of two repositories or more."""
    if any(cell.result.check not in OF_IMAGE for cell in cells):
        return True
    if len({images[cell.result.target].repository for cell in cells}) < 2:
        return False
    checks = {cell.result.check for cell in cells}
    failing = {(cell.node, cell.result.target) for cell in cells}
    return all(
        (node, target) in failing
        for node in {cell.node for cell in cells}
        for check, target in told[node]
        if check in checks and images[target].registry == registry
    )


def _by_image(cells: Sequence[Seen], images: Mapping[str, Image], found: dict[Subject, list[Seen]]) -> None:
    by_repository: dict[str, list[Seen]] = defaultdict(list)
    for cell in cells:
        by_repository[images[cell.result.target].repository].append(cell)
    for repository, own in by_repository.items():
        names = {cell.result.target for cell in own}
        subject = (
            Subject(kind="repository", value=repository) if len(names) > 1 else Subject(kind="image", value=names.pop())
        )
        found[subject] += own


def told_of(subject: Subject, checks: set[str], told: Told, images: Mapping[str, Image]) -> dict[str, list[Seen]]:
    """Give, per node that could tell something of a subject by these checks, what it told."""
    found: dict[str, list[Seen]] = {}
    for node, answers in told.items():
        own = [
            seen
            for (check, target), seen in answers.items()
            if check in checks and _is_of(subject, check, target, images)
        ]
        if own:
            found[node] = own
    return found


def _is_of(subject: Subject, check: str, target: str, images: Mapping[str, Image]) -> bool:
    if subject.kind == "all":
        return True
    if subject.kind == "host":
        return host_of(target) == subject.value
    if check not in OF_IMAGE:
        return target == subject.value
    image = images[target]
    return subject.value in (image.name, image.repository, image.registry)
