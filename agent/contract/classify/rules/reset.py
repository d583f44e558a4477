"""Connections that are cut: reset, closed, or ended in the middle."""

from agent.contract.classify.rule import HINT, Rule

RULES = (
    Rule(
        cause="connection_reset",
        needle="reset",
        pattern=r"(?:(?:read|write) tcp[46]? [^\s\"]{3,160}: (?:read|write): )?connection (?:was )?reset(?: by peer)?",
        by="ECONNRESET",
        example="read tcp 10.0.0.9:4711->10.0.0.5:443: read: connection reset by peer",
    ),
    Rule(
        cause="connection_reset",
        needle="forcibly closed",
        pattern=r"existing connection was forcibly closed",
        by="Windows, WSAECONNRESET",
        example="wsarecv: An existing connection was forcibly closed by the remote host.",
    ),
    Rule(
        cause="connection_reset",
        needle="broken pipe",
        by="EPIPE",
        example="write tcp 10.0.0.9:4711->10.0.0.5:443: write: broken pipe",
    ),
    Rule(
        cause="connection_reset",
        needle="unexpected eof",
        by="Go io: the body ended early",
        example="Error writing blob: unexpected EOF",
    ),
    Rule(
        cause="connection_reset",
        needle="eof",
        pattern=r"(?<=[:\"] )eof(?= \(|[\"'),;\]}`]|\.?$|: | error:)",
        by="Go io: closed without an answer",
        example='pinging container registry r.example.com: Get "https://r.example.com/v2/": EOF',
    ),
    Rule(
        cause="connection_reset",
        needle="aborted|closed|http2|reply from|software",
        pattern=r"(?:use of closed(?: network)? connection|server closed idle connection|http2: client connection lost|"
        r"connection (?:closed by peer|was closed|aborted|unexpectedly closed)|software caused connection abort|"
        r"established connection was aborted|remote end closed connection without response|http2: response body closed|"
        r"client connection force closed|empty reply from server)",
        by="Go net, net/http, curl, Python, Windows",
        example="http2: client connection lost",
    ),
    Rule(
        cause="connection_reset",
        needle="http2",
        pattern=r"http2: (?:server sent goaway|transport received server's graceful shutdown goaway)[^\";]{0,120}",
        by="Go net/http",
        example="http2: server sent GOAWAY and closed the connection; LastStreamID=3",
    ),
    Rule(
        cause="connection_reset",
        needle="stream error",
        pattern=r"stream error: stream id \d{1,12}; [a-z_]{3,40}",
        by="Go net/http, HTTP/2",
        example="copying: stream error: stream ID 7; INTERNAL_ERROR; received from peer",
    ),
    Rule(
        cause="connection_reset",
        needle=(
            "compression_error|enhance_your|error: internal_error|flow_control|frame_size|inadequate|protocol_error"
        ),
        pattern=r"connection error: (?:protocol_error|internal_error|flow_control_error|frame_size_error|"
        r"compression_error|enhance_your_calm|inadequate_security)",
        by="Go net/http, HTTP/2",
        example='Get "https://r.example.com/v2/": connection error: PROTOCOL_ERROR',
    ),
    Rule(
        cause="connection_reset",
        needle="broken",
        pattern=r"http/1\.x transport connection broken",
        by="Go net/http, why follows",
        example='Get "https://r.example.com/v2/": net/http: HTTP/1.x transport connection broken: odd',
        weight=HINT,
    ),
    Rule(
        cause="connection_reset",
        needle="econnreset|epipe|socket hang",
        pattern=r"(?:read |write )?(?:econnreset|epipe)|socket hang up",
        by="Node.js",
        example="read ECONNRESET",
    ),
    Rule(
        cause="connection_reset",
        needle="transfer closed|prematurely",
        pattern=r"transfer closed with (?:\d{1,20} bytes remaining|outstanding read data remaining)[^\";]{0,40}|"
        r"upstream prematurely closed connection",
        by="curl, nginx",
        example="curl: (18) transfer closed with outstanding read data remaining",
    ),
)
