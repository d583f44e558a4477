"""One open connection, plain or over TLS, and where it leads."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Stream:
    """Reader and writer of one connection to `address` (an IP literal) and `port`.

    `again` opens another one to the same place within a patience, where a plain dial would not (through a proxy).
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str
    port: int
    again: Callable[[float], Awaitable["Stream"]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing that is known speaks against using it again."""
        return not self.writer.is_closing() and not self.reader.at_eof()

    def abort(self) -> None:
        """Close at once; what was not sent is lost, and nothing is waited for."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: so is the connection
            self.writer.transport.abort()
