"""How long does `pullscope trace` take for an image that can be pulled?

Compared with: `skopeo inspect --no-tags` of the same image at the same registry, as a whole process.

How: our side traces in this process, its imports done, again and again with a new reading of the node; skopeo is
started as often. Medians of wall time.

Cannot see: a registry far away, where both sides mostly wait. The two do not do the same: skopeo reads manifest and
configuration; a trace asks the resolver for itself, reads and verifies the layer, too, and looks at the node; skopeo's
time has the start of a Go process in it, which a second ratio takes off.
"""

import asyncio
import statistics
import time

from agent.host.node import Node
from agent.trace import trace
from bench.figure import Figure, MissingError
from bench.process import program, wall_s
from bench.site import Site

TIMES = 20


def measure(site: Site) -> list[Figure]:
    """Measure both."""
    ours = asyncio.run(_traces(site))
    folder = site.folder / "skopeo"
    folder.mkdir(exist_ok=True)
    command = site.seen_by_go(program("skopeo"), "inspect", "--no-tags", f"docker://{site.image}")
    skopeo = _median_s(command, site)
    alone = _median_s(site.seen_by_go(program("skopeo"), "--version"), site)
    start = f"skopeo's own start ({alone:.3f} s)"
    return [
        Figure(
            "`pullscope trace`, in process",
            "s",
            ours,
            "skopeo inspect",
            skopeo,
            goal=1.5,
            notes=(f"{ours / max(skopeo - alone, 1e-6):.2f}x where {start} is taken off its side",),
        )
    ]


def _median_s(command: list[str], site: Site) -> float:
    return statistics.median(wall_s(command, site.environment()) for _ in range(TIMES))


async def _traces(site: Site) -> float:
    taken = []
    for _ in range(TIMES + 2):
        started = time.perf_counter()
        answer = await trace(site.image, Node(site.root, name="bench"))
        taken.append(time.perf_counter() - started)
        if answer.verdict not in ("ok", "warn"):
            raise MissingError(f"the trace says {answer.verdict}: {answer.detail}")
    return statistics.median(taken[2:])
