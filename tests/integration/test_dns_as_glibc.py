"""The same files and the same resolvers, looked at by the check and by glibc itself (`getent` in a mount namespace)."""

import asyncio
import random
import re
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agent.check import Look, Settings
from agent.checks.dns import observe
from agent.host import resolver
from agent.host.root import Root
from tests import need
from tests.servers.dns import dns_server, free_address

SOURCES = (
    "files nosuch dns",
    "nosuch dns files",
    "nosuch dns [NOTFOUND=return] files",
    "files [NOTFOUND=return] nosuch dns",
    "nosuch dns [!UNAVAIL=return] files",
    "nosuch files",
)
RUBBISH = (
    *("foo bar", "  nameserver {}", "nameserver {}\r", "nameserver {}:53", "nameserver [::1]", "nameserver", "\0\1"),
    *("nameserver {}\0rubbish", "nameserver {} trailing", "nameserver\t{}", "NAMESERVER {}", "# nameserver {}"),
    *("options ndots:3 foo", "options edns0 trust-ad", "options no-aaaa", "options use-vc", "sortlist 10.0.0.0"),
    *("search corp.example", "domain corp.example", "search x.example corp.example.", "search ."),
)
HOSTS = (
    *("10.7.0.1 quay.example", "10.7.0.2 HOSTY.example hosty", "10.7.0.3 sick.example # x"),
    *("# 10.7.0.4 six.example", "bad quay.example", "10.7.0.5 a b dotted.example."),
)
NAMES = (
    *("quay.example", "six.example", "alias.example", "text.example", "short", "sick.example", "gone.example"),
    *("HOSTY", "quay.example.", "dangling.example", "dotted.example"),
)


async def by_glibc(etc: Path, name: str) -> set[str]:
    files = ("resolv.conf", "hosts", "nsswitch.conf")
    script = "".join(f"mount --bind {etc}/{file} /etc/{file} && " for file in files) + f"exec getent ahosts '{name}'"
    process = await asyncio.create_subprocess_exec(
        *(need.program("unshare"), "-m", "--propagation", "private", "sh", "-c", script),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode in (0, 2), "the mount namespace could not be made"
    return {line.split()[0] for line in output.decode().splitlines()}


async def by_check(root: Path, name: str) -> set[str]:
    tree = Root(root)
    node = SimpleNamespace(root=tree, resolver=resolver.read(tree))
    settings = Settings(every_s=60, patience_s=3.0)
    seen = await observe(name, cast(Look, SimpleNamespace(node=node, settings=settings, via=None)))
    return set(seen.addresses)


@pytest.mark.parametrize("seed", range(4))
async def test_the_check_finds_the_addresses_that_glibc_finds(tmp_path: Path, seed: int) -> None:
    need.root()
    need.program("getent")
    zone = {
        "quay.example": ["A 10.9.0.1", "AAAA fd00::1"],
        "six.example": ["AAAA fd00::6"],
        "alias.example": ["CNAME quay.example."],
        "text.example": ["TXT x"],
        "short.corp.example": ["A 10.9.0.3"],
        "dangling.example": ["CNAME nowhere.example."],
    }
    seeded = random.Random(seed)
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "hostname").write_text("node-1\n")
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(dns_server(zone | {"sick.example": "SERVFAIL"}))
        other = await stack.enter_async_context(dns_server({"other.example": ["A 10.8.8.8"]}))
        sick = await stack.enter_async_context(dns_server({}, others="SERVFAIL"))
        pool = [good.address] * 4 + [other.address, sick.address, free_address()]
        for _ in range(25):
            lines = [f"nameserver {seeded.choice(pool)}" for _ in range(seeded.randrange(4))]
            lines += [seeded.choice(RUBBISH).format(seeded.choice(pool)) for _ in range(seeded.randrange(4))]
            seeded.shuffle(lines)
            (etc / "resolv.conf").write_text("\n".join([*lines, "options timeout:1 attempts:1", ""]))
            (etc / "hosts").write_text("\n".join([*seeded.sample(HOSTS, seeded.randrange(5)), ""]))
            (etc / "nsswitch.conf").write_text(f"hosts: {seeded.choice(SOURCES)}\n")
            name = seeded.choice(NAMES)
            files = {file.name: file.read_text() for file in etc.iterdir()}
            readable = re.sub(r"127\.53\.\d+\.\d+", lambda found: str(pool.index(found[0])), str(files))
            assert await by_check(tmp_path, name) == await by_glibc(etc, name), f"{name}: {readable}"
