"""Proxies that keep a node from its registries.

A containerd reads its proxy once in its life, so that each fault has two containerds of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.lab.daemon import Daemon
from tests.lab.lab import Lab
from tests.lab.living.door import PROXY_PORT
from tests.lab.living.doors import DOORS, PROXY_ADDRESS, host_of
from tests.lab.living.further.kind import NODE, Further
from tests.lab.living.tool import Ask
from tests.lab.living.tools import OF_CONTAINERS, crictl

PATIENCE_S = 10  # the kernel looks for an address that nobody has for 3 s; two attempts, and a word about them
_ODD = f"http://{PROXY_ADDRESS}:{PROXY_PORT}"


def _door(story: str) -> str:
    return f"https://{next(host_of(door) for door in DOORS if door.story == story)}"


def _through(proxy: str, host: str = "registry.lab") -> Callable[[Lab], AbstractContextManager[list[Ask]]]:
    """Ask every tool behind a proxy."""
    env = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}

    @contextmanager
    def begin(lab: Lab) -> Iterator[list[Ask]]:
        node = lab.node(NODE)
        image = f"{host}/team/app:1"
        daemons = {
            "containerd 1": Daemon("behind1", "containerd", "/b1", env),
            "containerd 2": Daemon("behind2", "containerd2", "/b2", env),
        }
        for daemon in daemons.values():
            node.add(daemon)
        try:
            asks = [Ask(crictl(daemon, engine), node, image) for engine, daemon in daemons.items()]
            yield asks + [Ask(tool, node, image, env=env, patience_s=PATIENCE_S) for tool in OF_CONTAINERS]
        finally:
            for daemon in daemons.values():
                node.remove(daemon)

    return begin


FURTHER: tuple[Further, ...] = (
    Further("the proxy has no name", "proxy_failed", _through("http://proxy.lab:3128")),
    Further("the proxy refuses connections", "proxy_failed", _through("http://10.99.0.20:3128")),
    Further("nobody has the proxy's address", "proxy_failed", _through("http://10.99.3.1:3128")),
    Further(
        "the proxy's certificate is a stranger's", "proxy_failed", _through(_door("a certificate of a strange CA"))
    ),
    Further("the proxy speaks no TLS", "proxy_failed", _through(_door("plain HTTP behind the port"))),
    Further("the proxy wants credentials", "proxy_failed", _through(_ODD, "a407.lab")),
    Further("the proxy forbids", "proxy_failed", _through(_ODD, "a403.lab")),
    Further("the proxy finds no way", "proxy_failed", _through(_ODD, "a503.lab")),
    Further("the proxy's time is up", "proxy_failed", _through(_ODD, "a504.lab")),
    # Go names the proxy where it cannot be reached; where it hangs up, its end looks like the registry's.
    Further("the proxy closes", "connection_reset", _through(_ODD, "closes.lab")),
)
