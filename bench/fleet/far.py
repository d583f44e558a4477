"""Faults of registries, their hosts, images and mirrors: for everybody, or for those who come from one place."""

import random
from collections.abc import Callable

from bench.fleet.fault import Fault
from bench.fleet.near import TCP, age_s, at_port, group, long_s, names, places, rate
from bench.fleet.registries import MIRROR
from bench.fleet.world import Registry, World

Draw = Callable[[World, random.Random], Fault | None]


def _registry(world: World, chance: random.Random) -> Registry:
    return chance.choice(world.registries)


def _host(world: World, chance: random.Random) -> str:
    return chance.choice(sorted({host for one in world.registries for host in one.hosts}))


def _on(world: World, chance: random.Random, *facts: str) -> tuple[frozenset[str], str | None]:
    """Draw who is hit: mostly everybody, else those of one place or egress."""
    found = group(world, chance, facts) if facts and chance.random() < 0.35 else None
    return (names(found[1]), found[0]) if found else (names(world.machines), None)


def host_down(world: World, chance: random.Random) -> Fault | None:
    """Close a host's port, for everybody or for one place."""
    on, fact = _on(world, chance, "egress", *places(world))
    target = frozenset({at_port(_host(world, chance))})
    return Fault("host down" if fact is None else "host down for a place", chance.choice(TCP), frozenset({"tcp"}), on,
                 target, fact, age_s(world, chance), rate(world, chance), near=2)  # fmt: skip


def name_gone(world: World, chance: random.Random) -> Fault | None:
    """Take a host's name away; with split horizons, for one resolver only."""
    on, fact = _on(world, chance, "resolver")
    target = frozenset({_host(world, chance).partition(":")[0]})
    return Fault("name gone", "dns_failed", frozenset({"dns"}), on, target, fact, age_s(world, chance),
                 rate(world, chance), near=1)  # fmt: skip


def certificate(world: World, chance: random.Random) -> Fault | None:
    """Give a host a certificate that nobody takes."""
    cause = chance.choice(("tls_expired", "tls_expired", "tls_name_mismatch", "tls_protocol", "tls_timeout"))
    return Fault("certificate", cause, frozenset({"tls"}), names(world.machines),
                 frozenset({at_port(_host(world, chance))}), None, age_s(world, chance), near=4)  # fmt: skip


def registry_down(world: World, chance: random.Random) -> Fault | None:
    """Make a registry, or its token service, answer 5xx."""
    registry = _registry(world, chance)
    kind = "token service" if registry.auth and chance.random() < 0.5 else "registry down"
    return Fault(kind, "registry_unavailable", frozenset({"registry"}), names(world.machines),
                 frozenset({registry.name}), None, age_s(world, chance), rate(world, chance), near=5)  # fmt: skip


def rate_limited(world: World, chance: random.Random) -> Fault | None:
    """Let a registry refuse those of one address, or everybody."""
    choices = [one for one in world.registries if one.limits]
    if not choices:
        return None
    registry = chance.choice(choices)
    found = group(world, chance, ["egress"])
    on, fact = (names(found[1]), found[0]) if found else (names(world.machines), None)
    targets = frozenset({registry.name, *(image.name for image in registry.images)})
    checks = frozenset({"rate_limit", "manifest"}) if chance.random() < 0.7 else frozenset({"rate_limit"})
    return Fault("rate limit", "rate_limited", checks, on, targets, fact, long_s(world, chance), near=6)


def blobs_refused(world: World, chance: random.Random) -> Fault | None:
    """Let a registry's blobs answer 403 or 5xx; a blob host that two registries share hits both."""
    registry = _registry(world, chance)
    hit = [one for one in world.registries if one is registry or (one.blobs and one.blobs == registry.blobs)]
    if len(hit) == len(world.registries) and len(hit) > 1:
        return None
    targets = frozenset(image.name for one in hit for image in one.images)
    return Fault("blobs refused", "blob_unavailable", frozenset({"layer"}), names(world.machines), targets, None,
                 long_s(world, chance), near=8)  # fmt: skip


def _of_images(kind: str, cause: str, check: str, *, several: float = 0.3) -> Draw:
    def draw(world: World, chance: random.Random) -> Fault | None:
        """Break one image, or all tags of its repository."""
        registry = _registry(world, chance)
        image = chance.choice(registry.images)
        hit = {image.name}
        if chance.random() < several:
            hit = {one.name for one in registry.images if one.repository == image.repository}
        slow_s = long_s(world, chance) if check != "manifest" else age_s(world, chance) + 400 * world.stretch
        return Fault(kind, cause, frozenset({check}), names(world.machines), frozenset(hit), None, slow_s, near=7,
                     reach="image")  # fmt: skip

    return draw


def wrong_architecture(world: World, chance: random.Random) -> Fault | None:
    """Publish an image for one architecture only."""
    found = group(world, chance, ["arch"])
    if found is None:
        return None
    image = chance.choice(_registry(world, chance).images)
    return Fault("wrong platform", "wrong_architecture", frozenset({"platform"}), names(found[1]),
                 frozenset({image.name}), "arch", long_s(world, chance), near=7, reach="image")  # fmt: skip


def mirror(world: World, chance: random.Random) -> Fault | None:
    """Break the mirror, which pulls can do without."""
    if not any(one.mirrors for one in world.machines):
        return None
    on, fact = _on(world, chance, *places(world))
    check, cause = chance.choice((("tcp", "connect_refused"), ("tcp", "connect_timeout"), ("tls", "tls_expired"),
                                  ("tls", "tls_untrusted"), ("dns", "dns_failed")))  # fmt: skip
    target = MIRROR if check == "dns" else at_port(MIRROR)
    return Fault("mirror", cause, frozenset({check}), on, frozenset({target}), fact, age_s(world, chance), near=2)


def expires_soon(world: World, chance: random.Random) -> Fault | None:
    """Bring a certificate near its end: it works, and somebody should look."""
    return Fault("certificate ends", "tls_expired", frozenset({"tls"}), names(world.machines),
                 frozenset({at_port(_host(world, chance))}), None, 40_000, near=9, status="warn")  # fmt: skip


FAR: tuple[tuple[float, Draw], ...] = (
    (1.8, host_down),
    (0.7, name_gone),
    (0.8, certificate),
    (1.1, registry_down),
    (1.0, rate_limited),
    (0.6, blobs_refused),
    (0.8, _of_images("image deleted", "image_not_found", "manifest")),
    (0.6, _of_images("image private", "auth_failed", "manifest")),
    (0.2, _of_images("image odd", "unsupported_media_type", "manifest")),
    (0.3, _of_images("layer corrupt", "digest_mismatch", "layer", several=0.0)),
    (0.7, wrong_architecture),
    (0.7, mirror),
    (0.3, expires_soon),
)
