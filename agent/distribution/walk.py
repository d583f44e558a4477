"""Places in the runtime's order, until one answers; and as whom each is asked.

Source: containerd, core/remotes/docker/resolver.go; containers/image, docker/docker_image_src.go; kubelet, which tries
one credential after the other.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from agent.check import Blocked
from agent.host.credentials import Credential
from agent.host.endpoint import HUB, HUB_HOST, Endpoint
from agent.host.node import Node
from agent.probes.fault import Fault

T = TypeVar("T")

CONTAINERS = frozenset({"podman", "cri-o"})  # the runtimes that pull by containers/image


@dataclass(frozen=True, slots=True)
class Miss:
    """A place that did not give what was wanted. `blocked_by` names the check that says why, where it is another's."""

    endpoint: Endpoint
    cause: str
    detail: str
    blocked_by: str = ""


@dataclass(frozen=True, slots=True)
class Walked(Generic[T]):
    """What the first place that could gave, and who could not before it."""

    endpoint: Endpoint
    value: T
    misses: tuple[Miss, ...]


async def walk(endpoints: Sequence[Endpoint], ask: Callable[[Endpoint], Awaitable[T]]) -> Walked[T]:
    """Ask one place after the other.

    Raises:
        Fault, Blocked: where none can: what the last one, the registry itself, said.
    """
    misses: list[Miss] = []
    # The last one is what the pull cannot do without, whatever it is to the registry.
    endpoints = [*endpoints[:-1], *(replace(endpoint, mirror=False) for endpoint in endpoints[-1:])]
    last: Blocked | Fault = Fault("config_invalid", "the runtime's configuration leaves no place to pull this from")
    for endpoint in endpoints:
        try:
            return Walked(endpoint, await ask(endpoint), tuple(misses))
        except (Blocked, Fault) as error:
            misses.append(miss(endpoint, error))
            last = error
    if isinstance(last, Fault) and len(misses) > 1:
        raise Fault(last.cause, last.detail, **last.evidence, mirrors=[one.detail for one in misses[:-1]]) from last
    raise last


def is_same(first: Endpoint, other: Endpoint) -> bool:
    """Tell whether two endpoints are one place that is spoken to in one way."""
    return replace(first, mirror=False, may=frozenset()) == replace(other, mirror=False, may=frozenset())


def miss(endpoint: Endpoint, error: Blocked | Fault) -> Miss:
    """Note why a place did not give what was wanted."""
    if isinstance(error, Fault):
        return Miss(endpoint, error.cause, error.detail)
    return Miss(endpoint, "registry_unavailable", f"{endpoint.origin.target} is not reached ({error.by})", error.by)


def identities(node: Node, endpoint: Endpoint, path: str) -> list[Credential | None]:
    """Give as whom a place is asked, in turn; one that is none is a node without credentials."""
    name = node.runtime.name if node.runtime else ""
    place = HUB if endpoint.origin.host == HUB_HOST else endpoint.origin.authority
    if name in CONTAINERS:
        found = node.credentials(place, endpoint.path_of(path))
    elif place == endpoint.registry:
        found = node.credentials(endpoint.registry, path)
    else:
        found = [one for one in node.credentials(endpoint.registry, path) if one.everywhere]
        found += [one for one in node.credentials(place, "") if not one.everywhere]
    # containers/image takes the best match and no other.
    return list(found[:1] if name in CONTAINERS else found) or [None]


def goes_on(node: Node) -> bool:
    """Tell whether the runtime asks the next place for what the first one, which had the manifest, does not give."""
    return node.runtime is None or node.runtime.name not in CONTAINERS
