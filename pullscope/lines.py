"""Lines of standard input as they come, in bounded memory, and answers that leave at once.

A line ends at `\\n` only. Of a line that is longer than the classifier reads, the head and the tail are kept: as many
bytes as it can need for its characters.
"""

import os
from collections.abc import Iterator

from agent.contract.classify.plain import LINE_CHARACTERS

LINES = 64  # are answered before their answers are written: a write for each would cost more than the answer
CHUNK_BYTES = 64 * 1024  # what a pipe holds
# A character has at most four bytes in UTF-8, and the cut may take one apart.
KEPT_BYTES = 4 * LINE_CHARACTERS // 2 + 64


class _Line:
    """One line that is still being read."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, part: bytes) -> None:
        if not self._tail and len(self._head) + len(part) <= 2 * KEPT_BYTES:
            self._head += part
            return
        self._tail += part
        if len(self._head) > KEPT_BYTES:
            self._tail[:0] = self._head[KEPT_BYTES:]
            del self._head[KEPT_BYTES:]
        del self._tail[:-KEPT_BYTES]

    def text(self) -> str:
        return (self._head + self._tail).decode("utf-8", errors="replace")


def batches(descriptor: int) -> Iterator[list[str]]:
    """Give the lines of a file, each batch as soon as it has come; bytes that are no UTF-8 are replaced."""
    line, begun = _Line(), False
    while chunk := os.read(descriptor, CHUNK_BYTES):
        *ended, rest = chunk.split(b"\n")
        batch = []
        for part in ended:
            line.add(part)
            batch.append(line.text())
            line = _Line()
        begun = bool(rest) or (begun and not ended)
        line.add(rest)
        for start in range(0, len(batch), LINES):
            yield batch[start : start + LINES]
    if begun:
        yield [line.text()]


def put(descriptor: int, text: str) -> None:
    """Write all of a text."""
    left = memoryview(text.encode())
    while left:
        left = left[os.write(descriptor, left) :]
