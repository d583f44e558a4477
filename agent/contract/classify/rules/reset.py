"""Connections that are cut: reset, closed, or ended in the middle."""

from agent.contract.classify.rule import WORDS, Rule

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
        pattern=r"(?<=: )eof(?= \(|\"|\)|,|;|$| error:)",
        by="Go io: closed without an answer",
        example='pinging container registry r.example.com: Get "https://r.example.com/v2/": EOF',
    ),
    Rule(
        cause="connection_reset",
        needle="connection",
        pattern=r"(?:use of closed network connection|server closed idle connection|http2: client connection lost|"
        r"connection (?:closed by peer|was closed|aborted)|software caused connection abort|"
        r"client connection force closed)",
        by="Go net, net/http",
        example="http2: client connection lost",
    ),
    Rule(
        cause="connection_reset",
        needle="http2",
        pattern=r"http2: server sent goaway[^\";]{0,120}",
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
)
