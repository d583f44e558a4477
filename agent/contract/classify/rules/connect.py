"""Addresses that refuse, stay silent, or cannot be reached."""

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
)
