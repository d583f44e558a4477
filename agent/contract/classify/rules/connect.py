"""Addresses that do not answer, refuse, or cut the connection."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="connect_refused",
        needle="refused",
        pattern=r"(?:dial tcp[46]? [^\s\"]{1,120}: (?:connect(?:ex)?: |getsockopt: )?)?connection refused",
        by="Go net; ECONNREFUSED",
        example='Get "https://r.example.com/v2/": dial tcp 10.0.0.5:443: connect: connection refused',
    ),
    Rule(
        cause="connect_refused",
        needle="actively refused",
        pattern=r"target machine actively refused it",
        by="Windows, WSAECONNREFUSED",
        example="connectex: No connection could be made because the target machine actively refused it.",
    ),
    Rule(
        cause="connect_refused",
        needle="operation not permitted",
        pattern=r"dial tcp[46]? [^\s\"]{1,120}: connect: operation not permitted",
        by="Go net; a local firewall's DROP in OUTPUT",
        example="dial tcp 10.0.0.5:443: connect: operation not permitted",
        transient=False,
    ),
    Rule(
        cause="connect_timeout",
        needle="dial tcp",
        pattern=r"dial tcp[46]?(?: [^\s\"]{1,120})?: (?:connect: )?(?:i/o timeout|connection timed out|operation "
        r"timed out|"
        r"connect timed out|no route to host|network is unreachable|network is down|host is (?:down|unreachable)|"
        r"cannot assign requested address|address not available|context deadline exceeded|protocol not available)",
        by="Go net",
        example='Head "https://r.example.com/v2/a/manifests/1": dial tcp 10.0.0.5:443: i/o timeout',
    ),
    Rule(
        cause="connect_timeout",
        needle="unreachable",
        pattern=r"(?:network is|host is|destination (?:host|network)) unreachable",
        by="ENETUNREACH, EHOSTUNREACH",
        example="connect: network is unreachable",
        weight=WORDS,
    ),
    Rule(
        cause="connect_timeout",
        needle="no route to host",
        by="EHOSTUNREACH",
        example="connect: no route to host",
        weight=WORDS,
    ),
    Rule(
        cause="connect_timeout",
        needle="timed out",
        pattern=r"(?:connection|connect|operation) timed out",
        by="ETIMEDOUT, curl",
        example="connect: connection timed out",
        weight=WORDS,
    ),
    Rule(
        cause="connect_timeout",
        needle="i/o timeout",
        by="Go net, phase not said",
        example="failed to do request: i/o timeout",
        weight=WORDS,
    ),
    Rule(
        cause="connect_timeout",
        needle="client.timeout exceeded",
        pattern=r"(?:(?:net/http: request canceled(?: while waiting for connection)?|context deadline exceeded) )?"
        r"\(?client\.timeout exceeded while awaiting(?: headers)?",
        by="Go net/http: the client's whole time is gone before an answer",
        example='Get "https://r.example.com/v2/": net/http: request canceled (Client.Timeout exceeded while '
        "awaiting headers)",
    ),
    Rule(
        cause="connect_timeout",
        needle="while waiting for connection",
        pattern=r"(?:net/http: )?request canceled while waiting for connection",
        by="Go net/http",
        example='Get "https://r.example.com/v2/": net/http: request canceled while waiting for connection',
    ),
    Rule(
        cause="registry_unavailable",
        needle="i/o timeout",
        pattern=r"(?:read|write) tcp[46]? [^\s\"]{3,160}: i/o timeout",
        by="Go net: connected, then silence",
        example='Get "https://r.example.com/v2/": read tcp 10.0.0.9:4711->10.0.0.5:443: i/o timeout',
    ),
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
        pattern=r"stream error: stream id \d+; [a-z_]{3,40}",
        by="Go net/http, HTTP/2",
        example="copying: stream error: stream ID 7; INTERNAL_ERROR; received from peer",
    ),
)
