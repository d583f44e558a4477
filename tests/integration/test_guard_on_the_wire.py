"""A trace for somebody else connects to no place that is refused: seen by who listens there."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.report import Trace
from agent.contract.table import CADENCES
from agent.host.node import Node
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.trace import trace
from tests.integration.asking import CERTS, CONFIG, PATIENCE_S, mirrors, serving, write
from tests.servers.registry import Registry, Reply, Request, serve
from tests.servers.tls import serve_raw


class Trap:
    """A port on loopback that counts who comes."""

    def __init__(self) -> None:
        self.came = 0
        self.host = ""


@contextlib.asynccontextmanager
async def trap() -> AsyncIterator[Trap]:
    made = Trap()

    async def count(*_: object) -> None:
        made.came += 1

    async with serve_raw(count) as port:
        made.host = f"127.0.0.1:{port}"
        yield made


class PathNode(Node):
    """A node that goes containerd's path, by its files and environment, and has no daemon that could fail."""

    def __init__(self, folder: Path, **environ: str) -> None:
        super().__init__(Root(folder), None, "node-1")
        self.__dict__["runtime"] = Runtime("containerd", config=CONFIG, environ=environ)  # what detect() would read


async def ask(folder: Path, image: str, *, guarded: bool = True, **environ: str) -> Trace:
    settings = {name: Settings(every_s=1, patience_s=PATIENCE_S) for name in CADENCES}
    return await trace(image, PathNode(folder, **environ), settings, guarded=guarded)


async def refused_there(folder: Path, image: str, *traps: Trap) -> Trace:
    """Trace guarded, and see that nobody came; then unguarded, and see that somebody would have."""
    found = await ask(folder, image)
    assert [one.came for one in traps] == [0] * len(traps)
    assert (found.verdict, found.cause) == ("unknown", None)
    assert "refused: " in found.detail and "does not name it" in found.detail
    await ask(folder, image, guarded=False)
    assert all(one.came for one in traps)
    return found


async def test_loopback_is_refused_where_no_file_names_it(tmp_path: Path) -> None:
    async with trap() as there:
        await refused_there(tmp_path, f"{there.host}/team/app:1", there)


async def test_a_name_that_resolves_to_it_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "/etc/hosts", "127.0.0.1 inside.example\n10.255.255.1 inside.example\n")
    write(tmp_path, "/etc/nsswitch.conf", "hosts: files\n")
    async with trap() as there:
        port = there.host.rpartition(":")[2]
        found = await refused_there(tmp_path, f"inside.example:{port}/team/app:1", there)
    assert "inside.example is 127.0.0.1, which is a loopback address" in found.detail


async def test_a_place_that_the_runtimes_files_name_is_asked(tmp_path: Path) -> None:
    async with serve(serving()) as registry:
        mirrors(tmp_path, "reg.example", registry.host)
        assert (await ask(tmp_path, "reg.example/team/app:1")).verdict in ("ok", "warn")
    async with serve(serving()) as registry:
        write(tmp_path, f"{CERTS}/{registry.host}/hosts.toml", f'server = "http://{registry.host}"\n')
        assert (await ask(tmp_path, f"{registry.host}/team/app:1")).verdict in ("ok", "warn")


def leading(to: str, path: str) -> Registry:
    """A registry that leads whoever asks for this path elsewhere."""
    registry = serving()
    registry.on(path, Reply(307, {"Location": f"http://{to}/elsewhere"}))
    return registry


@pytest.mark.parametrize("path", ["/v2/", "/manifests/", "/blobs/"])
async def test_a_redirect_there_is_not_followed(tmp_path: Path, path: str) -> None:
    async with trap() as there, serve(leading(there.host, path)) as registry:
        mirrors(tmp_path, "reg.example", registry.host)
        found = await refused_there(tmp_path, "reg.example/team/app:1", there)
        assert registry.requests
    assert there.host.partition(":")[0] in found.detail


@pytest.mark.parametrize("status", [401, 307])
async def test_a_token_service_there_is_not_asked_nor_one_that_redirects_there(tmp_path: Path, status: int) -> None:
    async with trap() as there, serve(serving()) as registry:
        realm = f"http://{there.host}/token" if status == 401 else f"http://{registry.host}/token"

        def rule(request: Request) -> Reply:
            if request.path == "/token":
                return Reply(307, {"Location": f"http://{there.host}/token"})
            return Reply(401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="s"'})

        registry.rules.append(rule)
        mirrors(tmp_path, "reg.example", registry.host)
        await refused_there(tmp_path, "reg.example/team/app:1", there)


@pytest.mark.parametrize("address", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "0.0.0.0"])
async def test_metadata_addresses_are_refused_at_once(tmp_path: Path, address: str) -> None:
    async with serve(leading(f"{address}:1", "/blobs/")) as registry:
        mirrors(tmp_path, "reg.example", registry.host)
        found = await ask(tmp_path, "reg.example/team/app:1")
    assert (found.verdict, found.cause) == ("unknown", None) and found.detail.startswith("refused: ")


@pytest.mark.parametrize("target", ["169.254.169.254:443", "127.1:443", "2130706433:443", "inside.example:443"])
async def test_no_proxy_is_asked_to_go_there(tmp_path: Path, target: str) -> None:
    """The proxy itself is named by the runtime's environment, and may be anywhere."""
    write(tmp_path, "/etc/hosts", "127.0.0.1 inside.example\n")
    write(tmp_path, "/etc/nsswitch.conf", "hosts: files\n")
    registry = serving()
    registry.on("/blobs/", Reply(307, {"Location": f"https://{target}/elsewhere"}))
    async with trap() as proxy, serve(registry) as living:
        mirrors(tmp_path, "reg.example", living.host)
        found = await ask(tmp_path, "reg.example/team/app:1", HTTPS_PROXY=f"http://{proxy.host}")
        assert proxy.came == 0
    assert (found.verdict, found.detail.startswith("refused: ")) == ("unknown", True)


async def test_the_proxy_is_asked_for_other_places_whatever_its_own_address(tmp_path: Path) -> None:
    async with trap() as proxy:
        found = await ask(tmp_path, "192.0.2.1/team/app:1", HTTPS_PROXY=f"http://{proxy.host}")
        assert proxy.came > 0
    assert (found.verdict, found.cause) == ("failed", "proxy_failed")
