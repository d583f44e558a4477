"""Registries as clusters have them: public ones with hosts of their own for tokens and blobs, and a company's own."""

import random

from bench.fleet.world import ARCHES, Image, Registry

AMD64 = frozenset({"amd64"})

# name, host, token service, blob host, limits pulls. The last two share their blob host.
PUBLIC = (
    ("docker.io", "registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com", True),
    ("quay.io", "quay.io", None, "cdn01.quay.io", False),
    ("ghcr.io", "ghcr.io", None, "pkg-containers.githubusercontent.com", False),
    ("registry.k8s.io", "registry.k8s.io", None, "prod-registry-k8s-io.example.net", False),
    ("images.north.example", "images.north.example", "token.north.example", "objects.cloud.example", False),
    ("images.south.example", "images.south.example", None, "objects.cloud.example", True),
)
OWN = (
    ("harbor.corp.example", "harbor.corp.example", None, None),
    ("registry.corp.example:5000", "registry.corp.example:5000", None, None),
    ("artifacts.corp.example", "artifacts.corp.example", "sso.corp.example", "store.corp.example"),
    ("gitlab.corp.example:5050", "gitlab.corp.example:5050", "gitlab.corp.example", None),
    ("team.registry.internal", "team.registry.internal", "login.registry.internal", "store.corp.example"),
)
TEAMS = ("library", "shop", "team", "infra", "monitoring", "data", "edge")
APPS = ("nginx", "cart", "front", "api", "worker", "agent", "proxy", "redis", "batch", "exporter")
MIRROR = "mirror.corp.example"


def draw(chance: random.Random) -> tuple[Registry, ...]:
    """Draw one to eleven registries with their images."""
    public = chance.sample(PUBLIC, chance.choices((0, 1, 2, 3, 6), (2, 8, 8, 4, 1))[0])
    own = chance.sample(OWN, chance.choices((0, 1, 2, 5), (6, 10, 4, 1))[0])
    if not public and not own:
        public = [PUBLIC[0]]
    found = [Registry(n, h, _images(chance, n), auth=a, blobs=b, limits=limits) for n, h, a, b, limits in public]
    found += [Registry(n, h, _images(chance, n), auth=a, blobs=b, private=True) for n, h, a, b in own]
    return tuple(found)


def _images(chance: random.Random, registry: str) -> tuple[Image, ...]:
    """Draw one to seven images, some of them tags of one repository."""
    found: dict[str, Image] = {}
    for _ in range(chance.choices((1, 2, 3, 5, 7), (2, 3, 4, 3, 1))[0]):
        repository = f"{registry}/{chance.choice(TEAMS)}/{chance.choice(APPS)}"
        for _ in range(chance.choices((1, 2, 3), (7, 2, 1))[0]):
            tag = f"v{chance.randint(1, 9)}.{chance.randint(0, 20)}"
            name = f"{repository}:{tag}"
            found.setdefault(name, Image(name, repository, registry, ARCHES))
    return tuple(found.values())
