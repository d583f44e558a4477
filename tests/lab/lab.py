"""The lab as a whole: up, down, report."""

import fcntl
import json
import secrets
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from tests.lab import images, network
from tests.lab.authority import Authority
from tests.lab.node import LabNode
from tests.lab.process import LabError, require, until
from tests.lab.services import Services

HOME = Path("/run/pullscope-lab")
LOCK = Path("/run/pullscope-lab.lock")
NODES = range(1, 6)
OTHER_LAB_S = 300.0  # how long to wait for another lab on this machine: the longest that its tests take
WORKERS = 4  # starting is half waiting; more than twice the cores of a small machine gains nothing


class Lab:
    """A context: entering brings it up, leaving takes it down, whatever happened in between.

    There is one lab on a machine at a time. What a killed one left behind is removed at the next start.
    """

    def __init__(self, say: Callable[[str], None] = lambda line: None) -> None:
        self.took_s = 0.0
        self._say = say
        self._nodes: dict[str, LabNode] = {}

    def __enter__(self) -> Self:
        require()
        self._lock = LOCK.open("w")
        until(self._locked, "another lab on this machine to end", OTHER_LAB_S)
        began = time.monotonic()
        try:
            self._begin()
        except BaseException:
            self.down()
            raise
        self.took_s = time.monotonic() - began
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def node(self, name: str) -> LabNode:
        """Give a node by its name."""
        if name not in self._nodes:
            raise LabError(f"no node {name}: there are {', '.join(self._nodes)}")
        return self._nodes[name]

    @property
    def nodes(self) -> list[LabNode]:
        """All nodes."""
        return list(self._nodes.values())

    def down(self) -> None:
        """Take it down."""
        for node in self._nodes.values():
            node.end()
        if hasattr(self, "services"):
            self.services.end()
        self._remove()
        self._lock.close()

    def report(self) -> dict[str, Any]:
        """Give the aggregator's report."""
        report: dict[str, Any] = json.loads(self.services.report())
        return report

    def push(self, image: str) -> None:
        """Push an image of the lab."""
        images.push(image, self._layout(image))

    def delete(self, image: str) -> None:
        """Delete an image of the lab from its registry."""
        images.delete(image)

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _remove(self) -> None:
        network.clean()
        shutil.rmtree(HOME, ignore_errors=True)

    def _begin(self) -> None:
        self._remove()
        HOME.mkdir(mode=0o700)
        network.up(NODES)
        authority = Authority(HOME / "certificates")
        self.services = Services(HOME, authority)
        token = secrets.token_urlsafe()
        (HOME / "token").write_text(token)
        self._nodes = {f"node-{n}": LabNode(n, HOME, authority.bundle) for n in NODES}
        self._say("starting DNS servers, registries, the token service, and containerd on five nodes")
        with ThreadPoolExecutor(WORKERS) as pool:
            waits = [pool.submit(self._begin_services)]
            waits += [pool.submit(node.begin, token) for node in self.nodes]
            for wait in waits:
                wait.result()
        self._say("starting the aggregator and five agents")
        self.services.begin_aggregator(HOME / "token")
        for node in self.nodes:
            node.start_agent()

    def _begin_services(self) -> None:
        self.services.begin()
        for image in images.ALL:
            images.write(image, self._layout(image))
            self.push(image)

    def _layout(self, image: str) -> Path:
        return HOME / "layouts" / image.replace("/", "-").replace(":", "-")
