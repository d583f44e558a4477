"""How much memory does an agent hold at rest?

Compared with: CPython that has imported the packages which Pullscope depends on, whole, and does nothing.

How: a real agent runs against a registry on loopback for some rounds, with its own HTTP server and a link to an
aggregator; its resident memory is read when it has not grown for a while. The peer is read after its imports. The goal
is absolute.

Cannot see: growth over days; a node with many images, whose results and connections come on top; memory that both share
with other Python processes of the machine (resident memory counts it for each).
"""

import json
import os
import sys
import time
import tomllib
from pathlib import Path

import psutil

from bench.figure import Figure, MissingError
from bench.process import START_S, aggregator, free_port, listens, rss_mib, running, until
from bench.site import Site

LIMIT_MIB = 56.0
INTERVAL_S = 2.0
STILL_S = 6.0  # three rounds
# The modules of a distribution that is not called as what it brings.
MODULES = {
    "dnspython": "dns.resolver",
    "prometheus-client": "prometheus_client",
    "pyopenssl": "OpenSSL.SSL",
    "pyyaml": "yaml",
}


def measure(site: Site) -> list[Figure]:
    """Measure both."""
    modules = _packages()
    return [
        Figure(
            "memory of an agent at rest (RSS)",
            "MiB",
            _agent(site),
            "CPython with the same packages",
            _python(site.folder, modules),
            limit=LIMIT_MIB,
            notes=(
                f"an agent with one registry, one image, /metrics and a link, at an interval of {INTERVAL_S:g} s",
                f"the peer has imported {', '.join(modules)}; the agent imports some of them only when it must",
            ),
        )
    ]


def _packages() -> list[str]:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    names = [text.partition(">")[0].strip() for text in project["project"]["dependencies"]]
    return [MODULES.get(name, name) for name in names]


def _agent(site: Site) -> float:
    folder = site.folder / "rss"
    folder.mkdir()
    port = free_port()
    config = folder / "agent.yaml"
    settings: dict[str, object] = {
        "node": "bench",
        "root": str(site.root.path),
        "interval_s": INTERVAL_S,
        "images": [site.image],
        "listen": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "pullscope", "agent", "--config", str(config)]
    with aggregator(folder) as (hears_at, _):
        settings["aggregator"] = f"http://127.0.0.1:{hears_at}"
        config.write_text(json.dumps(settings))  # YAML holds JSON
        with running(command, folder / "agent.log", dict(os.environ)) as process:
            until(lambda: listens(port), "the agent")
            return _at_rest(process, folder / "agent.log")


def _at_rest(process: psutil.Process, log: Path) -> float:
    """Wait until the largest value has not grown for a while, and give it."""
    largest, since = 0.0, time.monotonic()
    ends_at = since + START_S + 10 * STILL_S
    while time.monotonic() - since < STILL_S and time.monotonic() < ends_at:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            raise MissingError(f"the agent ended: {log.read_text()[-300:]}")
        now = rss_mib(process)
        if now > largest * 1.002:
            largest, since = now, time.monotonic()
        time.sleep(0.1)
    return largest


def _python(folder: Path, modules: list[str]) -> float:
    code = f"import {', '.join(modules)}, time; print('ready', flush=True); time.sleep(600)"
    log = folder / "python.log"
    with running([sys.executable, "-c", code], log) as process:
        until(lambda: "ready" in log.read_text(), "the imports")
        return rss_mib(process)
