"""The connections of one round: the one that the tls (or tcp) check opened first, further ones only as needed.

A connection is lent for one request; when that is answered to its end, it is free for the next.
"""

from collections import defaultdict

from agent.host.endpoint import Origin
from agent.host.trust import Trust
from agent.probes import tcp, tls
from agent.probes.http import Connection
from agent.probes.stream import Stream


class Connections:
    """Every connection that a round has open, by origin."""

    def __init__(self) -> None:
        self._open: dict[Origin, list[Connection]] = defaultdict(list)

    async def lend(self, origin: Origin, first: Stream, trust: Trust, patience_s: float) -> Connection:
        """Give a connection that is free, else the first stream, else a new one to the same address.

        Raises:
            Fault: where a further connection cannot be made.
        """
        known = self._open[origin]
        for connection in known:
            if not connection.lent and connection.is_reusable:
                connection.lent = True
                return connection
        stream = first if not known and first.is_open else await self._dial(origin, first, trust, patience_s)
        connection = Connection(stream, origin)
        connection.lent = True
        known.append(connection)
        return connection

    async def _dial(self, origin: Origin, like: Stream, trust: Trust, patience_s: float) -> Stream:
        stream = await tcp.redial(like, patience_s)
        if origin.scheme == "https":
            return await tls.handshake(stream, origin.host, trust, patience_s)  # closes it where it fails
        return stream

    def close(self) -> None:
        """Close all that are open; nothing is waited for."""
        for connections in self._open.values():
            for connection in connections:
                connection.stream.abort()
