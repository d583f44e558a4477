"""Where podman and CRI-O look for images: registries.conf, and the certificates of each host.

Source: containers/image, docker/docker_image_src.go and docker_client.go; containers-certs.d(5).
"""

from agent.host import policy
from agent.host.certificates import trust_of
from agent.host.endpoint import HUB, HUB_HOST, Endpoint, Origin, TrustSource
from agent.host.fault import Fault
from agent.host.home import own
from agent.host.registries_conf import Entry, Place, matched, read
from agent.host.root import HostFileError, Root

FOLDERS = ("/root/.config/containers/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d")  # the first alone


def endpoints(root: Root, override: str | None, registry: str, path: str) -> list[Endpoint]:
    """Give where containers/image asks for a repository, mirrors first.

    Args:
        override: the registries.conf that the environment names, if it does.

    Raises:
        HostFileError: where a file is broken.
        Fault: `policy_blocked` where the file, or policy.json, forbids it.
    """
    if path:
        policy.check(root, registry, path)
    name = f"{registry}/{path}" if path else registry
    entry = read(root, override).entry(name)
    if entry is None:
        return [_endpoint(root, registry, name, name, Place(name), "")]
    if entry.blocked:
        raise Fault("policy_blocked", f"{entry.prefix} is blocked in {entry.source}", file=entry.source)
    mirrors = [_mirror(root, registry, name, entry, place) for place in entry.mirrors]
    return [*mirrors, _endpoint(root, registry, name, _rewritten(name, entry, entry.place), entry.place, entry.source)]


def _mirror(root: Root, registry: str, name: str, entry: Entry, place: Place) -> Endpoint:
    may = {"digest-only": {"pull"}, "tag-only": {"resolve"}}.get(place.pulls, {"pull", "resolve"})
    physical = _rewritten(name, entry, place)
    return _endpoint(root, registry, name, physical, place, entry.source, mirror=True, may=frozenset(may))


def _rewritten(name: str, entry: Entry, place: Place) -> str:
    """Put the place where the prefix stood; a prefix such as *.example.com without a location changes nothing."""
    if not place.location:
        return name
    return place.location + name[matched(name, entry.prefix) or 0 :]


def _endpoint(
    root: Root,
    registry: str,
    name: str,
    physical: str,
    place: Place,
    source: str,
    *,
    mirror: bool = False,
    may: frozenset[str] = frozenset({"pull", "resolve"}),
) -> Endpoint:
    host, _, path = physical.partition("/")
    logical = name.partition("/")[2]
    try:
        origin = Origin.of(f"https://{HUB_HOST if host == HUB else host}")
    except ValueError as error:
        raise HostFileError(source, f"location {physical!r}: {error}") from error
    return Endpoint(
        registry,
        origin,
        mirror=mirror,
        trust=_trust(root, host, place.insecure),
        rewrite=(logical, path) if path != logical else None,
        may=may,
        fallback_plain=place.insecure,
        source=source,
    )


def _trust(root: Root, host: str, insecure: bool) -> TrustSource:
    folder = next((f"{top}/{host}" for top in own(root, FOLDERS) if root.exists(f"{top}/{host}")), None)
    if folder is None:
        return TrustSource(verify=not insecure)
    return trust_of(root, folder, strict=True, verify=not insecure)
