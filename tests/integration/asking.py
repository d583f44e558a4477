"""A node that asks a registry over real sockets: what the tests of the registry protocol share."""

import base64
import json
from pathlib import Path
from typing import Any

from agent.check import Settings
from agent.contract.result import Result
from agent.contract.table import CADENCES
from agent.host.node import Node
from agent.host.root import Root
from agent.round import Question, Round
from tests.servers import images
from tests.servers.images import image
from tests.servers.registry import Registry, Reply, Request

PATIENCE_S = 1.0
APP = image()
LARGE = image(sizes=(5_000_000,))
CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"


def serving(one: images.Image = APP) -> Registry:
    registry = Registry()
    registry.add("1", one)
    return registry


def write(folder: Path, path: str, content: str | dict[str, Any]) -> None:
    real = folder / path.lstrip("/")
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_text(content if isinstance(content, str) else json.dumps(content))


def mirrors(folder: Path, registry: str, *hosts: str) -> None:
    """Let containerd ask these for a registry's images, the last as the registry itself."""
    write(folder, CONFIG, f'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{CERTS}"\n')
    named = "".join(f'[host."http://{host}"]\n' for host in hosts[:-1])
    write(folder, f"{CERTS}/{registry}/hosts.toml", f'server = "http://{hosts[-1]}"\n{named}')


async def ask(folder: Path, *questions: tuple[str, str], runtime: str | None = None) -> dict[str, Result]:
    settings = {name: Settings(every_s=1, patience_s=PATIENCE_S) for name in CADENCES}
    round_ = Round(Node(Root(folder), runtime, "test"), settings, deadline_s=20)
    return {result.key: result for result in await round_.ask([Question(*question) for question in questions])}


async def layer(folder: Path, name: str, runtime: str | None = None) -> tuple[Result, dict[str, Result]]:
    results = await ask(folder, ("layer", name), runtime=runtime)
    return results[f"layer {name}"], results


def redirect(registry: Registry, part: str, host: str, query: str = "") -> None:
    """Send requests whose path holds `part` to another host, before any other rule is asked."""
    registry.rules.insert(
        0,
        lambda asked: Reply(307, {"Location": f"http://{host}{asked.path}{query}"}) if part in asked.path else None,
    )


def demand(registry: Registry, *, closed_to: tuple[str, ...] = (), basic: bool = False) -> None:
    """Demand a token of `/token`, which gives each user one of its own; or basic credentials."""

    def rule(request: Request) -> Reply | None:
        shown = request.headers.get("authorization", "")
        if request.path == "/token":
            user = base64.b64decode(shown.removeprefix("Basic ")).decode().partition(":")[0] or "nobody"
            if user in closed_to:
                return Reply(401)
            return Reply(200, {}, json.dumps({"token": f"token-of-{user}", "expires_in": 300}).encode())
        if shown.startswith("Basic " if basic else "Bearer token-of-"):
            return None
        kind = 'Basic realm="x"' if basic else f'Bearer realm="http://{registry.host}/token",service="s"'
        return Reply(401, {"WWW-Authenticate": kind})

    registry.rules.append(rule)


def credentials(folder: Path, host: str, *users: str) -> None:
    auths = {
        f"{host}/team"[: None if place else len(host)]: {"auth": base64.b64encode(f"{user}:hidden".encode()).decode()}
        for place, user in enumerate(users)
    }
    write(folder, "/var/lib/kubelet/config.json", {"auths": auths})
