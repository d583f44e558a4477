"""The way through the runtime's proxy, by a real proxy (squid) and by broken ones."""

import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.check import Settings
from agent.contract.result import Result
from agent.host.node import Node
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.round import Question, Round
from tests import need
from tests.servers.tls import root, serve, serve_raw, trust_root

PATIENCE_S = 3.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def squid(folder: Path, *rules: str) -> AsyncIterator[int]:
    """A real squid on loopback, ended by its id."""
    port = free_port()
    config = folder / "squid.conf"
    lines = [
        f"http_port 127.0.0.1:{port}",
        "pid_filename none",
        "access_log none",
        "cache_log /dev/null",
        "cache deny all",
    ]
    lines += [f"coredump_dir {folder}", "shutdown_lifetime 0 seconds", "pinger_enable off", *rules]
    config.write_text("\n".join(lines) + "\n")
    child = await asyncio.create_subprocess_exec(
        need.program("squid"), "-N", "-f", str(config), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        child.kill()
        await child.wait()


class ProxiedNode(Node):
    """A node whose runtime was started with these variables."""

    def __init__(self, tree: Path, **environ: str) -> None:
        super().__init__(Root(tree), name="node-1")
        self.__dict__["runtime"] = Runtime("containerd", environ=environ)  # what detect() would have read


async def tls_of(target: str, tree: Path, proxy: str) -> dict[str, Result]:
    node = ProxiedNode(tree, HTTPS_PROXY=proxy)
    settings = {check: Settings(every_s=60, patience_s=PATIENCE_S) for check in ("dns", "tcp", "tls")}
    results = await Round(node, settings).ask([Question("tls", target, ("registry.lab",))])
    return {result.check: result for result in results}


async def test_the_handshake_goes_through_the_proxy_and_the_node_resolves_no_other_name(tmp_path: Path) -> None:
    authority = root()
    leaf = authority.issue("registry.lab")
    tree = trust_root(tmp_path, authority)
    with tempfile.NamedTemporaryFile("w", suffix=".hosts") as hosts:  # squid's alone: the node knows no such name
        hosts.write("127.0.0.1 registry.lab\n")
        hosts.flush()
        os.fchmod(hosts.fileno(), 0o644)  # squid reads it as a user of its own
        rules = (f"hosts_file {hosts.name}", "http_access allow all")
        async with serve(leaf, tmp_path) as port, squid(tmp_path, *rules) as proxy:
            results = await tls_of(f"registry.lab:{port}", tree, f"http://127.0.0.1:{proxy}")
    assert set(results) == {"tls"}
    assert results["tls"].status == "ok", results["tls"].detail


async def test_a_proxy_that_demands_credentials_is_proxy_failed_and_says_407(tmp_path: Path) -> None:
    helper = "auth_param basic program /bin/false"
    rules = (helper, "acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all")
    async with squid(tmp_path, *rules) as proxy:
        results = await tls_of("registry.lab:443", tmp_path, f"http://127.0.0.1:{proxy}")
    assert (results["tls"].status, results["tls"].cause) == ("failed", "proxy_failed")
    assert "407" in results["tls"].detail


async def test_a_proxy_that_refuses_the_host_is_proxy_failed_and_says_403(tmp_path: Path) -> None:
    async with squid(tmp_path, "http_access deny all") as proxy:
        results = await tls_of("registry.lab:443", tmp_path, f"http://127.0.0.1:{proxy}")
    assert results["tls"].cause == "proxy_failed"
    assert "403" in results["tls"].detail


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://user:hush@127.0.0.1:9"])
async def test_a_proxy_that_is_not_there_is_proxy_failed_and_shows_no_secret(tmp_path: Path, proxy: str) -> None:
    results = await tls_of("registry.lab:443", tmp_path, proxy)
    assert results["tls"].cause == "proxy_failed"
    assert "refuses" in results["tls"].detail
    assert "hush" not in str(results["tls"])


async def test_a_proxy_whose_name_is_gone_is_proxy_failed(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
    (tmp_path / "etc/nsswitch.conf").write_text("hosts: files\n")
    results = await tls_of("registry.lab:443", tmp_path, "http://proxy.lab:3128")
    assert results["tls"].cause == "proxy_failed"
    assert "proxy.lab" in results["tls"].detail


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000])
async def test_a_proxy_that_answers_nonsense_is_proxy_failed(tmp_path: Path, answer: bytes) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async with serve_raw(handle) as port:
        results = await tls_of("registry.lab:443", tmp_path, f"http://127.0.0.1:{port}")
    assert results["tls"].cause == "proxy_failed"


async def test_a_proxy_that_is_silent_is_proxy_failed_within_its_patience(tmp_path: Path) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with serve_raw(handle) as port, asyncio.timeout(2 * PATIENCE_S):
        results = await tls_of("registry.lab:443", tmp_path, f"http://127.0.0.1:{port}")
    assert results["tls"].cause == "proxy_failed"
    assert "no answer to CONNECT" in results["tls"].detail


async def test_a_socks_proxy_is_named_and_unknown(tmp_path: Path) -> None:
    results = await tls_of("registry.lab:443", tmp_path, "socks5://127.0.0.1:1080")
    assert results["tls"].status == "unknown"
    assert "socks5://127.0.0.1:1080" in results["tls"].detail
