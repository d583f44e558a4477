"""One gRPC call as bytes: what goes out on a fresh connection, and what the answer says.

A container runtime is asked for its version every minute: that is worth neither a child process nor a gRPC library.
Pure; whoever holds the socket sends and feeds.

Cannot see: the text of an error: header compression of answers is not decoded. A call that failed has no message.

Source: RFC 9113 (HTTP/2 frames), RFC 7541 (header literals without indexing), gRPC over HTTP/2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MAX_ANSWER_BYTES = 65_535  # HTTP/2's initial window: a server may not send more, and versions and names are short

_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _GOAWAY = 0, 1, 3, 4, 7
_END_STREAM, _END_HEADERS, _PADDED = 0x1, 0x4, 0x8
_STREAM = 1


def call(method: str, message: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Give the bytes of a whole unary call; `method` is `/package.Service/Method`, header names are lower case."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": method,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    } | dict(headers or {})
    block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())
    body = b"\x00" + len(message).to_bytes(4, "big") + message
    return (
        PREFACE
        + _frame(_SETTINGS, 0, 0, b"")
        + _frame(_HEADERS, _END_HEADERS, _STREAM, block)
        + _frame(_DATA, _END_STREAM, _STREAM, body)
    )


@dataclass(slots=True)
class Answer:
    """What a server sends back, fed as it comes.

    `speaks`: it has sent HTTP/2. `ended`: the call is over. `message`: the answer's bytes, none where the call failed.
    """

    speaks: bool = False
    ended: bool = False
    _pending: bytearray = field(default_factory=bytearray)
    _body: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """Take what was read.

        Raises:
            ValueError: where this is no HTTP/2.
        """
        self._pending += data
        while len(self._pending) >= 9:
            size = int.from_bytes(self._pending[:3], "big")
            kind, flags = self._pending[3], self._pending[4]
            stream = int.from_bytes(self._pending[5:9], "big") & 0x7FFFFFFF
            if size > MAX_ANSWER_BYTES or (not self.speaks and kind != _SETTINGS):
                raise ValueError("what listens there speaks no HTTP/2")
            if len(self._pending) < 9 + size:
                return
            payload = bytes(self._pending[9 : 9 + size])
            del self._pending[: 9 + size]
            self._take(kind, flags, stream, payload)

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        self.speaks = True
        if kind == _GOAWAY or (kind == _RST_STREAM and stream == _STREAM):
            self.ended = True
        if stream != _STREAM or kind not in (_DATA, _HEADERS):
            return
        if kind == _DATA:
            self._body += payload[1 : len(payload) - payload[0]] if flags & _PADDED else payload
        self.ended = self.ended or bool(flags & _END_STREAM)

    @property
    def message(self) -> bytes | None:
        """The first message of the answer, or none."""
        if len(self._body) < 5 or self._body[0] != 0:
            return None
        size = int.from_bytes(self._body[1:5], "big")
        return bytes(self._body[5 : 5 + size]) if len(self._body) >= 5 + size else None


def strings(message: bytes) -> dict[int, str]:
    """Give the text fields of a protobuf message by number, the last of each; other fields are passed over."""
    found: dict[int, str] = {}
    for number, value in _fields(message):
        if isinstance(value, bytes):
            found[number] = value.decode("utf-8", errors="replace")
    return found


def text_field(number: int, value: str) -> bytes:
    """Give one text field of a protobuf message."""
    raw = value.encode()
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def true_field(number: int) -> bytes:
    """Give one boolean field that is true."""
    return _varint(number << 3) + b"\x01"


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        if key & 7 == 0:
            value, at = _read_varint(message, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _read_varint(message, at)
            yield key >> 3, message[at : at + size]
            at += size
        else:
            return  # fixed-size fields stand in no message that is read here


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _text(value: str) -> bytes:
    """Give a header string without Huffman coding; RFC 7541 5.1's prefix of 7 bits."""
    raw = value.encode()
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    return b"\x7f" + _varint(len(raw) - 127) + raw


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
