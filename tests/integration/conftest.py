"""What every integration test starts from."""

from collections.abc import Iterator

import pytest

from agent.distribution import tokens
from tests.servers.containerd import Containerd, containerd
from tests.servers.docker_registry import DockerRegistry, docker_registry


@pytest.fixture(autouse=True)
def no_tokens_from_other_tests() -> None:
    for key in list(tokens.KEPT._kept):
        tokens.KEPT.forget(key)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """A real registry, shared by the tests of a module."""
    with docker_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, registry: DockerRegistry) -> Iterator[Containerd]:
    """A real containerd that pulls from that registry."""
    with containerd(tmp_path_factory.mktemp("containerd")) as running:
        running.serve_plain(registry.host)
        yield running
