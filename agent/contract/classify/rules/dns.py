"""Names that do not resolve.

In Go everything after `lookup NAME on SERVER:` speaks of the resolver, `connection refused` and `i/o timeout` too.
"""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="dns_failed",
        needle="lookup ",
        pattern=r"(?:dial (?:tcp|udp)[46]?:? )?lookup [^\s,\"]{1,253}?(?: on [^\s,\"]{1,80}?)?: "
        r"(?!operation was canceled|[^\"]{0,80}context canceled)"
        r"[^\"\];]{0,160}(?:i/o timeout|connection refused|server misbehaving|temporary failure in name resolution|"
        r"try again|temporary error during hostname resolution)",
        by="Go net: the resolver is silent, refuses or fails",
        example="dial tcp: lookup r.example.com on 10.0.0.2:53: read udp 10.0.0.9:4711->10.0.0.2:53: i/o timeout",
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="lookup ",
        pattern=r"(?:dial (?:tcp|udp)[46]?:? )?lookup [^\s,\"]{1,253}?(?: on [^\s,\"]{1,80}?)?: "
        r"(?!operation was canceled|[^\"]{0,80}context canceled)[^\"\];]{1,160}",
        by="Go net",
        example='Get "https://r.example.com/v2/": dial tcp: lookup r.example.com on 10.0.0.2:53: no such host',
    ),
    Rule(
        cause="dns_failed",
        needle="lookup ",
        pattern=r"dial (?:tcp|udp)[46]?: lookup [^\s,\"]{1,253}(?: on [^\s,\"]{1,80})?:?(?=\"?$)",
        by="Go net, the message cut off",
        example='Get "https://r.example.com/v2/": dial tcp: lookup r.example.com on 10.0.0.2:53',
    ),
    Rule(cause="dns_failed", needle="no such host", by="Go net", example="dial tcp: r.example.com: no such host"),
    Rule(
        cause="dns_failed",
        needle="server misbehaving",
        by="Go net: SERVFAIL or REFUSED",
        example="failed to resolve reference: server misbehaving",
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="name resolution",
        pattern=r"(?:temporary failure in name resolution|name resolution (?:failed|failure|error))",
        by="glibc's getaddrinfo, EAI_AGAIN",
        example="dial tcp: Temporary failure in name resolution",
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="not known",
        pattern=r"(?:name or service|nodename nor servname provided, or|host(?:name)?|node name or service name) "
        r"not known",
        by="getaddrinfo of glibc, musl and macOS",
        example="dial tcp: lookup r.example.com: Name or service not known",
    ),
    Rule(
        cause="dns_failed",
        needle="could not",
        pattern=r"could not resolve (?:host|proxy)(?:name)?(?:: [^\s\"]{1,253})?",
        by="curl",
        example="curl: (6) Could not resolve host: r.example.com",
    ),
    Rule(
        cause="dns_failed",
        needle="getaddrinfo",
        pattern=r"getaddrinfo (?:enotfound|eai_again|failed)[^\";]{0,80}",
        by="Node.js and Python",
        example="getaddrinfo ENOTFOUND r.example.com",
    ),
    Rule(
        cause="dns_failed",
        needle="udp",
        pattern=r"(?:read|dial|write) udp [^\s\"]{3,120}:53: [^\";\]]{1,80}",
        by="Go net, the resolver's socket alone",
        example="read udp 10.0.0.9:4711->10.0.0.2:53: i/o timeout",
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="dns lookup|dns resolution|no answer|unmarshal",
        pattern=r"(?:no answer from dns server|cannot unmarshal dns message|dns (?:lookup|resolution) (?:failed|"
        r"failure|error))",
        by="Go net",
        example="lookup failed: cannot unmarshal DNS message",
        weight=WORDS,
    ),
    Rule(
        cause="dns_failed",
        needle="hostname resolution",
        pattern=r"(?:getaddrinfow: )?this is usually a temporary error during hostname resolution",
        by="Go net on Windows, WSATRY_AGAIN",
        example="dial tcp: lookup r.example.com: getaddrinfow: This is usually a temporary error during hostname "
        "resolution and means that the local server did not receive a response",
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="host is known|requested name",
        pattern=r"(?:getaddrinfow: )?(?:no such host is known|the requested name is valid, but no data of the "
        r"requested "
        r"type was found)",
        by="Windows, WSAHOST_NOT_FOUND and WSANO_DATA",
        example="No such host is known.",
    ),
    Rule(
        cause="dns_failed",
        needle="nxdomain",
        pattern=r"(?:server can't find [^\s\"]{1,253}: )?nxdomain",
        by="resolvers' logs, nslookup",
        example="** server can't find r.example.com: NXDOMAIN",
        weight=WORDS,
    ),
    Rule(
        cause="dns_failed",
        needle="servfail",
        pattern=r"(?:server can't find [^\s\"]{1,253}: )?servfail",
        by="resolvers' logs, nslookup",
        example="** server can't find r.example.com: SERVFAIL",
        weight=WORDS,
        transient=True,
    ),
    Rule(
        cause="dns_failed",
        needle="unknownhostexception|nameresolutionerror|address information|resolve host",
        pattern=r"(?:java\.net\.)?unknownhostexception(?:: [^\s\"]{1,253})?|nameresolutionerror|failed to lookup "
        r"address "
        r"information|(?:unable|failed) to resolve host(?:name| address)?",
        by="Java, Python, Rust, wget",
        example="dns error: failed to lookup address information",
    ),
    Rule(
        cause="dns_failed",
        needle="could not be resolved",
        pattern=r"could not be resolved(?: \(\d{1,3}: [a-z ]{3,40}\))?",
        by="nginx in front of a registry",
        example="r.example.com could not be resolved (110: Operation timed out)",
        transient=True,
    ),
)
