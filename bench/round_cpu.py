"""What does one round cost the CPU: dns, tcp, tls and an HTTP answer of one registry?

Compared with: Debian's prometheus-blackbox-exporter, the sum of its dns, tcp, tls and http probes of the same targets.

How: our side runs whole rounds in this process, each with a new reading of the node as the agent makes it, and one
connection that tcp, tls and http share. The exporter is asked for its four probes over HTTP, on one kept connection.
Both are warmed up, and CPU time of user and system is divided by the number of rounds.

Cannot see: what the agent sends and the exporter is scraped for beyond these; cold caches of an agent that sleeps
between rounds. The exporter's answers are Prometheus text that it has to render, as it has to in real use; the cost of
an empty HTTP answer of the exporter is measured, too, and a second ratio has it taken off.
"""

import asyncio
import http.client
import json
import time
from urllib.parse import urlencode

from agent.contract.result import Result
from agent.host.node import Node
from agent.round import Question, Round
from bench.figure import Figure, MissingError
from bench.process import cpu_s, free_port, listens, program, running, until
from bench.site import NAME, Site

ROUNDS = 400  # about a second of CPU on each side: longer than any hiccup
WARM = 20
_HTTP_OPTIONS = {"preferred_ip_protocol": "ip4", "ip_protocol_fallback": False}


def measure(site: Site) -> list[Figure]:
    """Measure both sides."""
    ours_ms = asyncio.run(_our_rounds(site)) * 1000
    probes_ms, empty_ms = (seconds * 1000 for seconds in _exporter(site))
    return [
        Figure(
            "CPU of one round: dns + tcp + tls + http",
            "ms",
            ours_ms,
            "blackbox_exporter, four probes",
            probes_ms,
            goal=1.0,
            notes=(
                f"{ROUNDS} rounds each, one after the other, user and system time; TLS verified on both sides",
                f"{ours_ms / (probes_ms - 4 * empty_ms):.2f}x where four empty HTTP answers of the exporter "
                f"({4 * empty_ms:.2f} ms) are taken off its side",
                "ours shares one connection among tcp, tls and http; the exporter opens three",
            ),
        )
    ]


async def _our_rounds(site: Site) -> float:
    for _ in range(WARM):
        _demand_ok(await _one(site))
    started = time.process_time()
    for _ in range(ROUNDS):
        await _one(site)
    return (time.process_time() - started) / ROUNDS


async def _one(site: Site) -> list[Result]:
    node = Node(site.root, name="bench")
    return await Round(node, {}).ask([Question("registry", site.registry, (site.registry,))])


def _demand_ok(results: list[Result]) -> None:
    seen = {result.check: result.status for result in results}
    if any(seen.get(check) != "ok" for check in ("dns", "tcp", "tls", "registry")):
        raise MissingError(f"a round of this site is not ok: {[(r.key, r.status, r.detail) for r in results]}")


def _exporter(site: Site) -> tuple[float, float]:
    """Give the CPU seconds of one set of four probes, and of one empty answer."""
    config = site.folder / "blackbox.json"
    config.write_text(json.dumps({"modules": _modules()}))
    port = free_port()
    options = [f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    command = site.seen_by_go(program("prometheus-blackbox-exporter"), *options)
    with running(command, site.folder / "blackbox.log", site.environment()) as process:
        until(lambda: listens(port), "blackbox_exporter")
        targets = {"dns": site.dns_address, "tcp": site.registry, "tls": site.registry}
        targets["http"] = f"https://{site.registry}/v2/"
        paths = [f"/probe?{urlencode({'module': module, 'target': target})}" for module, target in targets.items()]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for _ in range(WARM):
            for path in paths:
                _demand_success(_get(connection, path), path)
        before = cpu_s(process)
        for _ in range(ROUNDS):
            for path in paths:
                _get(connection, path)
        after = cpu_s(process)
        for _ in range(4 * ROUNDS):
            _get(connection, "/-/healthy")
        return (after - before) / ROUNDS, (cpu_s(process) - after) / (4 * ROUNDS)


def _modules() -> dict[str, object]:
    return {
        "dns": {"prober": "dns", "dns": {"query_name": NAME, "query_type": "A", "preferred_ip_protocol": "ip4"}},
        "tcp": {"prober": "tcp", "tcp": {"preferred_ip_protocol": "ip4"}},
        "tls": {"prober": "tcp", "tcp": {"preferred_ip_protocol": "ip4", "tls": True}},
        "http": {"prober": "http", "http": {**_HTTP_OPTIONS, "valid_status_codes": [200, 401]}},
    }


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


def _demand_success(answer: bytes, path: str) -> None:
    if b"\nprobe_success 1" not in answer:
        raise MissingError(f"blackbox_exporter does not succeed at {path}: {answer.decode()[-300:]}")
