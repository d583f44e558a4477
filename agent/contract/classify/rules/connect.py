"""Addresses that refuse, stay silent, or cannot be reached."""

from agent.contract.classify.rule import HINT, WORDS, Rule

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
        needle="connect: permission|permitted",
        pattern=r"dial tcp[46]? [^\s\"]{1,120}: connect: (?:operation not permitted|permission denied)",
        by="Go net; a local firewall's DROP in OUTPUT, a route that prohibits",
        example="dial tcp 10.0.0.5:443: connect: operation not permitted",
        transient=False,
    ),
    Rule(
        cause="connect_timeout",
        needle="dial tcp",
        pattern=r"dial tcp[46]?(?: [^\s\"]{1,120})?: (?:connect: )?(?:i/o timeout|connection timed out|operation "
        r"timed out|"
        r"connect timed out|no route to host|network is unreachable|network is down|host is (?:down|unreachable)|"
        r"cannot assign requested address|invalid argument|address not available|context deadline exceeded|protocol "
        r"not available)",
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
        needle="while awaiting",
        pattern=r"(?:(?:net/http: request canceled(?: while waiting for connection)?|context deadline exceeded) )?"
        r"\(?client\.timeout exceeded while awaiting(?: headers)?",
        by="Go net/http: the client's whole time is gone before an answer",
        example='Get "https://r.example.com/v2/": net/http: request canceled (Client.Timeout exceeded while '
        "awaiting headers)",
    ),
    Rule(
        cause="connect_timeout",
        needle="waiting for",
        pattern=r"(?:net/http: )?request canceled while waiting for connection",
        by="Go net/http",
        example='Get "https://r.example.com/v2/": net/http: request canceled while waiting for connection',
    ),
    Rule(
        cause="registry_unavailable",
        needle="read tcp|write tcp",
        pattern=r"(?:read|write) tcp[46]? [^\s\"]{3,160}: i/o timeout",
        by="Go net: connected, then silence",
        example='Get "https://r.example.com/v2/": read tcp 10.0.0.9:4711->10.0.0.5:443: i/o timeout',
    ),
    Rule(
        cause="connect_refused",
        needle="access permissions",
        pattern=r"an attempt was made to access a socket in a way forbidden by its access permissions",
        by="Windows, WSAEACCES: a local firewall",
        example="dial tcp 10.0.0.5:443: connectex: An attempt was made to access a socket in a way forbidden by its "
        "access permissions.",
        transient=False,
    ),
    Rule(
        cause="connect_refused",
        needle="econnrefused",
        pattern=r"(?:connect )?econnrefused(?: [0-9a-f.:\[\]]{3,50})?",
        by="Node.js",
        example="connect ECONNREFUSED 10.0.0.5:443",
    ),
    Rule(
        cause="connect_timeout",
        needle="properly respond",
        pattern=r"(?:a connection attempt failed because the )?connected party did not properly respond after a "
        r"period of time",
        by="Windows, WSAETIMEDOUT",
        example="dial tcp 10.0.0.5:443: connectex: A connection attempt failed because the connected party did not "
        "properly respond after a period of time, or established connection failed",
    ),
    Rule(
        cause="connect_timeout",
        needle="unreachable",
        pattern=r"socket operation was attempted to an unreachable (?:network|host)",
        by="Windows, WSAENETUNREACH and WSAEHOSTUNREACH",
        example="dial tcp 10.0.0.5:443: connectex: A socket operation was attempted to an unreachable network.",
    ),
    Rule(
        cause="connect_timeout",
        needle="etimedout|esockettimedout|ehostunreach|enetunreach",
        pattern=r"(?:connect )?(?:etimedout|esockettimedout|ehostunreach|enetunreach)",
        by="Node.js",
        example="connect ETIMEDOUT 10.0.0.5:443",
    ),
    Rule(
        cause="connect_timeout",
        needle="network timed",
        pattern=r"network timed out while trying to connect to",
        by="Docker up to 1.13",
        example="Network timed out while trying to connect to https://r.example.com/v1/repositories/a/images.",
    ),
    Rule(
        cause="connect_timeout",
        needle="connect to",
        pattern=r"(?:failed to connect|couldn't connect|unable to connect) to (?:server|[a-z0-9.-]{1,253} port \d{2,5})"
        r"[^\";\]]{0,80}",
        by="curl, why not said",
        example="curl: (7) Failed to connect to r.example.com port 443 after 30001 ms",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="upstream",
        pattern=r"upstream connect error or disconnect/reset before headers[^\"\]]{0,160}|no healthy upstream|upstream "
        r"request timeout",
        by="Envoy, Istio, in front of a registry",
        example="503 upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
    ),
    Rule(
        cause="registry_unavailable",
        needle="frame too large|frame header",
        pattern=r"http2: frame too large|frame header looked like an http/1\.1 header",
        by="Go net/http: an answer that is no HTTP/2",
        example='Get "https://r.example.com/v2/": http2: frame too large, note that the frame header looked like an '
        "HTTP/1.1 header",
    ),
    Rule(
        cause="connect_timeout",
        needle="need an http proxy",
        pattern=r"(?:unable to connect to [^\s\"]{3,120}\. )?do you need an http proxy",
        by="Docker Desktop: its own network gave up",
        example='Get "https://r.example.com/v2/": unable to connect to 10.0.0.5:443. Do you need an HTTP proxy?',
    ),
)
