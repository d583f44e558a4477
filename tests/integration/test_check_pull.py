"""The whole way of a real pull: from a node's configuration to its runtimes and back."""

import os
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.result import Result
from agent.host.node import Node
from agent.host.root import Root
from agent.round import Question, Round
from agent.runtimes import crictl, journal
from agent.runtimes.images import used
from tests import need
from tests.servers.containerd import Containerd
from tests.servers.docker_registry import DockerRegistry, slow_way

SETTINGS = {"pull": Settings(every_s=21_600, patience_s=20)}


@pytest.fixture
def node(daemon: Containerd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """This machine, as that containerd sees it."""
    monkeypatch.setenv("PATH", f"{Path(need.program('crictl')).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("CONTAINER_RUNTIME_ENDPOINT", f"unix://{daemon.socket}")
    return Node(Root(), "containerd", name=f"test-{tmp_path.name}")


async def pull(node: Node, image: str, settings: Settings = SETTINGS["pull"]) -> Result:
    folder = journal.state_folder(node.name)
    try:
        results = await Round(node, {"pull": settings}).ask([Question("pull", image, (image.partition("/")[0],))])
    finally:
        forget(folder)
    (result,) = [one for one in results if one.check == "pull"]
    return result


def forget(folder: Path) -> None:
    assert list(journal.entries(folder)) == []
    folder.joinpath("lock").unlink(missing_ok=True)
    if folder.exists():
        folder.rmdir()


async def test_a_real_pull_is_made_and_leaves_nothing(node: Node, daemon: Containerd, registry: DockerRegistry) -> None:
    image = registry.push("whole/one", ("1",), "whole")
    before = daemon.names(), daemon.blobs()
    result = await pull(node, f"{registry.host}/whole/one:1")
    assert result.status == "ok", result
    told = result.evidence["pulls"]["containerd"]
    assert (told["transferred_bytes"], told["from_cache"]) == (image.total_bytes, False)
    assert result.evidence["slowest_s"] == told["took_s"]
    assert (daemon.names(), daemon.blobs()) == before


async def test_what_is_not_there_is_not_pulled(node: Node, registry: DockerRegistry) -> None:
    registry.push("whole/two", ("1",), "two")
    result = await pull(node, f"{registry.host}/whole/two:2")
    assert result.status == "skipped"
    assert result.blocked_by == f"manifest {registry.host}/whole/two:2"


async def test_a_pull_that_does_not_end_fails(node: Node, daemon: Containerd, registry: DockerRegistry) -> None:
    registry.push("whole/slow", ("1",), "slow", (2_000_000,))
    async with slow_way(registry, 100_000) as slow:
        daemon.serve_plain(slow.host)
        result = await pull(node, f"{slow.host}/whole/slow:1", Settings(every_s=60, patience_s=1.5))
    assert (result.status, result.cause) == ("failed", "cancelled")


async def test_a_node_uses_what_its_runtime_holds(node: Node, daemon: Containerd, registry: DockerRegistry) -> None:
    registry.push("used/one", ("1",), "used")
    name = f"{registry.host}/used/one:1"
    assert daemon.crictl("pull", name).returncode == 0
    try:
        found = await used(node)
    finally:
        daemon.crictl("rmi", name)
    assert name in found.images
    assert registry.host in found.registries
    assert found.source == "the images of containerd and the configured registries"


async def test_a_node_without_anything_uses_a_named_list(tmp_path: Path) -> None:
    found = await used(Node(Root(tmp_path)))
    assert found.images
    assert "default" in found.source


async def test_a_socket_without_a_runtime_cannot_be_listed(tmp_path: Path, node: Node) -> None:
    with pytest.raises(crictl.CrictlError):
        await crictl.images(tmp_path / "no.sock")
