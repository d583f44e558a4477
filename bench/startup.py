"""How long does the command take before it begins to work?

Compared with: CPython that imports exactly those modules, of the standard library and of other packages, which the
command had imported when it was done; so the ratio is what Pullscope's own modules and work add.

How: `pullscope trace` of a text that can be no image, under a root without a runtime: it ends after all its imports and
before any look outside; and `pullscope --help`. The least wall time of the whole process among some, the sides in
turn (what else runs on the machine only adds to it), with bytecode cached as in an installation.

Cannot see: a cold disk cache. Modules that are imported later, when a trace needs them, count on neither side.
"""

import os
import subprocess
import sys

from bench.figure import Figure
from bench.process import wall_s
from bench.site import Site

TIMES = 25
NO_IMAGE = "a/b:c:d"
HELP_LIMIT_S = 0.15
_MARK = "modules:"
_TELL = f"""
import atexit, sys
def tell():
    specs = [getattr(module, "__spec__", None) for module in list(sys.modules.values())]
    print("{_MARK}", *dict.fromkeys(spec.name for spec in specs if spec), file=sys.stderr)
atexit.register(tell)
from pullscope.__main__ import main
main()
"""
_OWN = ("agent", "aggregator", "pullscope")


def measure(site: Site) -> list[Figure]:
    """Measure both."""
    bare_node = site.folder / "bare"
    bare_node.mkdir()
    return [
        _figure("start of `pullscope trace`", ["trace", "--root", str(bare_node), NO_IMAGE], 2, goal=1.3),
        _figure("`pullscope --help`", ["--help"], 0, limit=HELP_LIMIT_S),
    ]


def _figure(
    name: str, words: list[str], exit_code: int, goal: float | None = None, limit: float | None = None
) -> Figure:
    command = [sys.executable, "-m", "pullscope", *words]
    modules = _imports(words)
    python = [sys.executable, "-c", ""]
    bare = [sys.executable, "-c", f"import {', '.join(modules)}"]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    sides: list[tuple[list[str], int]] = [(command, exit_code), (bare, 0), (python, 0)]
    rounds = [[wall_s(side, env, code) for side, code in sides] for _ in range(TIMES)]
    ours, peer, alone = (min(times) for times in zip(*rounds, strict=True))
    note = f"{len(modules)} modules that are not Pullscope's; CPython alone: {alone:.3f} s"
    return Figure(name, "s", ours, "the bare imports", peer, goal=goal, limit=limit, notes=(note,))


def _imports(words: list[str]) -> list[str]:
    """Give the modules that are imported at the end of a command, without Pullscope's own."""
    done = subprocess.run([sys.executable, "-c", _TELL, *words], capture_output=True, text=True, check=False)
    names = done.stderr.rpartition(_MARK)[2].split()
    return [name for name in names if name.partition(".")[0] not in _OWN]
