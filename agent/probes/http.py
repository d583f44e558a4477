"""What does this host answer to one HTTP request, on a connection that stands?

Speaks HTTP/1.1 by h11. Every answer is bounded: its head and body in bytes, the whole in time, so that a server which
drips, storms or never ends costs no more than the patience. Redirects are answers like others: who follows them does so
by hand.

Cannot see: HTTP/2, which registries offer and no runtime needs.

Source: RFC 9112; the limits are those of Go's net/http, by which the runtimes pull.
"""

import asyncio
import ssl
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import h11

from agent.host.endpoint import Origin
from agent.probes.fault import Fault
from agent.probes.stream import Stream

HEAD_BYTES = 10 * 1024 * 1024  # of status line and header: Go's client takes as much, so the pull does
INFORMATIONAL_AT_MOST = 5  # answers 1xx before the real one: Go's client gives up after as many
VERSION = b"HTTP/"  # what every answer begins with: one that begins otherwise is none, cut or whole
READ_BYTES = 65536  # asked of the kernel at once: a layer of 4 MiB in 64 reads
SWITCHING_PROTOCOLS = 101  # nobody asked for it: an answer that makes no sense
AGENT = "pullscope"


class StaleFault(Fault):
    """A connection that was used before broke before its next answer began: Go asks again on a new one."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. Names in `headers` are lower case; `truncated` tells that the body went on beyond the bound."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    url: str

    def header(self, name: str) -> str:
        """Give the first value of a header, or an empty text."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Give every value of a header."""
        return [value for key, value in self.headers if key == name]

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()


class Connection:
    """HTTP/1.1 over one stream to one origin, one request at a time.

    `lent` is the pool's mark; it is taken off when a request is answered to its end.
    """

    def __init__(self, stream: Stream, origin: Origin) -> None:
        self.stream = stream
        self.origin = origin
        self.lent = False
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._used = False
        self._ended = False
        self._start = b""

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent."""
        return self.stream.is_open and not self._ended and self._protocol.our_state is h11.IDLE

    async def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        patience_s: float,
        max_bytes: int,
        body: bytes = b"",
        head_is_enough: bool = False,
    ) -> Response:
        """Ask once and read the answer, of its body at most `max_bytes`.

        Args:
            head_is_enough: a body that does not come whole is cut where it ends, and no fault.

        Raises:
            Fault: `registry_unavailable` for silence and nonsense, `connection_reset` where the server cuts the answer,
                and what TLS says while it is read.
        """
        reused, self._used, self._start = self._used, True, b""
        head: h11.Response | None = None
        content = bytearray()
        try:
            async with asyncio.timeout(patience_s):
                await self._send(method, path, headers or {}, body)
                head = await self._head()
                truncated = await self._body(content, _decoder(method, headers or {}, head), max_bytes)
        except (Fault, h11.ProtocolError, OSError) as error:
            self.stream.abort()
            if head is None or not head_is_enough:
                raise self._fault(error, reused and head is None, patience_s) from error
            truncated = True
        except asyncio.CancelledError:
            self.stream.abort()
            raise
        self._finish(truncated)
        fields = tuple((name.decode("ascii").lower(), value.decode("latin-1")) for name, value in head.headers)
        return Response(head.status_code, fields, bytes(content), truncated, f"{self.origin}{path}")

    async def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        fields = {"Host": self.origin.authority, "User-Agent": AGENT, **headers}
        if body:
            fields["Content-Length"] = str(len(body))
        data = self._protocol.send(h11.Request(method=method, target=path, headers=list(fields.items()))) or b""
        if body:
            data += self._protocol.send(h11.Data(data=body)) or b""
        data += self._protocol.send(h11.EndOfMessage()) or b""
        self.stream.writer.write(data)
        await self.stream.writer.drain()

    async def _head(self) -> h11.Response:
        informational = 0
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse) or event.status_code == SWITCHING_PROTOCOLS:
                raise h11.RemoteProtocolError("no answer to what was asked")
            informational += 1
            if informational > INFORMATIONAL_AT_MOST:
                raise h11.RemoteProtocolError(f"more than {INFORMATIONAL_AT_MOST} answers 1xx")

    async def _body(self, content: bytearray, decoder: "_Decoder", max_bytes: int) -> bool:
        """Read the body into `content`; give whether it went on beyond the bound."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Data):
                content += decoder.decode(event.data, max_bytes + 1 - len(content))
                if len(content) > max_bytes:
                    del content[max_bytes:]
                    return True
            elif isinstance(event, h11.EndOfMessage):
                decoder.end()
                return False
            else:
                raise h11.RemoteProtocolError("the body does not end")

    async def _event(self) -> object:
        while True:
            event = self._protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            data = await self.stream.reader.read(READ_BYTES)
            self._ended = not data
            self._start = self._start or data[: len(VERSION)]
            self._protocol.receive_data(data)

    def _finish(self, truncated: bool) -> None:
        done = self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE
        if truncated or not done or self._protocol.trailing_data[0]:
            self.stream.abort()
            return
        self._protocol.start_next_cycle()
        self.lent = False

    def _fault(self, error: Exception, stale: bool, patience_s: float) -> Fault:
        host = self.origin.target
        if isinstance(error, Fault):
            return error
        if isinstance(error, TimeoutError):
            return Fault("registry_unavailable", f"{host} gives no whole HTTP answer within {patience_s:.3g} s")
        if stale:
            return StaleFault("connection_reset", f"{host} closed a connection that was used before")
        if isinstance(error, ssl.SSLError):
            from agent.probes import tls  # only a connection over TLS gets here, which has it loaded

            return tls.fault_of(error, host)
        cut = self._ended or isinstance(error, OSError)
        if cut and VERSION.startswith(self._start):
            return Fault("connection_reset", f"{host} cut the connection in the middle of its HTTP answer")
        return Fault("registry_unavailable", f"{host} answers nonsense instead of HTTP: {error}")


class _Decoder:
    """Undoes the gzip that was asked for, as Go's client does by itself; passes everything else on."""

    def __init__(self, gzipped: bool) -> None:
        self._gzip = zlib.decompressobj(wbits=31) if gzipped else None  # 31: a gzip frame, largest window

    def decode(self, data: bytes | bytearray, max_bytes: int) -> bytes:
        """Give what `data` stands for, cut at `max_bytes`."""
        if self._gzip is None:
            return bytes(data)
        try:
            return self._gzip.decompress(data, max_bytes)
        except zlib.error as error:
            raise h11.RemoteProtocolError("the body is not the gzip that it is said to be") from error

    def end(self) -> None:
        """Check that a compressed body is whole."""
        if self._gzip is not None and not self._gzip.eof:
            raise h11.RemoteProtocolError("the compressed body ends too early")


def _decoder(method: str, asked: Mapping[str, str], head: h11.Response) -> _Decoder:
    wanted = {name.lower(): value for name, value in asked.items()}.get("accept-encoding") == "gzip"
    encodings = _values(head.headers, b"content-encoding")
    return _Decoder(wanted and method != "HEAD" and encodings == [b"gzip"])


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value.strip().lower() for key, value in headers if key == name]
