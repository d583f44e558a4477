"""`python -m bench.growth SIZE`: fill a matrix with so many nodes, and print what one costs: seconds, then bytes.

A process of its own for each size, so that no other fleet's memory stands in the figures. The nodes' reports come in
text on standard input, a line each; they are given again under other names until there are enough.

Cannot see: memory that the process had before and uses now (its imports are done by then, so it is little).
"""

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil

from agent.contract.report import Node
from aggregator.correlate import Matrix, report_of
from bench.fleet.world import AT

TIMES = 2  # processes per size; the least of each figure counts


def cost(texts: list[bytes], size: int) -> tuple[float, float]:
    """Give CPU seconds and bytes per node of a fleet of this size, measured in processes of its own."""
    given = b"\n".join(texts)
    command = [sys.executable, "-m", "bench.growth", str(size)]
    found = []
    for _ in range(TIMES):
        done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1])
        found.append([float(word) for word in done.stdout.split()])
    return min(one[0] for one in found), min(one[1] for one in found)


def fill(texts: list[bytes], size: int) -> tuple[float, float]:
    """Fill a matrix, report once, and give seconds and bytes per node."""
    decoder = msgspec.json.Decoder(Node)
    memory = psutil.Process(os.getpid()).memory_info
    matrix, spent, before = Matrix("bench", AT), 0.0, memory().rss
    for number in range(size):
        node = decoder.decode(texts[number % len(texts)])
        node.name = f"node-{number}"
        began = time.process_time()
        matrix.put(node)
        spent += time.process_time() - began
    began = time.process_time()
    report = report_of(matrix)
    spent += time.process_time() - began
    held = memory().rss - before
    del report
    return spent / size, held / size


if __name__ == "__main__":
    gc.disable()  # as the command has it
    print(*fill(sys.stdin.buffer.read().splitlines(), int(sys.argv[1])))
